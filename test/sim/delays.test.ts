import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { Random } from '../../src/gossip/random.ts'
import { checkDelays, type DelayDistribution, parseDelays } from '../../src/sim/delay-distribution.ts'
import { createDelays } from '../../src/sim/delays.ts'

const DRAWS = 100_000

/** Many delays from a distribution, the shortest first. */
function draw(distribution: DelayDistribution, count = DRAWS, seed = 1): Float64Array {
  const delays = createDelays(distribution, new Random(seed))
  return Float64Array.from({ length: count }, () => delays.delay(0, 1)).sort()
}

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`)
}

/** Of 100,000 draws, the share below a quantile is off by more than 0.005 once in a thousand runs at most. */
function assertQuantiles(sorted: Float64Array, quantiles: Record<number, number>): void {
  for (const [share, quantile] of Object.entries(quantiles)) {
    near(sorted.filter(delay => delay < quantile).length / sorted.length, Number(share), 0.005)
  }
}

const time = fc.double({ min: 0, max: 3_600_000, noNaN: true })
const distribution: fc.Arbitrary<DelayDistribution> = fc.oneof(
  fc.record({ kind: fc.constant('constant' as const), time }),
  fc.tuple(time, time).map(([a, b]) => ({ kind: 'uniform' as const, from: Math.min(a, b), to: Math.max(a, b) })),
  fc.record({ kind: fc.constant('exponential' as const), mean: time }),
  fc.record({
    kind: fc.constant('lognormal' as const),
    median: time,
    sigma: fc.double({ min: 0, max: 5, noNaN: true })
  })
)

describe('delays from a distribution', () => {
  it('constant: are all the same', () => {
    assert.deepEqual(new Set(draw({ kind: 'constant', time: 12.5 }, 100)), new Set([12.5]))
  })

  it('uniform: lie between the bounds, evenly', () => {
    const sorted = draw({ kind: 'uniform', from: 10, to: 110 })
    assert.ok(sorted[0] >= 10 && sorted[DRAWS - 1] <= 110)
    assertQuantiles(sorted, { 0.1: 20, 0.25: 35, 0.5: 60, 0.75: 85, 0.9: 100 })
  })

  it('exponential: have the quantiles -mean ln(1 - p)', () => {
    const quantile = (p: number) => -50 * Math.log(1 - p)
    assertQuantiles(draw({ kind: 'exponential', mean: 50 }), {
      0.1: quantile(0.1),
      0.5: quantile(0.5),
      0.9: quantile(0.9),
      0.99: quantile(0.99)
    })
  })

  it('log-normal: have a normal logarithm', () => {
    const quantile = (deviations: number) => 50 * Math.exp(0.5 * deviations)
    // of the standard normal distribution
    assertQuantiles(draw({ kind: 'lognormal', median: 50, sigma: 0.5 }), {
      0.00135: quantile(-3),
      0.02275: quantile(-2),
      0.15866: quantile(-1),
      0.5: 50,
      0.84134: quantile(1),
      0.97725: quantile(2),
      0.99865: quantile(3)
    })
  })

  it('log-normal: one draw says nothing about the next', () => {
    const delays = createDelays({ kind: 'lognormal', median: 1, sigma: 1 }, new Random(3))
    const normal = Float64Array.from({ length: DRAWS }, () => Math.log(delays.delay(0, 1)))
    const correlation = (f: (x: number) => number) =>
      normal.subarray(1).reduce((sum, x, i) => sum + f(x) * f(normal[i]), 0) / DRAWS
    // standard errors: 0.0032 and 0.0063
    near(
      correlation(x => x),
      0,
      0.012
    )
    near(
      correlation(x => x * x - 1),
      0,
      0.024
    )
  })

  for (const each of [
    { kind: 'constant', time: 70 },
    { kind: 'uniform', from: 0, to: 90 },
    { kind: 'exponential', mean: 80 },
    { kind: 'lognormal', median: 50, sigma: 0.8 }
  ] as const) {
    it(`${each.kind}: have the mean they say`, () => {
      const sorted = draw(each)
      const mean = sorted.reduce((sum, delay) => sum + delay, 0) / DRAWS
      near(mean / createDelays(each, new Random(0)).mean, 1, 0.015)
    })
  }

  it('are never negative, always finite, and the same for the same seed', () => {
    fc.assert(
      fc.property(distribution, fc.nat(), (each, seed) => {
        const [delays, again] = [seed, seed].map(same => createDelays(each, new Random(same)))

        for (let i = 0; i < 100; i++) {
          const delay = delays.delay(i % 9, (i * 7) % 9)
          assert.ok(delay >= 0 && delay < Infinity, String(delay))
          assert.equal(again.delay(i % 9, (i * 7) % 9), delay)
        }
      })
    )
  })

  it('differ for another seed', () => {
    assert.notDeepEqual(draw({ kind: 'exponential', mean: 1 }, 9, 1), draw({ kind: 'exponential', mean: 1 }, 9, 2))
  })
})

describe('delays from round-trip times', () => {
  it('are half of them, each way its own', () => {
    const delays = createDelays({ mean: 25, roundTrip: (from, to) => 10 * from + to }, new Random(1))
    assert.deepEqual([delays.delay(1, 2), delays.delay(2, 1)], [6, 10.5])
    assert.equal(delays.mean, 12.5)
  })

  it('change with them', () => {
    const roundTrips = { mean: 10, roundTrip: () => roundTrips.mean }
    const delays = createDelays(roundTrips, new Random(1))
    roundTrips.mean = 30
    assert.deepEqual([delays.delay(0, 1), delays.mean], [15, 15])
  })
})

describe('delays in words', () => {
  const right: Record<string, DelayDistribution> = {
    '50': { kind: 'constant', time: 50 },
    '50ms': { kind: 'constant', time: 50 },
    '0': { kind: 'constant', time: 0 },
    '0.5ms': { kind: 'constant', time: 0.5 },
    '1.5s': { kind: 'constant', time: 1_500 },
    '1h': { kind: 'constant', time: 3_600_000 },
    '10ms..100ms': { kind: 'uniform', from: 10, to: 100 },
    '10..100': { kind: 'uniform', from: 10, to: 100 },
    '0.5..1.5s': { kind: 'uniform', from: 0.5, to: 1_500 },
    '7..7': { kind: 'uniform', from: 7, to: 7 },
    'exponential:50ms': { kind: 'exponential', mean: 50 },
    'lognormal:50ms,0.5': { kind: 'lognormal', median: 50, sigma: 0.5 },
    'lognormal:1m,0': { kind: 'lognormal', median: 60_000, sigma: 0 }
  }

  for (const [text, expected] of Object.entries(right)) {
    it(`understands ${text}`, () => {
      assert.deepEqual(parseDelays(text), expected)
    })
  }

  const none = [
    ...['', 'fast', '-5', '50 ms', '50sec', '1e3', '..', '10..', '..10', '1..2..3', '10.5.5', '0x10', '5\n6'],
    ...['normal:50', 'exponential:', 'exponential:1..2', 'lognormal:50', 'lognormal:50,', 'lognormal:50,1,2']
  ]

  for (const text of none) {
    it(`says that "${text.replace('\n', '\\n')}" is no delay, with examples`, () => {
      assert.throws(() => parseDelays(text), {
        message: `"${text}" is not a delay (examples: 50ms, 10ms..100ms, exponential:50ms, lognormal:50ms,0.5)`
      })
    })
  }

  const impossible: Record<string, string> = {
    '2h': '7200000 ms is not a time from 0 to 3600000 ms',
    '1..2h': '7200000 ms is not a time from 0 to 3600000 ms',
    '100ms..10ms': 'from 100 ms down to 10 ms: the shorter comes first',
    'exponential:2h': '7200000 ms is not a time from 0 to 3600000 ms',
    'lognormal:2h,1': '7200000 ms is not a time from 0 to 3600000 ms',
    'lognormal:50ms,5.1': 'sigma 5.1 is not from 0 to 5'
  }

  for (const [text, why] of Object.entries(impossible)) {
    it(`says what is wrong with ${text}`, () => {
      assert.throws(() => parseDelays(text), { message: `"${text}": ${why}` })
    })
  }

  it('hold for a distribution that comes as an object, too', () => {
    const wrong: Record<string, DelayDistribution> = {
      'delay: NaN ms is not a time from 0 to 3600000 ms': { kind: 'constant', time: Number.NaN },
      'delay: -1 ms is not a time from 0 to 3600000 ms': { kind: 'uniform', from: -1, to: 5 },
      'delay: sigma -1 is not from 0 to 5': { kind: 'lognormal', median: 5, sigma: -1 },
      'delay: there is no such distribution (examples: 50ms, 10ms..100ms, exponential:50ms, lognormal:50ms,0.5)':
        JSON.parse('{ "kind": "gamma" }')
    }

    for (const [message, each] of Object.entries(wrong)) {
      assert.throws(() => checkDelays(each), { name: 'ParameterError', message })
      assert.throws(() => createDelays(each, new Random(1)), ParameterError)
    }
  })
})
