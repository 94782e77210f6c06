import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type AggregateOptions, aggregate } from '../../src/aggregation/aggregate.ts'
import { evaluate } from '../../src/aggregation/functions.ts'
import { type AggregationOptions, aggregationParameters } from '../../src/aggregation/parameters.ts'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { Crowd, mean, variance } from './crowd.ts'

const RANGE = { from: -10, to: 30 }
const BINS = 16
const AGGREGATES: AggregateOptions[] = [
  { name: 'average', function: 'average' },
  { name: 'sum', function: 'sum' },
  { name: 'size', function: 'count' },
  { name: 'variance', function: 'variance', range: RANGE },
  { name: 'minimum', function: 'minimum' },
  { name: 'maximum', function: 'maximum' },
  { name: 'histogram', function: 'histogram', range: RANGE, bins: BINS },
  { name: 'lower tenth', function: 'quantile', range: RANGE, bins: BINS, quantile: 0.1 },
  { name: 'median', function: 'median', range: RANGE, bins: BINS }
]

const close = (actual: number, expected: number, error: number) =>
  assert.ok(Math.abs(actual - expected) <= error, `${actual} is not ${expected}`)

describe('the functions', () => {
  it('say what everybody holds together, all of them in one exchange', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: RANGE.from, max: RANGE.to, noNaN: true }), { minLength: 2, maxLength: 60 }),
        values => {
          const crowd = new Crowd(values.length, { aggregates: AGGREGATES, epoch: 60 }, node => values[node])
          crowd.run(61)
          const sorted = [...values].sort((a, b) => a - b)
          const [average, sum, size, spread, minimum, maximum, , tenth, median] = AGGREGATES.map((_, i) =>
            crowd.results(i)
          )

          for (const node of values.keys()) {
            close(average[node], mean(values), 1e-6)
            close(size[node], values.length, 1e-4 * values.length)
            close(sum[node], mean(values) * values.length, 1e-2)
            close(spread[node], variance(values), 1e-5)
            assert.equal(minimum[node], sorted[0])
            assert.equal(maximum[node], sorted.at(-1))

            for (const [quantile, value] of [
              [0.1, tenth[node]],
              [0.5, median[node]]
            ]) {
              // on the edge of a gap, the last digit decides on which side
              if (!isEdge(values, quantile)) {
                close(value, binnedQuantile(values, quantile), 1e-2)
              }
            }
          }

          const histogram = crowd.protocol.result(0, 6)?.value as number[]
          histogram.forEach((part, bin) => {
            close(part, values.filter(value => binOf(value) === bin).length / values.length, 1e-6)
          })
        }
      ),
      { numRuns: 40 }
    )
  })

  it('keep the variance of values far from zero, where the range is known', () => {
    const crowd = new Crowd(
      500,
      { aggregates: [{ name: 'v', function: 'variance', range: { from: 1e9, to: 1e9 + 2 } }], size: false, epoch: 40 },
      node => 1e9 + (node % 3)
    )
    crowd.run(41)
    const expected = variance(Array.from({ length: 500 }, (_, node) => node % 3))
    close(crowd.results()[0], expected, 1e-9)
  })

  it('refuse what is no number in range at the door', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 31, 1e200]) {
      for (const range of [RANGE, ...(value === 31 ? [] : [undefined])]) {
        assert.throws(
          () => new Crowd(2, { aggregates: [{ name: 'load', function: 'average', range }], size: false }, () => value),
          (err: ParameterError) => err instanceof ParameterError && err.parameter === 'load'
        )
      }
    }
  })
})

describe('a quantile', () => {
  it('is read from what is left when some of the mass got lost', () => {
    const median = aggregate({ name: 'm', function: 'median', range: { from: 0, to: 4 }, bins: 4 })
    close(evaluate(median, Float64Array.of(0.2, 0.1, 0.05, 0.05), 0, 1) as number, 1, 1e-12)
    close(evaluate(median, Float64Array.of(0.1, 0, 0.2, 0), 0, 1) as number, 2.25, 1e-12)
  })
})

describe('the parameters of aggregation', () => {
  const wrong: [string, AggregationOptions][] = [
    ['epoch', { epoch: 3 }],
    ['retries', { retries: -1 }],
    ['instances', { instances: 0 }],
    ['instances', { size: false, instances: 4 }],
    ['size', { size: false, aggregates: [{ name: 'a', function: 'sum' }] }],
    ['range', { trimmed: true, aggregates: [{ name: 'a', function: 'average' }] }],
    ['aggregates', { aggregates: Array.from({ length: 33 }, (_, i) => ({ name: `${i}`, function: 'average' })) }],
    ['aggregates', { aggregates: [AGGREGATES[0], AGGREGATES[0]] }],
    ['cells', { aggregates: AGGREGATES, cells: 3 }],
    ['name', { aggregates: [{ name: '', function: 'average' }] }],
    ['function', { aggregates: [{ name: 'a', function: 'mode' as 'average' }] }],
    ['range', { aggregates: [{ name: 'a', function: 'median' }] }],
    ['range', { aggregates: [{ name: 'a', function: 'average', range: { from: 2, to: 2 } }] }],
    ['range', { aggregates: [{ name: 'a', function: 'average', range: { from: 0, to: Number.NaN } }] }],
    ['bins', { aggregates: [{ name: 'a', function: 'average', bins: 4 }] }],
    ['bins', { aggregates: [{ name: 'a', function: 'median', range: RANGE, bins: 1 }] }],
    ['quantile', { aggregates: [{ name: 'a', function: 'quantile', range: RANGE }] }],
    ['quantile', { aggregates: [{ name: 'a', function: 'quantile', range: RANGE, quantile: 1.5 }] }],
    ['quantile', { aggregates: [{ name: 'a', function: 'median', range: RANGE, quantile: 0.5 }] }]
  ]

  for (const [parameter, options] of wrong) {
    it(`are refused by name: ${parameter} of ${JSON.stringify(options).slice(0, 70)}`, () => {
      assert.throws(
        () => aggregationParameters(options),
        (err: ParameterError) => err instanceof ParameterError && err.parameter === parameter
      )
    })
  }
})

