import { Random } from '../../gossip/random.ts'
import type { Vivaldi } from '../../vivaldi/vivaldi.ts'
import type { RoundTrips } from '../latency/round-trips.ts'
import type { World } from '../world.ts'
import type { CoordinateExchange } from './exchange.ts'
import type { CoordinateLiars } from './liars.ts'
import { forEachPair, pairsOf } from './node-pairs.ts'
import { quantileOf } from './ranks.ts'

/**
 * How good coordinates are, as nodes show them. Errors are those of predicted round trips between honest nodes that live, either
 * way, as a part of the true ones. What there is none of is NaN (null in JSON).
 */
export interface ErrorMeasures {
  medianRelativeError: number
  p90RelativeError: number
  /** In milliseconds. */
  medianAbsoluteError: number
  /** What honest nodes that live say of their error, on average. */
  meanError: number
  /**
   * How far the centre of all nodes that live is from where it was 100 rounds ago, in milliseconds; from where it was measured first
   * since then, at that pace.
   */
  drift: number
  /** That honest nodes that live have taken so far, on average. */
  samplesPerNode: number
  /** Shown coordinates that have changed since the last measurement, per sample of any node. */
  movesPerSample: number
}

/** How far predicted round trips are from the true ones. */
export interface PairErrors {
  /** As parts of these. */
  relative: Float64Array
  /** In milliseconds. */
  absolute: Float64Array
}

/** Rounds that drift is told for. */
const DRIFT_ROUNDS = 100

/** Measures coordinates by what is true. */
export class CoordinateMeter {
  private readonly world: World
  private readonly exchange: CoordinateExchange
  private readonly truth: RoundTrips
  private readonly liars: CoordinateLiars | undefined
  private readonly seed: number
  /** Where the centre was, as measured in the last {@link DRIFT_ROUNDS} rounds. */
  private centres: Array<{ round: number; centre: number[] }>
  private last = { samples: 0, moves: 0 }

  /** @param seed - of the pairs that are measured, the same ones each time as long as the same nodes live */
  constructor(
    world: World,
    exchange: CoordinateExchange,
    truth: RoundTrips,
    liars: CoordinateLiars | undefined,
    seed: number
  ) {
    this.world = world
    this.exchange = exchange
    this.truth = truth
    this.liars = liars
    this.seed = seed
    this.centres = [{ round: 0, centre: centreOf(exchange.vivaldi, this.living()) }]
  }

  /** Those that live and do not lie. */
  honest(): Int32Array {
    const { liars } = this
    return liars === undefined ? this.living() : this.living().filter(node => !liars.has(node))
  }

  private living(): Int32Array {
    const { living, count } = this.world
    return living.subarray(0, count)
  }

  /** Of all measured pairs, in no order. */
  errors(honest = this.honest()): PairErrors {
    const { truth } = this
    const { vivaldi } = this.exchange
    const [relative, absolute] = Array.from({ length: 2 }, () => new Float64Array(pairsOf(honest.length)))
    forEachPair(honest, new Random(this.seed), (from, to, i) => {
      const roundTrip = truth.roundTrip(from, to)
      absolute[i] = Math.abs(shownDistance(vivaldi, from, to) - roundTrip)
      relative[i] = absolute[i] / roundTrip
    })
    return { relative, absolute }
  }

  /** @param round - that was run last */
  measure(round: number): ErrorMeasures {
    const { last } = this
    const { vivaldi, taken } = this.exchange
    const honest = this.honest()
    const { relative, absolute } = this.errors(honest)
    const { samples, moves } = vivaldi
    this.last = { samples, moves }

    return {
      medianRelativeError: quantileOf(relative, 0.5),
      p90RelativeError: quantileOf(relative, 0.9),
      medianAbsoluteError: quantileOf(absolute, 0.5),
      meanError: meanOf(honest, node => vivaldi.rows[node * vivaldi.stride + vivaldi.width - 1]),
      drift: this.drift(round),
      samplesPerNode: meanOf(honest, node => taken[node]),
      movesPerSample: (moves - last.moves) / (samples - last.samples)
    }
  }

  private drift(round: number): number {
    const centre = centreOf(this.exchange.vivaldi, this.living())
    const kept = this.centres.filter(then => then.round >= round - DRIFT_ROUNDS)
    // measured more seldom: since the last time
    const [first] = kept.length > 0 ? kept : this.centres.slice(-1)
    this.centres = [...kept, { round, centre }]
    const moved = Math.hypot(...centre.map((x, i) => x - first.centre[i]))
    return (moved / (round - first.round)) * DRIFT_ROUNDS
  }
}

/** The round trip between two nodes as their shown coordinates have it. */
export function shownDistance({ rows, stride, width }: Vivaldi, a: number, b: number): number {
  const dimensions = width - 2
  const ofA = a * stride
  const ofB = b * stride
  let square = 0

  for (let i = 0; i < dimensions; i++) {
    const difference = rows[ofA + i] - rows[ofB + i]
    square += difference * difference
  }

  return Math.sqrt(square) + rows[ofA + dimensions] + rows[ofB + dimensions]
}

/** The mean of their shown positions. */
function centreOf({ rows, stride, width }: Vivaldi, nodes: Int32Array): number[] {
  return Array.from({ length: width - 2 }, (_, i) => meanOf(nodes, node => rows[node * stride + i]))
}

function meanOf(nodes: Int32Array, value: (node: number) => number): number {
  return nodes.reduce((sum, node) => sum + value(node), 0) / nodes.length
}
