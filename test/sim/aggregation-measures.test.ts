import assert from 'node:assert/strict'
import fc from 'fast-check'
import { AGGREGATE_FUNCTIONS, aggregate } from '../../src/aggregation/aggregate.ts'
import { Random } from '../../src/gossip/random.ts'
import { ExactSum, medianOf, momentsOf } from '../../src/sim/aggregation/moments.ts'
import type { AggregationRunOptions } from '../../src/sim/aggregation/parameters.ts'
import { errorOf, numberOf, truthOf } from '../../src/sim/aggregation/truth.ts'
import { DISTRIBUTIONS, drawValues, rangeOf } from '../../src/sim/aggregation/values.ts'
import { AggregatedNetwork } from './aggregated-network.ts'

function sumOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** The middle, by the definition: as many below as above. */
function middleOf(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2
}

function assertNear(actual: number, expected: number, what: string): void {
  const isNear = Math.abs(actual - expected) <= 1e-9 * Math.max(1e-12, Math.abs(expected))
  assert.ok(Object.is(actual, expected) || isNear, `${what}: ${actual}, and plain counting finds ${expected}`)
}

describe('moments', () => {
  it('sums exactly, in whatever order', () => {
    const sum = new ExactSum()
    for (const value of [1, 1e100, 1, -1e100]) {
      sum.add(value)
    }
    assert.equal(sum.value, 2)

    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger(), { maxLength: 50 }), values => {
        const summed = new ExactSum()
        values.forEach(value => {
          summed.add(value)
        })
        const exact = values.reduce((total, value) => total + BigInt(value), 0n)
        assert.equal(summed.value, Number(exact) + 0)
      })
    )
  })

  it('see a billionth in a million', () => {
    const values = Float64Array.from({ length: 1_000_000 }, (_, i) => 1 + (i % 2 === 0 ? 1e-9 : -1e-9))
    const { mean, variance } = momentsOf(values)
    assert.ok(Math.abs(mean - 1) < 1e-15, `${mean}`)
    assert.ok(Math.abs(variance / 1e-18 - 1) < 1e-6, `${variance}`)
  })

  it('of nothing are none', () => {
    const { mean, variance } = momentsOf(new Float64Array(0))
    assert.deepEqual([mean, variance, medianOf(new Float64Array(0))], [Number.NaN, Number.NaN, Number.NaN])
  })

  it('have the middle in the middle', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }), values => {
        assert.equal(medianOf(Float64Array.from(values)) + 0, middleOf(values) + 0)
      })
    )
  })
})

describe('the truth', () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6]
  const of = (kind: (typeof AGGREGATE_FUNCTIONS)[number], more: object = {}) =>
    truthOf(
      aggregate({ name: 'value', function: kind, range: { from: 0, to: 10 }, ...more }),
      Float64Array.from(values)
    )

  it('is what somebody finds who knows all values', () => {
    assert.equal(of('average'), 31 / 8)
    assert.equal(of('sum'), 31)
    assert.equal(of('count'), 8)
    assert.ok(Math.abs((of('variance') as number) - (173 / 8 - (31 / 8) ** 2)) < 1e-12)
    assert.equal(of('minimum'), 1)
    assert.equal(of('maximum'), 9)
    assert.equal(of('median'), 3)
    assert.equal(of('quantile', { quantile: 0.75 }), 5)
    assert.equal(of('quantile', { quantile: 0 }), 1)
    assert.equal(of('quantile', { quantile: 0.9 }), 9)
    assert.deepEqual(of('histogram', { bins: 5 }), [2 / 8, 2 / 8, 2 / 8, 1 / 8, 1 / 8])
  })

  it('is what errors are parts of', () => {
    assert.equal(errorOf(3, 4), 0.25)
    assert.equal(errorOf(-5, -4), 0.25)
    assert.equal(errorOf(0, 0), 0)
    assert.ok(Number.isNaN(errorOf(1, 0)))
    // a quarter of the values is in a wrong bin
    assert.equal(errorOf([0.5, 0.25, 0.25], [0.25, 0.5, 0.25]), 0.25)
  })

  it('has of a histogram a mean', () => {
    const histogram = aggregate({ name: 'value', function: 'histogram', range: { from: -2, to: 2 }, bins: 2 })
    assert.equal(numberOf(histogram, [0.25, 0.75]), 0.5)
    assert.equal(numberOf(histogram, 7), 7)
  })
})

describe('what nodes hold', () => {
  for (const distribution of DISTRIBUTIONS) {
    it(`${distribution}: has the mean that it should, within its range, newcomers too`, () => {
      const values = drawValues(distribution, 1_000, 3_000, new Random(1))
      const { from, to } = rangeOf(distribution, 1_000)
      assert.ok(values.every(value => value >= from && value <= to))
      const expected = distribution === 'peak' ? [1, 0] : [0.5, 0.5]
      const means = [values.subarray(0, 1_000), values.subarray(1_000)].map(part => momentsOf(part).mean)
      means.forEach((mean, i) => {
        assert.ok(Math.abs(mean - expected[i]) < 0.03, `${mean}`)
      })
    })
  }

  it('is a peak at one node, or as even as can be', () => {
    assert.deepEqual([...drawValues('peak', 4, 6, new Random(1))], [4, 0, 0, 0, 0, 0])
    assert.deepEqual([...drawValues('linear', 4, 4, new Random(1))], [0.125, 0.375, 0.625, 0.875])
  })
})