describe('aggregates that come and go', () => {
  const options: AggregationOptions = {
    aggregates: [{ name: 'a', function: 'average' }],
    cells: 8,
    size: false,
    epoch: 30
  }

  it('are exchanged among those who have them, from the next epoch on', () => {
    const crowd = new Crowd(60, options, (node, number) =>
      number === 1 && node < 20 ? undefined : node + 100 * number
    )
    const added = crowd.protocol.define(aggregate({ name: 'b', function: 'average' }))
    assert.equal(added, 1)
    crowd.run(15)
    assert.equal(crowd.protocol.estimate(40, added), undefined)
    crowd.run(46)
    close(crowd.results(0)[0], 29.5, 1e-3)

    for (const node of Array.from({ length: 60 }, (_, i) => i)) {
      const result = crowd.protocol.result(node, added)

      if (node < 20) {
        assert.equal(result, undefined)
      } else {
        close(result?.value as number, 139.5, 0.5)
      }
    }
  })

  it('conserve the sum among those who have them', () => {
    const crowd = new Crowd(60, options, (node, number) => (number === 1 && node % 3 === 0 ? undefined : node))
    const added = crowd.protocol.define(aggregate({ name: 'b', function: 'average' }))
    crowd.run(40)
    const held = crowd.members.filter(node => node % 3 !== 0)
    const sum = held.reduce((total, node) => total + (crowd.protocol.estimate(node, added)?.value as number), 0)
    close(
      sum,
      held.reduce((total, node) => total + node, 0),
      1e-9
    )
  })

  it('fit into a gap that is as wide as they are', () => {
    const crowd = new Crowd(
      2,
      {
        aggregates: [
          { name: 'a', function: 'average' },
          { name: 'b', function: 'variance' },
          { name: 'c', function: 'average' }
        ],
        cells: 5,
        size: false
      },
      node => node
    )
    const { protocol } = crowd
    protocol.withdraw(1)
    assert.equal(protocol.define(aggregate({ name: 'd', function: 'variance' })), 1)
    assert.equal(protocol.schema.first[1], 1)
    assert.equal(protocol.define(aggregate({ name: 'e', function: 'average' })), 3)
    assert.equal(protocol.schema.first[3], 4)
    protocol.withdraw(0)
    // the gap in front is too narrow
    assert.throws(() => protocol.define(aggregate({ name: 'f', function: 'variance' })), ParameterError)
  })

  it('leave their room to others, but nothing of what was in it', () => {
    const crowd = new Crowd(10, options, node => node)
    crowd.run(31)
    crowd.protocol.withdraw(0)
    assert.equal(crowd.protocol.result(3, 0), undefined)
    const wide = crowd.protocol.define(
      aggregate({ name: 'wide', function: 'histogram', range: { from: 0, to: 10 }, bins: 8 })
    )
    assert.equal(wide, 0)
    assert.equal(crowd.protocol.estimate(3, 0), undefined)
    assert.throws(() => crowd.protocol.define(aggregate({ name: 'b', function: 'average' })), ParameterError)
    assert.throws(() => crowd.protocol.define(aggregate({ name: 'wide', function: 'count' })), ParameterError)
    crowd.run(61)
    const { value } = crowd.protocol.result(3, 0) ?? {}
    close(
      (value as number[]).reduce((total, part) => total + part, 0),
      1,
      1e-9
    )
  })
})

function binOf(value: number): number {
  return Math.min(BINS - 1, Math.floor(((value - RANGE.from) / (RANGE.to - RANGE.from)) * BINS))
}

function isEdge(values: number[], quantile: number): boolean {
  const wanted = quantile * values.length
  return values.map(binOf).some(bin => Math.abs(values.filter(other => binOf(other) <= bin).length - wanted) < 1e-6)
}

/** Every value is taken to be spread over its bin. */
function binnedQuantile(values: number[], quantile: number): number {
  const width = (RANGE.to - RANGE.from) / BINS
  const bins = values.map(binOf).sort((a, b) => a - b)
  const wanted = quantile * values.length
  const bin = bins[Math.max(0, Math.ceil(wanted - 1e-9) - 1)]
  const below = bins.filter(other => other < bin).length
  return RANGE.from + width * (bin + (wanted - below) / bins.filter(other => other === bin).length)
}
