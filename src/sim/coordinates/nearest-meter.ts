import type { Random } from '../../gossip/random.ts'
import { sample } from '../graph/sample.ts'
import type { RoundTrips } from '../latency/round-trips.ts'
import type { World } from '../world.ts'
import type { NearestOverlay } from './nearest-overlay.ts'

/** How near to a node's true nearest the peers are that the overlay has found for it. NaN where there is no overlay. */
export interface NearestMeasures {
  /** True round trips to the 5 found, as a multiple of those to the 5 that are nearest; mean over the nodes. 1 is perfect. */
  neighbourStretch: number
  /** Share of the 5 found that are no farther than the fifth nearest. */
  nearestFound: number
  /** The same as `neighbourStretch`, of 5 random peers. */
  randomStretch: number
}

export const NO_NEAREST: NearestMeasures = {
  neighbourStretch: Number.NaN,
  nearestFound: Number.NaN,
  randomStretch: Number.NaN
}

/** Peers that each node looks at. */
export const NEAREST = 5

/** Pairs of nodes that a measurement looks at, and nodes that it looks at in any case. */
const PAIRS = 4_000_000
const LEAST_NODES = 200

/** Compares what an overlay has found with what is true. */
export class NearestMeter {
  private readonly world: World
  private readonly overlay: NearestOverlay
  private readonly truth: RoundTrips

  constructor(world: World, overlay: NearestOverlay, truth: RoundTrips) {
    this.world = world
    this.overlay = overlay
    this.truth = truth
  }

  /**
   * @param honest - nodes whose nearest are looked at: all of up to 2,000, a sample of more
   * @param random - what the sample and random peers are drawn from
   */
  measure(honest: Int32Array, random: Random): NearestMeasures {
    const { world, overlay, truth } = this
    const living = world.living.subarray(0, world.count)
    const nodes = sample(honest, Math.max(LEAST_NODES, Math.floor(PAIRS / living.length)), random)
    const size = Math.max(0, Math.min(NEAREST, living.length - 1))
    const found = new Int32Array(size)
    const least = new Float64Array(size)
    let stretch = 0
    let near = 0
    let counted = 0
    let randomStretch = 0

    for (const node of nodes) {
      const nearest = shortest(node, living, truth, least)
      const count = overlay.nearest(node, found)
      randomStretch += sumOf(drawn(node, living, size, random), peer => truth.roundTrip(node, peer)) / nearest

      // too few known to compare
      if (count === size) {
        counted++
        stretch += sumOf(found, peer => truth.roundTrip(node, peer)) / nearest
      }

      near += sumOf(found.subarray(0, count), peer => (truth.roundTrip(node, peer) <= least[size - 1] ? 1 : 0))
    }

    return {
      neighbourStretch: size > 0 ? stretch / counted : Number.NaN,
      nearestFound: near / (size * nodes.length),
      randomStretch: size > 0 ? randomStretch / nodes.length : Number.NaN
    }
  }
}

/** Writes the shortest round trips of a node, in order, as many as there is room for; returns their sum. */
function shortest(node: number, living: Int32Array, truth: RoundTrips, least: Float64Array): number {
  least.fill(Number.POSITIVE_INFINITY)

  for (const peer of living) {
    if (peer === node) {
      continue
    }

    const roundTrip = truth.roundTrip(node, peer)
    let at = least.length - 1

    if (roundTrip >= least[at]) {
      continue
    }

    for (; at > 0 && least[at - 1] > roundTrip; at--) {
      least[at] = least[at - 1]
    }

    least[at] = roundTrip
  }

  return least.reduce((sum, roundTrip) => sum + roundTrip, 0)
}

/** Random others, all different. */
function drawn(node: number, living: Int32Array, size: number, random: Random): Int32Array {
  const peers = new Set<number>()

  while (peers.size < size) {
    const peer = living[random.below(living.length)]

    if (peer !== node) {
      peers.add(peer)
    }
  }

  return Int32Array.from(peers)
}

function sumOf(peers: Int32Array, value: (peer: number) => number): number {
  return peers.reduce((sum, peer) => sum + value(peer), 0)
}
