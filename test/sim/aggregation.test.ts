import assert from 'node:assert/strict'
import { AGGREGATE_FUNCTIONS } from '../../src/aggregation/aggregate.ts'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { type AggregationRunOptions, parseRange } from '../../src/sim/aggregation/parameters.ts'
import { aggregation } from '../../src/sim/experiments/index.ts'
import type { NetworkOptions } from '../../src/sim/parameters.ts'
import { simulate } from '../../src/sim/simulate.ts'
import { AggregatedNetwork } from './aggregated-network.ts'

const NODES = 1_000

/** What was measured after each round, by its number. */
async function roundsOf(options: AggregationRunOptions, seed = 1) {
  const { rounds } = await simulate(aggregation, { nodes: NODES, ...options }, { seed })
  return rounds
}

/** What was measured at the start and at the end, after 30 rounds unless said otherwise. */
async function endsOf(options: AggregationRunOptions, seed = 1) {
  const { rounds } = await simulate(aggregation, { nodes: NODES, ...options }, { seed, measureEvery: 1_000 })
  return rounds
}

describe('aggregation over peer sampling', () => {
  const variants: NetworkOptions[] = [{}, { preset: 'cyclon' }, { preset: 'swapper' }]

  for (const variant of variants) {
    it(`${JSON.stringify(variant)}: leaves of the variance what theory says, and all of the sum`, async () => {
      const [before, after] = await endsOf({ ...variant, nodes: 4_000 })
      const factor = (after.variance / before.variance) ** (1 / 30)
      assert.ok(Math.abs(factor * 2 * Math.sqrt(Math.E) - 1) < 0.05, `${factor}`)
      assert.ok(after.relativeSpread < 1e-7, `${after.relativeSpread}`)
      assert.ok(after.estimateError < 1e-7, `${after.estimateError}`)
      assert.ok(after.massError < 1e-9)
    })
  }

  for (const kind of AGGREGATE_FUNCTIONS) {
    it(`finds the ${kind} of what the nodes hold`, async () => {
      const [before, after] = await endsOf({
        function: kind,
        distribution: 'linear',
        bins: ['histogram', 'quantile', 'median'].includes(kind) ? 64 : undefined,
        quantile: kind === 'quantile' ? 0.9 : undefined
      })
      assert.ok(before.estimateError > 0.1, `${before.estimateError}`)
      assert.ok(after.estimateError < (kind === 'quantile' || kind === 'median' ? 0.01 : 1e-5))
      assert.equal(after.participants, NODES)
    })
  }

  /** [distribution, retries]: what is lost of a peak in its first exchanges is lost without repetitions. */
  for (const [distribution, retries] of [
    ['uniform', 0],
    ['peak', 5],
    ['peak', 8]
  ] as const) {
    it(`errs by less than 1 % where a tenth of all messages is lost: ${distribution}, retries ${retries}`, async () => {
      for (const seed of [1, 2]) {
        const [, { estimateError, massError }] = await endsOf({ nodes: 2_500, distribution, retries, loss: 0.1 }, seed)
        assert.ok(estimateError < 0.01, `${estimateError}`)
        assert.ok(massError > 1e-9, `${massError}`)
      }
    })
  }

  it('is right again in the epoch after half have crashed', async () => {
    const rounds = await roundsOf({ crash: [{ share: 0.5, round: 15 }], rounds: 61 })
    assert.ok(rounds[30].estimateError > 1e-5, 'nobody knows yet that their values are gone')
    assert.ok(rounds[60].estimateError < 1e-6, `${rounds[60].estimateError}`)
    assert.deepEqual([rounds[60].participants, rounds[60].epoch], [NODES / 2, 1])
    assert.equal(rounds[61].resultError, rounds[60].estimateError)
    // what the dead took with them is no error of the exchanges
    assert.ok(rounds.every(({ massError }) => massError < 1e-9))
  })

  it('is not disturbed by those who join in mid-epoch, who take part in the next', async () => {
    const rounds = await roundsOf({ join: [{ share: 0.5, round: 10 }], rounds: 55 })
    assert.ok(
      rounds.slice(11, 28).every(({ participants, living }) => participants === NODES && living === 1.5 * NODES)
    )
    assert.ok(rounds.every(({ massError }) => massError < 1e-9))
    assert.ok(rounds[28].relativeSpread < 1e-6)
    assert.equal(rounds[45].participants, 1.5 * NODES)
    assert.ok(rounds[55].estimateError < 1e-5, `${rounds[55].estimateError}`)
  })

  it('keeps on counting where a part is replaced in each round', async () => {
    const rounds = await roundsOf({ churn: 0.005, function: 'count', rounds: 100 })
    const results = rounds.slice(32).map(({ resultError }) => resultError)
    assert.ok(Math.max(...results) < 0.3, `${Math.max(...results)}`)
    assert.ok(rounds[100].epoch >= 3)
    assert.ok(rounds[100].participants < NODES, 'newcomers wait')
  })

  it('conserves the sum where exchanges overlap, but for those that are under way', async () => {
    const delay = { kind: 'uniform' as const, from: 100, to: 100 }
    const crowd = new AggregatedNetwork({ nodes: NODES, mode: 'events', delay, rounds: 28 })
    const { protocol, meter, values } = crowd
    const { respond, absorb } = protocol
    const cellOf = (node: number) => protocol.estimate(node, 0)?.value as number
    /** By who asked: what the exchange that has not come back yet has given to the other end. */
    const open = new Map<number, number>()
    let overlaps = 0

    protocol.respond = (node, from, request, out) => {
      const before = cellOf(node)
      const hasAnswered = respond.call(protocol, node, from, request, out)
      overlaps += hasAnswered ? 0 : 1

      if (hasAnswered) {
        open.set(from, cellOf(node) - before)
      }

      return hasAnswered
    }
    protocol.absorb = (node, from, request, reply) => {
      const before = cellOf(node)
      absorb.call(protocol, node, from, request, reply)
      const given = open.get(node) as number
      open.delete(node)
      assert.ok(Math.abs(cellOf(node) - before + given) < 1e-15, 'one end gets what the other one gives')
    }

    const total = values.reduce((sum, value) => sum + value, 0)
    let most = 0

    for (let round = 1; round <= 28; round++) {
      crowd.advance(1)
      const { massError } = meter.measure(round)
      const missing = [...open.values()].reduce((sum, given) => sum + given, 0)
      assert.ok(Math.abs(massError - Math.abs(missing / total)) < 1e-12, `${massError}, ${missing / total}`)
      most = Math.max(most, massError)
    }

    assert.ok(overlaps > NODES && most > 1e-6, `${overlaps}, ${most}`)
    assert.ok(meter.measure(28).massError < 1e-7)
  })

  it('has a factor of no round in which an epoch began', async () => {
    const rounds = await roundsOf({ epoch: 10, rounds: 25 })
    const unknown = rounds.filter(({ varianceFactor }) => Number.isNaN(varianceFactor)).map(({ round }) => round)
    assert.deepEqual(unknown, [0, 11, 21])
    assert.deepEqual(
      rounds.map(({ epoch }) => epoch),
      [0, ...Array.from({ length: 25 }, (_, i) => Math.floor(i / 10))]
    )
  })

  it('takes the factor per round, however seldom it is measured', async () => {
    const options = { nodes: NODES, rounds: 20 }
    const { rounds } = await simulate(aggregation, options)
    const { final } = await simulate(aggregation, options, { measureEvery: 20 })
    const product = rounds.slice(1).reduce((all, { varianceFactor }) => all * varianceFactor, 1)
    assert.ok(Math.abs(final.varianceFactor / product ** (1 / 20) - 1) < 1e-9)
  })
})

