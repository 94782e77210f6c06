import type { Aggregate } from '../../aggregation/aggregate.ts'
import type { AggregationProtocol } from '../../aggregation/protocol.ts'
import type { World } from '../world.ts'
import { Mass } from './mass.ts'
import { medianOf, momentsOf } from './moments.ts'
import { errorOf, numberOf, truthOf } from './truth.ts'

/** The number of the one aggregate. */
const ONLY = 0

/**
 * What the nodes think. Estimates are those of the participants: honest nodes that live and are in the epoch that most such
 * nodes are in, of two as common the later one. What there is none of is NaN (null in JSON).
 */
export interface AggregationMeasures {
  epoch: number
  participants: number
  /** Nodes that live, newcomers that wait for an epoch and liars included. */
  living: number
  /** Of the estimates; a histogram counts as the mean that it implies. */
  mean: number
  variance: number
  /** By what the variance was multiplied in each round since the last measurement, if that was in the same epoch. */
  varianceFactor: number
  /** Standard deviation of the estimates, as a part of the mean. */
  relativeSpread: number
  /** Median of how far the estimates are from the function over the values of all that live now. See {@link errorOf}. */
  estimateError: number
  /** The same of what applications read: the result of the last epoch that a node has finished. */
  resultError: number
  /**
   * Of averages and histograms: how far the sum of all values in the epoch is from what it was when the epoch began, as a part
   * of that (of a histogram, of all values; the sums of its bins count each by itself). The dead count with what they held
   * last: they take it away, and no exchange has gone wrong. By events, exchanges that are under way count as gone wrong.
   */
  massError: number
}

/** Measures a population that aggregates one value. */
export class AggregationMeter {
  private readonly world: World
  private readonly protocol: AggregationProtocol
  private readonly values: Float64Array
  private readonly isLiar: (node: number) => boolean
  private readonly aggregate: Aggregate
  private readonly numbers: Float64Array
  private readonly errors: Float64Array
  private last = { round: 0, epoch: Number.NaN, variance: Number.NaN }
  private truth: { used: number; count: number; value: number | number[] } | undefined

  /** @param values - what each node holds */
  constructor(
    world: World,
    protocol: AggregationProtocol,
    values: Float64Array,
    isLiar: (node: number) => boolean = () => false
  ) {
    this.world = world
    this.protocol = protocol
    this.values = values
    this.isLiar = isLiar
    this.aggregate = protocol.parameters.aggregates[ONLY]
    this.numbers = new Float64Array(world.slots)
    this.errors = new Float64Array(world.slots)
  }

  get stateBytes(): number {
    return this.numbers.byteLength + this.errors.byteLength
  }

  /** @param round - that was run last */
  measure(round: number): AggregationMeasures {
    const { protocol, world, aggregate, numbers, errors, last } = this
    const truth = this.findTruth()
    const epoch = this.commonEpoch()
    const mass = Mass.isKnownOf(aggregate) ? new Mass(aggregate) : undefined
    let participants = 0

    for (let node = 0; node < world.used; node++) {
      const held = this.heldIn(epoch, node)

      if (held == null) {
        continue
      }

      mass?.add(held, this.values[node])

      if (this.isHonest(node) && protocol.epoch(node) === epoch) {
        errors[participants] = errorOf(held, truth)
        numbers[participants++] = numberOf(aggregate, held)
      }
    }

    const { mean, variance } = momentsOf(numbers.subarray(0, participants))
    const factor = (variance / last.variance) ** (1 / (round - last.round))
    const isSame = epoch === last.epoch && last.variance > 0
    this.last = { round, epoch, variance }

    return {
      epoch,
      participants,
      living: world.count,
      mean,
      variance,
      varianceFactor: isSame ? factor : Number.NaN,
      relativeSpread: Math.sqrt(variance) / Math.abs(mean),
      estimateError: medianOf(errors.subarray(0, participants)),
      resultError: this.resultError(truth),
      massError: mass?.error ?? Number.NaN
    }
  }

  /** Whether it lives and does not lie. */
  private isHonest(node: number): boolean {
    return this.world.alive[node] === 1 && !this.isLiar(node)
  }

  /** The epoch that most of the honest are in, or NaN when all of them wait for one. */
  private commonEpoch(): number {
    const sizes = new Map<number, number>()

    for (let node = 0; node < this.world.used; node++) {
      const epoch = this.protocol.epoch(node)

      if (epoch >= 0 && this.isHonest(node)) {
        sizes.set(epoch, (sizes.get(epoch) ?? 0) + 1)
      }
    }

    const [common] = [...sizes].sort(([a, ofA], [b, ofB]) => ofB - ofA || b - a)
    return common?.[0] ?? Number.NaN
  }

  /** Of those who live now. */
  private findTruth(): number | number[] {
    const { used, count, living } = this.world

    // nobody comes or dies without one of them changing
    if (this.truth?.used !== used || this.truth.count !== count) {
      const held = Float64Array.from(living.subarray(0, count), node => this.values[node])
      this.truth = { used, count, value: truthOf(this.aggregate, held) }
    }

    return this.truth.value
  }

  private resultError(truth: number | number[]): number {
    let count = 0

    for (let node = 0; node < this.world.used; node++) {
      const result = this.isHonest(node) ? this.protocol.result(node, ONLY) : undefined

      if (result != null) {
        this.errors[count++] = errorOf(result.value, truth)
      }
    }

    return medianOf(this.errors.subarray(0, count))
  }

  /** What a node, dead or alive, holds in an epoch that it is in, or held at the end of it if it is in the next one already. */
  private heldIn(epoch: number, node: number): number | number[] | undefined {
    const { protocol } = this

    if (protocol.epoch(node) === epoch) {
      return protocol.estimate(node, ONLY)?.value
    }

    const result = protocol.result(node, ONLY)
    return result?.epoch === epoch ? result.value : undefined
  }
}
