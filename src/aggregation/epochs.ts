import { Claims } from './claims.ts'
import { CONVERGED, JUST_BEGUN, ROUNDS_ALONE } from './constants.ts'
import type { AggregationCounts } from './counts.ts'
import { type AggregationMessage, WAITS } from './message.ts'
import { NONE } from './results.ts'
import { type AggregationState, NEWCOMER, ROUND, ROUND_SHIFT } from './state.ts'

/** How the nodes of a population keep the same epoch: what they believe of each other, and when they begin the next one. */
export class Epochs {
  private readonly state: AggregationState
  private readonly counts: AggregationCounts
  private readonly claims: Claims
  private readonly rounds: number
  /** Status when an epoch has nearly converged. */
  private readonly converged: number
  /** Rounds within which an epoch has just begun. */
  private readonly justBegun: number

  /** @param rounds - of an epoch */
  constructor(nodes: number, rounds: number, state: AggregationState, counts: AggregationCounts) {
    this.state = state
    this.counts = counts
    this.rounds = rounds
    this.claims = new Claims(nodes)
    this.converged = Math.ceil(rounds * CONVERGED) * ROUND
    this.justBegun = Math.floor(rounds * JUST_BEGUN)
  }

  /** Bytes of its arrays. */
  get stateBytes(): number {
    return this.claims.stateBytes
  }

  /** The node is new and knows of no epoch. */
  welcome(node: number): void {
    this.claims.clear(node)
    this.state.results.epochs[node] = NONE
    this.state.leave(node)
  }

  /** The node has made all rounds of its epoch. */
  next(node: number): void {
    const epoch = this.state.epoch(node)
    this.state.finish(node)
    this.begin(node, epoch + 1)
  }

  /** A newcomer begins when the epoch that it has heard of is over, or when there seems to be none. */
  wait(node: number): void {
    const waited = this.state.round(node)
    const claim = this.claims.middle(node)
    const isSure = this.claims.suffice(node) || waited >= ROUNDS_ALONE

    if (isSure && waited >= (claim?.ends ?? 0)) {
      this.begin(node, (claim?.epoch ?? NONE) + 1)
    }
  }

  /** Whether the node, which is in an epoch, follows nobody into this one. */
  isTooHigh(node: number, epoch: number): boolean {
    const isReady = this.state.status[node] >= this.converged
    return epoch > this.state.epochs[node] + (isReady ? 1 : 0)
  }

  /** Follows what a sound message says of epochs, as far as it is to be believed. */
  hear(node: number, from: number, message: AggregationMessage): void {
    if (message.part === WAITS) {
      return
    }

    if ((this.state.status[node] & NEWCOMER) !== 0) {
      this.hearAsNewcomer(node, from, message)
    } else if (this.isTooHigh(node, message.epoch)) {
      this.refuse(node, from, message)
    } else if (message.epoch > this.state.epoch(node)) {
      this.counts.drawn++
      this.next(node)
    }
  }

  private hearAsNewcomer(node: number, from: number, { epoch, round }: AggregationMessage): void {
    if (epoch - 1 === this.claims.middle(node)?.epoch && round <= this.justBegun) {
      this.begin(node, epoch)
    } else {
      this.claims.note(node, from, epoch, this.state.round(node) + this.rounds - round)
    }
  }

  /** Unless so many others say the same that the node must have slept, or been cut off: then it waits for their next epoch. */
  private refuse(node: number, from: number, { epoch, round }: AggregationMessage): void {
    const status = this.state.status[node]
    const own = status >> ROUND_SHIFT
    this.counts.wrongEpoch++
    this.claims.note(node, from, epoch, own + this.rounds - round)

    if (!this.claims.suffice(node)) {
      return
    }

    if (status >= this.converged) {
      this.state.finish(node)
    }

    this.counts.leftBehind++
    this.state.leave(node)
    this.claims.shift(node, own)
  }

  private begin(node: number, epoch: number): void {
    this.state.start(node, epoch)
    this.claims.clear(node)
  }
}
