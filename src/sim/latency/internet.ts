import type { Random } from '../../gossip/random.ts'
import { nextBits, normal, pairBits } from './pairs.ts'
import type { Generated } from './topologies.ts'

const CLUSTERS = 6

/** Of a number from 0 to 1, to the power of 1.5: the first cluster has three nodes in ten, the last one in nine. */
const uneven = (u: number) => u * Math.sqrt(u)

/** Clusters lie anywhere in a cube with edges of so many milliseconds. */
const EDGE = 120

/** Deviation of nodes from the middle of their cluster, in each dimension, in milliseconds. */
const SPREAD = 0.09 * EDGE

/** Access links, in milliseconds one end: the shortest, and the mean of what is drawn beyond it. */
const MIN_HEIGHT = 0.5
const MEAN_HEIGHT = 8

/** Standard deviation of the logarithm of what routes make of a pair's distance. */
const DISTORTION = 0.12

/** Share of the pairs with a detour, which makes their way up to so many times as long. */
const DETOURS = 0.05
const LONGEST_DETOUR = 3

/** Numbers of a node: three of its place, and its height. */
const NUMBERS = 4

/**
 * Something like the Internet: clusters of different weight ("continents") in three dimensions, and nodes around their
 * middles, each behind an access link of its own, as network coordinates with heights see it (F. Dabek and others,
 * "Vivaldi", SIGCOMM 2004); and what no coordinates can tell, drawn for each pair by itself: every way is distorted,
 * log-normally, and one in twenty is a detour, up to three times as long, so that the triangle inequality is violated.
 * Never below 0.4 ms: two shortest access links, at the least distortion that is drawn. The numbers are our own choice.
 */
export function internet(nodes: number, random: Random): Generated {
  const middles = Float64Array.from({ length: 3 * CLUSTERS }, () => EDGE * random.fraction())
  const numbers = new Float32Array(NUMBERS * nodes)

  for (let node = 0; node < nodes; node++) {
    const cluster = Math.floor(CLUSTERS * uneven(random.fraction()))

    for (let i = 0; i < 3; i++) {
      numbers[NUMBERS * node + i] = middles[3 * cluster + i] + SPREAD * normal(random.next(), random.next())
    }

    numbers[NUMBERS * node + 3] = MIN_HEIGHT - MEAN_HEIGHT * Math.log(1 - random.fraction())
  }

  const seed = random.next() | 0

  return {
    stateBytes: numbers.byteLength,

    roundTrip(from, to) {
      const a = NUMBERS * from
      const b = NUMBERS * to
      const x = numbers[a] - numbers[b]
      const y = numbers[a + 1] - numbers[b + 1]
      const z = numbers[a + 2] - numbers[b + 2]
      const distance = Math.sqrt(x * x + y * y + z * z) + (numbers[a + 3] + numbers[b + 3])
      const bits = pairBits(from, to, seed)
      const others = nextBits(bits)
      const distorted = distance * Math.exp(DISTORTION * normal(bits, others))
      return distorted * detour(nextBits(others))
    }
  }
}

/** How many times as long a way is. */
function detour(bits: number): number {
  const chance = (bits >>> 0) * 2 ** -32
  // below the share, the same number is as even as any
  return chance < DETOURS ? 1 + (LONGEST_DETOUR - 1) * (chance / DETOURS) : 1
}
