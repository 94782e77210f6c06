import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { Random } from '../../src/gossip/random.ts'
import { nextBits, normal, pairBits } from '../../src/sim/latency/pairs.ts'
import { createRoundTrips, type RoundTrips } from '../../src/sim/latency/round-trips.ts'
import { TOPOLOGIES, type Topology } from '../../src/sim/latency/topologies.ts'

function generated(topology: Topology, nodes: number, seed = 1): RoundTrips {
  return createRoundTrips(topology, nodes, new Random(seed))
}

/** The times of all pairs. */
function pairsOf({ roundTrip }: RoundTrips, nodes: number): number[] {
  const times: number[] = []

  for (let from = 0; from < nodes; from++) {
    for (let to = 0; to < from; to++) {
      times.push(roundTrip(from, to))
    }
  }

  return times
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values)
  return Math.sqrt(meanOf(values.map(value => (value - mean) ** 2)))
}

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`)
}

/** A point in a plane. */
type Point = [x: number, y: number]

function apart([x, y]: Point, [u, v]: Point): number {
  return Math.hypot(x - u, y - v)
}

/** The known answers, from points in a plane. */
const KNOWN: Partial<Record<Topology, (from: number, to: number, nodes: number) => number>> = {
  line: (from, to) => apart([10 * from, 0], [10 * to, 0]),
  grid(from, to, nodes) {
    const side = Math.floor(Math.sqrt(nodes))
    const point = (node: number): Point => [10 * (node % side), 10 * Math.floor(node / side)]
    return apart(point(from), point(to))
  },
  halves: (from, to, nodes) => ([from, to].filter(node => node < nodes / 2).length === 1 ? 11 : 1),
  circle(from, to, nodes) {
    const angle = (node: number) => (2 * Math.PI * node) / nodes
    const point = (node: number): Point => [100 * Math.cos(angle(node)), 100 * Math.sin(angle(node))]
    return from === 0 || to === 0 ? 200 : apart(point(from), point(to))
  }
}

describe('generated round-trip times', () => {
  for (const topology of TOPOLOGIES) {
    it(`${topology}: are the same either way, above zero, finite, and the same for the same seed`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 2, max: 5_000 }), fc.nat(), fc.nat(), fc.nat(), (nodes, seed, a, b) => {
          const [from, to] = [a % nodes, b % nodes]
          fc.pre(from !== to)
          const roundTrips = generated(topology, nodes, seed)
          const time = roundTrips.roundTrip(from, to)
          assert.ok(time > 0 && time < Infinity, String(time))
          assert.equal(roundTrips.roundTrip(to, from), time)
          assert.equal(generated(topology, nodes, seed).roundTrip(from, to), time)
        })
      )
    })

    it(`${topology}: have the mean they say, of few nodes exactly and of many nearly`, () => {
      for (const nodes of [2, 3, 25, 140, 600]) {
        const roundTrips = generated(topology, nodes, nodes)
        const mean = meanOf(pairsOf(roundTrips, nodes))
        near(roundTrips.mean / mean, 1, nodes === 600 ? 0.04 : 1e-9)
      }
    })

    it(`${topology}: take a few bytes a node, also where there are a hundred thousand`, () => {
      const roundTrips = generated(topology, 100_000)
      assert.ok((roundTrips.stateBytes ?? 0) <= 1_600_000)
      assert.ok(roundTrips.roundTrip(99_999, 17) > 0)
    })
  }

  for (const [topology, known] of Object.entries(KNOWN)) {
    for (const nodes of [2, 3, 10, 25, 26, 37, 100]) {
      it(`${topology}: are the known ones between ${nodes} nodes`, () => {
        const { roundTrip } = generated(topology as Topology, nodes)

        for (let from = 0; from < nodes; from++) {
          for (let to = 0; to < nodes; to++) {
            if (from !== to) {
              near(roundTrip(from, to), known(from, to, nodes), 1e-9)
            }
          }
        }
      })
    }
  }

  for (const topology of ['random', 'internet'] as const) {
    it(`${topology}: differ for another seed`, () => {
      const [one, other] = [1, 2].map(seed => pairsOf(generated(topology, 30, seed), 30))
      assert.ok(one.every((time, i) => time !== other[i]))
    })
  }

  it('random: have a mean of 100 ms and a deviation of 10', () => {
    const times = pairsOf(generated('random', 300, 4), 300)
    // four standard errors
    near(meanOf(times), 100, (4 * 10) / Math.sqrt(times.length))
    near(deviationOf(times), 10, (4 * 10) / Math.sqrt(2 * times.length))
  })

  it('random: tell nothing of each other, neither of neighbours nor of another seed', () => {
    const [one, other] = [5, 6].map(seed => generated('random', 302, seed).roundTrip)
    const standard = (time: number) => (time - 100) / 10
    const others: Array<(from: number, to: number) => number> = [
      (from, to) => one(from + 1, to),
      (from, to) => one(from, to + 1),
      (from, to) => one(from + 1, to + 1),
      (from, to) => other(from, to)
    ]

    for (const another of others) {
      const products: number[] = []

      for (let from = 0; from < 300; from++) {
        for (let to = from + 2; to < 300; to++) {
          products.push(standard(one(from, to)) * standard(another(from, to)))
        }
      }

      near(meanOf(products), 0, 4 / Math.sqrt(products.length))
    }
  })

  it('are of no topology that there is not', () => {
    assert.throws(() => generated('ring' as Topology, 5), ParameterError)
  })
})

/** All times of a network like the Internet, made from what is drawn one after the other: the model in its plain form. */
function plainInternet(nodes: number, random: Random): RoundTrips['roundTrip'] {
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction())
  const middles = Array.from({ length: 6 }, () => [1, 2, 3].map(() => 120 * random.fraction()))
  const places = Array.from({ length: nodes }, () => {
    const middle = middles[Math.floor(6 * random.fraction() ** 1.5)]
    return {
      at: middle.map(x => x + gauss() * 0.18 * 0.5 * 120),
      height: 0.5 - 8 * Math.log(1 - random.fraction())
    }
  })
  const times = places.map((from, i) =>
    places.slice(0, i).map(to => {
      const distance = Math.hypot(...from.at.map((x, k) => x - to.at[k])) + from.height + to.height
      const detour = random.fraction() < 0.05 ? 1 + 2 * random.fraction() : 1
      return distance * Math.exp(0.12 * gauss()) * detour
    })
  )
  return (from, to) => times[Math.max(from, to)][Math.min(from, to)]
}

describe('round-trip times like those of the Internet', () => {
  const NODES = 20
  const SEEDS = 4_000

  /** The share of triples of nodes for two of which the way through the third one is shorter. */
  function violations(roundTrip: RoundTrips['roundTrip']): number {
    let violated = 0

    for (let node = 0; node + 2 < NODES; node++) {
      const sides = [roundTrip(node, node + 1), roundTrip(node + 1, node + 2), roundTrip(node, node + 2)]
      const longest = Math.max(...sides)
      violated += longest > sides[0] + sides[1] + sides[2] - longest ? 1 : 0
    }

    return violated / (NODES - 2)
  }

  const networks = Array.from({ length: SEEDS }, (_, seed) => generated('internet', NODES, seed).roundTrip)
  const plain = Array.from({ length: SEEDS }, (_, seed) => plainInternet(NODES, new Random(SEEDS + seed)))
  const sorted = (all: Array<RoundTrips['roundTrip']>) =>
    Float64Array.from(all.flatMap(roundTrip => pairsOf({ roundTrip, mean: 0 }, NODES))).sort()

  it('have a sensible median, whatever the seed', () => {
    for (const roundTrip of networks) {
      const times = sorted([roundTrip])
      const median = times[times.length >> 1]
      assert.ok(median > 30 && median < 200, `${median}`)
    }
  })

  it('are never below 0.4 ms', () => {
    assert.ok(sorted(networks)[0] >= 0.4)
  })

  it('have the distribution that the plain model has', () => {
    const [ours, theirs] = [sorted(networks), sorted(plain)]

    for (const share of [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999]) {
      const at = Math.floor(share * ours.length)
      near(ours[at] / theirs[at], 1, 0.015)
    }
  })

  it('violate the triangle inequality as often as in the plain model', () => {
    const [ours, theirs] = [networks, plain].map(all => meanOf(all.map(violations)))
    assert.ok(ours > 0.01)
    near(ours / theirs, 1, 0.03)
  })
})

describe('bits of pairs', () => {
  it('are even: each value of the highest and of the lowest byte is as frequent as any', () => {
    for (const byteOf of [(bits: number) => bits >>> 24, (bits: number) => bits & 0xff]) {
      const counts = { first: new Array<number>(256).fill(0), next: new Array<number>(256).fill(0) }
      let pairs = 0

      for (let a = 0; a < 500; a++) {
        for (let b = 0; b < a; b++) {
          const bits = pairBits(a, b, 12345)
          counts.first[byteOf(bits)]++
          counts.next[byteOf(nextBits(bits))]++
          pairs++
        }
      }

      for (const each of [counts.first, counts.next]) {
        const chiSquare = each.reduce((sum, count) => sum + (count - pairs / 256) ** 2 / (pairs / 256), 0)
        // 255 degrees of freedom: mean 255, deviation 22.6
        near(chiSquare, 255, 4 * 22.6)
      }
    }
  })

  it('are hardly ever those of another pair', () => {
    const seen = new Set<number>()

    for (let a = 0; a < 500; a++) {
      for (let b = 0; b < a; b++) {
        seen.add(pairBits(a, b, 99))
      }
    }

    // of 124,750 draws from 2^32, 1.8 are there already
    assert.ok(seen.size >= 124_750 - 8, `${seen.size}`)
  })
})

describe('cheap normal numbers', () => {
  const DRAWS = 200_000

  it('count ones, and smooth the steps', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (bits, others) => {
        const ones = [...(bits >>> 0).toString(2)].filter(digit => digit === '1').length
        const smoothing = (others >>> 16) / 65_536 - (others & 0xffff) / 65_536
        near(normal(bits, others), (ones - 16 + smoothing) / Math.sqrt(8 + 1 / 6), 1e-12)
        assert.equal(normal(bits >>> 0, others >>> 0), normal(bits, others))
        assert.ok(Math.abs(normal(bits, others)) < 6)
      })
    )
  })

  it('have the quantiles of the standard normal distribution', () => {
    const random = new Random(8)
    const draws = Array.from({ length: DRAWS }, () => normal(random.next(), random.next()))
    near(meanOf(draws), 0, 4 / Math.sqrt(DRAWS))
    near(deviationOf(draws), 1, 4 / Math.sqrt(2 * DRAWS))

    for (const [deviations, share] of [
      [-3, 0.00135],
      [-2, 0.02275],
      [-1, 0.15866],
      [0, 0.5],
      [1, 0.84134],
      [2, 0.97725],
      [3, 0.99865]
    ]) {
      near(draws.filter(draw => draw < deviations).length / DRAWS, share, 0.005)
    }
  })
})
