import { Claims } from './claims.ts'
import {
  CONVERGED,
  EPOCHS_AWAITED,
  EPOCHS_DESERTED,
  JUST_BEGUN,
  MAX_EPOCH,
  ROUNDS_ALONE,
  ROUNDS_UNMET
} from './constants.ts'
import type { AggregationCounts } from './counts.ts'
import { type AggregationMessage, WAITS } from './message.ts'
import { NONE } from './results.ts'
import { type AggregationState, NEWCOMER, ROUND, ROUND_SHIFT } from './state.ts'

/** How the nodes of a population keep the same epoch: what they believe of each other, and when they begin the next one. */
export class Epochs {
  private readonly state: AggregationState
  private readonly counts: AggregationCounts
  private readonly claims: Claims
  /** Answers in this epoch from a later one, and from an earlier one, to each node's own requests. */
  private readonly ahead: Uint16Array
  private readonly behind: Uint16Array
  /** Epochs in a row at the end of which most answers came from an earlier one. */
  private readonly deserted: Uint8Array
  /** 1: a newcomer has met somebody. */
  private readonly met: Uint8Array
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
    this.ahead = new Uint16Array(nodes)
    this.behind = new Uint16Array(nodes)
    this.deserted = new Uint8Array(nodes)
    this.met = new Uint8Array(nodes)
    this.converged = Math.ceil(rounds * CONVERGED) * ROUND
    this.justBegun = Math.floor(rounds * JUST_BEGUN)
  }

  /** Bytes of its arrays. */
  get stateBytes(): number {
    const { claims, ahead, behind, deserted, met } = this
    return claims.stateBytes + [ahead, behind, deserted, met].reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** Whether the node remembers what the peer said of epochs. */
  knows(node: number, peer: number): boolean {
    return this.claims.names(node, peer)
  }

  /** The node is new and knows of no epoch. */
  welcome(node: number): void {
    this.claims.clear(node)
    this.state.results.epochs[node] = NONE
    this.leave(node)
  }

  /** The node has made all rounds of its epoch, or nearly so. */
  next(node: number): void {
    const epoch = this.state.epoch(node)
    this.state.finish(node)

    // beyond the highest nobody would listen to it any more
    if (this.isElsewhere(node) || epoch >= MAX_EPOCH) {
      this.counts.leftBehind++
      this.claims.clear(node)
      this.leave(node)
    } else {
      this.begin(node, epoch + 1)
    }
  }

  /**
   * Whether most of the peers that the node has asked are in another epoch: it then joins them as a newcomer. The later epoch
   * is the one to be in; so whoever is ahead of most waits one epoch more for them, or both would go to where the other was.
   * A peer that lies is asked too seldom to matter here, however much it says.
   */
  private isElsewhere(node: number): boolean {
    this.deserted[node] = this.behind[node] * 2 > this.rounds ? this.deserted[node] + 1 : 0
    return this.ahead[node] * 2 > this.rounds || this.deserted[node] >= EPOCHS_DESERTED
  }

  /** The node has asked one who is in another epoch. */
  miss(node: number, { epoch }: AggregationMessage): void {
    const missed = epoch > this.state.epochs[node] ? this.ahead : this.behind
    missed[node] = Math.min(missed[node] + 1, this.rounds)
  }

  /**
   * A newcomer begins when the epoch that it has heard of is over, or when there seems to be none. One that has met nobody may
   * just not have found the network yet, and takes longer to believe it.
   */
  wait(node: number): void {
    const waited = this.state.round(node)
    const claim = this.claims.middle(node)
    const patience = this.met[node] === 1 || claim != null ? ROUNDS_ALONE : Math.min(this.rounds, ROUNDS_UNMET)
    const isSure = this.claims.suffice(node) || waited >= patience

    const ends = Math.min(claim?.ends ?? 0, this.rounds * EPOCHS_AWAITED)

    if (isSure && waited >= ends) {
      this.begin(node, Math.min((claim?.epoch ?? NONE) + 1, MAX_EPOCH))
    }
  }

  /** Whether the node, which is in an epoch, follows nobody into this one. */
  isTooHigh(node: number, epoch: number): boolean {
    const isReady = this.state.status[node] >= this.converged
    return epoch > this.state.epochs[node] + (isReady ? 1 : 0)
  }

  /** Follows what a sound message says of epochs, as far as it is to be believed. */
  hear(node: number, from: number, message: AggregationMessage): void {
    this.met[node] = 1

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
    this.leave(node)
    this.claims.shift(node, own)
  }

  private leave(node: number): void {
    this.state.leave(node)
    this.forget(node)
    this.met[node] = 0
    this.deserted[node] = 0
  }

  private forget(node: number): void {
    this.ahead[node] = 0
    this.behind[node] = 0
  }

  private begin(node: number, epoch: number): void {
    this.state.start(node, epoch)
    this.claims.clear(node)
    this.forget(node)
  }
}