describe('liars', () => {
  const LIES: AggregationRunOptions = { liars: 0.005 }

  it('draw an average toward the end of the range, and far less in mode trimmed', async () => {
    const errors = await Promise.all(
      [{ liars: 0 }, { trimmed: true, liars: 0 }, {}, { trimmed: true }].map(async options => {
        const [, { estimateError }] = await endsOf({ ...LIES, ...options })
        return estimateError
      })
    )
    const [honest, honestTrimmed, lied, trimmed] = errors
    assert.ok(honest < 1e-6 && honestTrimmed < 1e-6, `${errors}`)
    assert.ok(lied > 0.08, `${errors}`)
    // about three ranges for each of them
    assert.ok(trimmed > 0.005 && trimmed < 0.05, `${errors}`)
  })

  it('are not among those whose estimates count', async () => {
    const [{ participants, living, massError }] = await roundsOf({ liars: 0.25, rounds: 4, epoch: 4 })
    assert.deepEqual([participants, living, massError], [0.75 * NODES, NODES, 0])
  })

  it('are drawn from all that are there at the start but node 0', () => {
    const liarsOf = (seed: number) => {
      const crowd = new AggregatedNetwork({ nodes: 100, view: 10, liars: 0.3, join: [{ share: 1, round: 1 }] }, seed)
      return Array.from({ length: 200 }, (_, node) => node).filter(node => crowd.isLiar(node))
    }

    const draws = Array.from({ length: 100 }, (_, i) => liarsOf(i + 1))
    assert.ok(draws.every(({ length }) => length === 30))
    const drawn = new Set(draws.flat())
    assert.deepEqual([drawn.size, drawn.has(0), Math.max(...drawn)], [99, false, 99])
  })

  it('let newcomers wait as all do', async () => {
    const rounds = await roundsOf({ liars: 0.1, join: [{ share: 0.5, round: 3 }], rounds: 9, epoch: 12 })
    assert.ok(rounds.every(({ participants }) => participants === 0.9 * NODES))
    assert.equal(rounds[9].living, 1.5 * NODES)
  })

  it('claim the end of the range that is declared', async () => {
    const means = await Promise.all(
      [1, 100].map(async to => (await endsOf({ liars: 0.5, range: { from: 0, to } }))[1].mean)
    )
    assert.ok(means[0] > 0.95 && means[0] <= 1, `${means}`)
    assert.ok(means[1] > 95 && means[1] <= 100, `${means}`)
  })
})