describe('what is measured of aggregation', () => {
  const networks: AggregationRunOptions[] = [
    {},
    { distribution: 'peak', loss: 0.1, retries: 2 },
    { crash: [{ share: 0.3, round: 8 }], join: [{ share: 0.5, round: 13 }], distribution: 'linear' },
    { churn: 0.03, slow: { share: 0.1, factor: 3 } },
    { mode: 'events', jitter: 0.5 },
    // so few that two epochs are often as common
    { mode: 'events', jitter: 1, nodes: 4, view: 3, epoch: 4 },
    { mode: 'events', jitter: 1, nodes: 2, view: 2, epoch: 4 },
    { mode: 'events', delay: { kind: 'uniform', from: 50, to: 200 }, churn: 0.02, function: 'histogram', bins: 4 },
    { liars: 0.1 },
    { liars: 0.1, trimmed: true, loss: 0.1, function: 'histogram', bins: 3 },
    { partition: [{ from: 2, to: 22, parts: 2 }], loss: 0.2 },
    { crash: [{ share: 1, round: 17 }] },
    ...AGGREGATE_FUNCTIONS.map(kind => ({
      function: kind,
      crash: [{ share: 0.2, round: 11 }],
      ...(kind === 'quantile' ? { quantile: 0.9 } : {})
    }))
  ]

  for (const options of networks) {
    it(`${JSON.stringify(options)}: is what plain counting finds`, () => {
      const crowd = new AggregatedNetwork({ nodes: 60, view: 10, rounds: 40, epoch: 10, ...options })
      const { protocol, values, meter } = crowd
      const [one] = protocol.parameters.aggregates
      let before = { round: 0, epoch: Number.NaN, variance: Number.NaN }

      for (let round = 0; round <= 40; round += 4) {
        const measured = meter.measure(round)
        const living = crowd.living()
        const honest = living.filter(node => !crowd.isLiar(node))
        const epochs = honest.map(node => protocol.epoch(node)).filter(epoch => epoch !== -1)
        const frequency = (epoch: number) => epochs.filter(other => other === epoch).length
        const most = Math.max(...epochs.map(frequency))
        const epoch = epochs.length === 0 ? Number.NaN : Math.max(...epochs.filter(one => frequency(one) === most))
        const participants = honest.filter(node => protocol.epoch(node) === epoch)
        assert.equal(measured.epoch, epoch)
        assert.equal(measured.participants, participants.length)
        assert.equal(measured.living, living.length)

        const said = participants.map(node => protocol.estimate(node, 0)?.value ?? Number.NaN)
        const numbers = said.map(value => numberOf(one, value))
        const mean = sumOf(numbers) / numbers.length
        const variance = sumOf(numbers.map(number => (number - mean) ** 2)) / numbers.length
        const isKnown = epoch === before.epoch && before.variance > 0
        const factor = isKnown ? Math.exp(Math.log(variance / before.variance) / (round - before.round)) : Number.NaN
        assertNear(measured.mean, mean, 'mean')
        assertNear(measured.variance, variance, 'variance')
        assertNear(measured.varianceFactor, factor, 'varianceFactor')
        assertNear(measured.relativeSpread, Math.sqrt(variance) / Math.abs(mean), 'relativeSpread')
        before = { round, epoch, variance }

        const truth = truthOf(
          one,
          Float64Array.from(living, node => values[node])
        )
        const results = honest.flatMap(node => protocol.result(node, 0)?.value ?? [])
        const bins = Math.max(1, one.function === 'histogram' ? one.bins : 1)
        const finished = Array.from({ length: results.length / bins }, (_, i) =>
          one.function === 'histogram' ? results.slice(i * bins, (i + 1) * bins) : results[i]
        )
        const error = (all: Array<number | number[]>) =>
          all.length === 0 ? Number.NaN : middleOf(all.map(value => errorOf(value, truth)))
        assertNear(measured.estimateError, error(said), 'estimateError')
        assertNear(measured.resultError, error(finished), 'resultError')

        const isMass = one.function === 'average' || one.function === 'histogram'
        const held = crowd.everybody().flatMap(node => {
          const here = protocol.epoch(node) === epoch ? protocol.estimate(node, 0) : undefined
          const result = protocol.result(node, 0)
          const value = here?.value ?? (result?.epoch === epoch ? result.value : undefined)
          return value == null ? [] : [{ node, cells: [value].flat() }]
        })
        const binOf = (value: number) => Math.min(bins - 1, Math.floor(value * bins))
        const own = (node: number, cell: number) => (bins === 1 ? values[node] : binOf(values[node]) === cell ? 1 : 0)
        const sums = Array.from({ length: bins }, (_, cell) => ({
          now: sumOf(held.map(({ cells }) => cells[cell])),
          before: sumOf(held.map(({ node }) => own(node, cell)))
        }))
        const all = sumOf(sums.map(({ before }) => before))
        const changed = sumOf(sums.map(({ now, before }) => Math.abs(now - before)))
        const mass = isMass && all !== 0 ? changed / all : Number.NaN
        // plain sums are off by as much as is left when nothing is lost
        const isNear = Object.is(measured.massError, mass) || Math.abs(measured.massError - mass) < 1e-12
        assert.ok(isNear, `massError: ${measured.massError}, and plain counting finds ${mass}`)

        crowd.advance(4)
      }
    })
  }

  it('changes nothing', () => {
    const [watched, alone] = [1, 40].map(every => {
      const crowd = new AggregatedNetwork({
        nodes: 50,
        view: 10,
        rounds: 40,
        loss: 0.1,
        function: 'median',
        retries: 2
      })
      for (let round = 0; round < 40; round += every) {
        crowd.meter.measure(round)
        crowd.advance(every)
      }
      return crowd.living().map(node => crowd.protocol.estimate(node, 0)?.value)
    })
    assert.deepEqual(watched, alone)
  })
})
