import { SELF } from '../live/population.ts'
import type { AggregationMessage } from './message.ts'
import { type AggregationPopulation, AggregationProtocol } from './protocol.ts'

export interface ObservedInit extends Omit<AggregationPopulation, 'nodes'> {
  /** The peer has finished an epoch. Called in the middle of a turn: it must change nothing here. */
  onFinished(epoch: number): void
}

/** Aggregation of one peer, which begins as a newcomer and tells when an epoch is over. */
export class ObservedAggregation extends AggregationProtocol {
  private readonly onFinished: (epoch: number) => void
  private last = -1

  constructor({ onFinished, ...population }: ObservedInit) {
    super({ ...population, nodes: 1 })
    this.onFinished = onFinished
    this.welcome()
  }

  /** Begins anew: the peer knows of no epoch. */
  welcome(): void {
    this.newcomers(SELF, SELF + 1)
    this.last = this.finished(SELF)
  }

  override partner(node: number): number {
    const partner = super.partner(node)
    this.look()
    return partner
  }

  override respond(node: number, from: number, request: AggregationMessage, out: AggregationMessage): boolean {
    const answers = super.respond(node, from, request, out)
    this.look()
    return answers
  }

  override absorb(node: number, from: number, request: AggregationMessage, reply: AggregationMessage): void {
    super.absorb(node, from, request, reply)
    this.look()
  }

  private look(): void {
    const finished = this.finished(SELF)

    if (finished !== this.last) {
      this.last = finished
      this.onFinished(finished)
    }
  }
}