describe('the parameters of aggregation', () => {
  const wrong: Array<[options: AggregationRunOptions, parameter: string]> = [
    [{ function: 'mode' as 'median' }, 'function'],
    [{ function: 'quantile' }, 'quantile'],
    [{ quantile: 0.5 }, 'quantile'],
    [{ bins: 10 }, 'bins'],
    [{ function: 'median', bins: 1 }, 'bins'],
    [{ range: { from: 0.1, to: 1 } }, 'range'],
    [{ range: { from: 0, to: 1 }, distribution: 'peak' }, 'range'],
    [{ range: { from: 1, to: 0 } }, 'range'],
    [{ distribution: 'normal' as 'peak' }, 'distribution'],
    [{ epoch: 3 }, 'epoch'],
    [{ retries: 65 }, 'retries'],
    [{ instances: 8 }, 'instances'],
    [{ liars: 1.5 }, 'liars'],
    [{ liars: Number.NaN }, 'liars'],
    [{ liars: 1 }, 'liars'],
    [{ liars: 0.1, function: 'count' }, 'liars'],
    [{ nodes: 1 }, 'nodes'],
    [{ nodes: 2_000_000, function: 'histogram', bins: 256 }, 'nodes'],
    [{ rounds: 0 }, 'rounds']
  ]

  for (const [options, parameter] of wrong) {
    it(`${JSON.stringify(options)}: ${parameter} is impossible`, () => {
      assert.throws(
        () => aggregation.parameters(options),
        (err: unknown) => err instanceof ParameterError && err.parameter === parameter
      )
    })
  }

  it('are told in the words in which they are asked for', () => {
    const describe = (options: AggregationRunOptions) => aggregation.describe(aggregation.parameters(options))
    const { function: kind, distribution, range, epoch, rounds, retries, trimmed, liars, nodes } = describe({})
    assert.deepEqual(
      [kind, distribution, range, epoch, rounds, retries, trimmed, liars, nodes],
      ['average', 'uniform', '0..1', 30, 30, 0, false, 0, 10_000]
    )
    assert.equal(describe({ distribution: 'peak', nodes: 50 }).range, '0..50')
    assert.equal(describe({ function: 'quantile', quantile: 0.1 }).quantile, 0.1)
    assert.equal(describe({ function: 'median' }).bins, 32)
    assert.equal(describe({ function: 'sum' }).instances, 16)
    assert.equal('instances' in describe({}), false)
  })

  it('have a range between two numbers', () => {
    assert.deepEqual(parseRange('0..1'), { from: 0, to: 1 })
    assert.deepEqual(parseRange('-1.5..2e3'), { from: -1.5, to: 2_000 })

    for (const text of ['', '1', '0..', '0:1', 'a..b', '0..1..2']) {
      assert.throws(() => parseRange(text), /is not a range of values \(example: 0\.\.1\)/)
    }
  })
})
