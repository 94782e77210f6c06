import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { Random } from '../../src/gossip/random.ts'
import { checkDelays, type DelayDistribution, parseDelays } from '../../src/sim/delay-distribution.ts'
import { createDelays } from '../../src/sim/delays.ts'
import { LatencyMatrix } from '../../src/sim/latency/latency-matrix.ts'

const DRAWS = 100_000

/** Many delays from a distribution, the shortest first. */
function draw(distribution: DelayDistribution, count = DRAWS, seed = 1): Float64Array {
  const delays = createDelays(distribution, 2, new Random(seed))
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
    const delays = createDelays({ kind: 'lognormal', median: 1, sigma: 1 }, 2, new Random(3))
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
      near(mean / createDelays(each, 2, new Random(0)).mean, 1, 0.015)
    })
  }

  it('are never negative, always finite, and the same for the same seed', () => {
    fc.assert(
      fc.property(distribution, fc.nat(), (each, seed) => {
        const [delays, again] = [seed, seed].map(same => createDelays(each, 9, new Random(same)))

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

describe('delays over a latency matrix', () => {
  /** Every pair of hosts has a time of its own, so that a delay tells where its nodes are. */
  function numbered(hosts: number): LatencyMatrix {
    const rows = Array.from({ length: hosts }, (_, from) =>
      Array.from({ length: hosts }, (_, to) => 1_000 + from * hosts + to).join(' ')
    )
    return LatencyMatrix.parse(rows.join('\n'))
  }

  it('are half of the round trip, each way its own', () => {
    const delays = createDelays(LatencyMatrix.parse('0 10\n40 0'), 2, new Random(1))
    assert.deepEqual(new Set([delays.delay(0, 1), delays.delay(1, 0)]), new Set([5, 20]))
    assert.equal(delays.mean, 12.5)
  })

  it('are half of the shortest round trip between nodes at the same host', () => {
    const delays = createDelays(LatencyMatrix.parse('0 10\n40 0'), 4, new Random(1))
    const neighbour = [1, 2, 3].find(node => delays.delay(0, node) === delays.delay(node, 0))
    assert.ok(neighbour != null)
    assert.equal(delays.delay(0, neighbour), 5)
  })

  for (const nodes of [9, 10, 11, 25, 200]) {
    it(`come from hosts that ${nodes} nodes share as evenly as ten can be shared`, () => {
      const matrix = numbered(10)
      const delays = createDelays(matrix, nodes, new Random(nodes))
      const counts = new Array<number>(10).fill(0)

      for (let node = 0; node < nodes; node++) {
        // the host of a node is the row that all its delays are from
        const rows = new Set<number>()

        for (let other = 0; other < nodes; other++) {
          const at = delays.delay(node, other) * 2 - 1_000

          // the shortest round trip, of host 0 to host 1, is also that between neighbours
          if (at !== 1) {
            rows.add(Math.floor(at / 10))
          }
        }

        assert.equal(rows.size, 1)
        counts[[...rows][0]]++
      }

      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, String(counts))
    })
  }

  it('put nodes at other hosts for another seed, at the same for the same', () => {
    const matrix = numbered(10)
    const from = (seed: number) => {
      const delays = createDelays(matrix, 10, new Random(seed))
      return Array.from({ length: 9 }, (_, node) => delays.delay(node, node + 1))
    }
    assert.deepEqual(from(1), from(1))
    assert.notDeepEqual(from(1), from(2))
  })

  it('have the mean they say, where every host has a node', () => {
    const delays = createDelays(numbered(10), 10, new Random(2))
    let sum = 0

    for (let from = 0; from < 10; from++) {
      for (let to = 0; to < 10; to++) {
        sum += from === to ? 0 : delays.delay(from, to)
      }
    }

    near(sum / 90, delays.mean, 1e-9)
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
      assert.throws(() => createDelays(each, 2, new Random(1)), ParameterError)
    }
  })
})
