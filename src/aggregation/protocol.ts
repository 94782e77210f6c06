import { type Failure, type GossipProtocol, NOBODY } from '../gossip/exchange.ts'
import type { PeerSource } from '../gossip/peer-source.ts'
import type { Random } from '../gossip/random.ts'
import type { Aggregate } from './aggregate.ts'
import { Answers, LATE, NEW } from './answers.ts'
import { Asked } from './asked.ts'
import { MAX_EPOCH } from './constants.ts'
import { noOddities } from './counts.ts'
import { claimDefect, type Defect } from './defect.ts'
import { Epochs } from './epochs.ts'
import { AggregationMessage, APART, TAKES_PART, WAITS } from './message.ts'
import type { AggregationParameters } from './parameters.ts'
import type { Schema } from './schema.ts'
import {
  AggregationState,
  ASKING,
  BUSY,
  type Estimate,
  FLAGS,
  NEWCOMER,
  PENDING,
  ROUND,
  ROUND_SHIFT,
  type Values
} from './state.ts'

/** What a population of aggregating nodes is made of. */
export interface AggregationPopulation {
  /** How many nodes; their numbers are 0 to nodes - 1. All begin with epoch 0 but {@link AggregationProtocol.newcomers}. */
  nodes: number
  parameters: AggregationParameters
  random: Random
  source: PeerSource
  values: Values
}

/** Most nodes whose partners are drawn ahead. */
const AHEAD = 64

/**
 * Push-pull averaging: both ends of an exchange set their value to the mean of the two, so that the sum stays and the
 * differences vanish. In numbered epochs, each of which begins anew from current values.
 *
 * Source: M. Jelasity, A. Montresor, O. Babaoglu, "Gossip-based aggregation in large dynamic networks", ACM TOCS 23(3), 2005.
 */
export class AggregationProtocol implements GossipProtocol<AggregationMessage> {
  readonly nodes: number
  readonly parameters: AggregationParameters
  readonly schema: Schema
  readonly counts = noOddities()
  private readonly source: PeerSource
  private readonly state: AggregationState
  private readonly status: Uint16Array
  private readonly cells: Float64Array
  /** Bounds of each cell. */
  private readonly from: Float64Array
  private readonly to: Float64Array
  /** Status when an epoch is over. */
  private readonly over: number
  private readonly epochs: Epochs
  /** Partners drawn ahead, and for whom; those before `aheadAt` have been had, and after the last one stands nobody. */
  private readonly aheadNodes = new Int32Array(AHEAD + 1).fill(NOBODY)
  private readonly aheadPartners = new Int32Array(AHEAD)
  private aheadAt = 0
  /** What {@link prefetch} has read last: kept, lest the reads be left out. */
  protected read = 0
  private readonly answers: Answers | undefined
  private readonly asked: Asked | undefined

  /** @throws ParameterError when a value is impossible */
  constructor({ nodes, parameters, random, source, values }: AggregationPopulation) {
    const { epoch, retries } = parameters
    this.nodes = nodes
    this.parameters = parameters
    this.source = source
    this.state = new AggregationState(nodes, parameters, random, values)
    this.schema = this.state.schema
    this.status = this.state.status
    this.cells = this.state.cells
    this.from = this.schema.from
    this.to = this.schema.to
    this.over = epoch * ROUND
    this.epochs = new Epochs(nodes, epoch, this.state, this.counts)
    this.answers = retries > 0 ? new Answers(nodes, this.createMessage()) : undefined
    this.asked = retries > 0 ? new Asked(nodes, random) : undefined

    for (let node = 0; node < nodes; node++) {
      this.state.start(node, 0)
    }
  }

  /** Bytes of all arrays that it holds for its population. */
  get stateBytes(): number {
    const { state, epochs, answers, asked } = this
    return state.stateBytes + epochs.stateBytes + (answers?.stateBytes ?? 0) + (asked?.stateBytes ?? 0)
  }

  createMessage(): AggregationMessage {
    return new AggregationMessage(this.schema, this.parameters.instances)
  }

  /** Newcomers have the numbers from `first` to before `end`: they wait until an epoch begins. */
  newcomers(first: number, end: number): void {
    for (let node = first; node < end; node++) {
      this.answers?.clear(node)
      this.epochs.welcome(node)
    }
  }

  /**
   * Adds an aggregate, in which every node takes part from its next epoch on.
   *
   * @returns its number
   * @throws ParameterError when there is no room for it, or its name is taken
   */
  define(aggregate: Aggregate): number {
    return this.state.define(aggregate)
  }

  /** Ends an aggregate: its number and results are gone at once. */
  withdraw(aggregate: number): void {
    this.state.withdraw(aggregate)
    this.answers?.withdraw(aggregate)
  }

  /** The epoch that the node is in, or -1 while it waits for one. */
  epoch(node: number): number {
    return this.state.epoch(node)
  }

  /** The last epoch that the node has finished, or -1 while there is none. */
  finished(node: number): number {
    return this.state.results.epochs[node]
  }

  /** Rounds that the node has begun of its epoch, or has waited for one. */
  round(node: number): number {
    return this.state.round(node)
  }

  /** What the node's last finished epoch says, or undefined when there is none or it took no part. */
  result(node: number, aggregate: number): Estimate | undefined {
    return this.state.result(node, aggregate)
  }

  /** What the epoch that is under way says so far, or undefined when the node takes no part. */
  estimate(node: number, aggregate: number): Estimate | undefined {
    return this.state.estimate(node, aggregate)
  }

  /** Whether the node's state names the peer, so that its number must stay what it is. */
  knows(node: number, peer: number): boolean {
    const isAsked = (this.status[node] & BUSY) !== 0 && this.asked?.partner(node) === peer
    return isAsked || this.epochs.knows(node, peer) || this.answers?.names(node, peer) === true
  }

  /**
   * Draws the partners of nodes that are about to have their turn, and reads something of what both hold, so that it is at
   * hand then: of a million nodes it lies far from the processor.
   */
  prefetch(nodes: Int32Array, from: number, to: number): void {
    const { status, cells, source, aheadNodes, aheadPartners, over } = this
    const { stride } = this.state
    const end = Math.min(to, from + AHEAD)
    let count = 0
    let read = 0

    for (let i = from; i < end; i++) {
      const node = nodes[i]
      read += cells[node * stride]

      // who asks the same one again draws nobody, unless the epoch is over
      if ((status[node] & BUSY) === 0 || status[node] >= over) {
        aheadNodes[count++] = node
      }
    }

    for (let i = 0; i < count; i++) {
      aheadPartners[i] = source.sample(aheadNodes[i])
    }

    for (let i = 0; i < count; i++) {
      // of nobody there is nothing to be read
      const partner = Math.max(0, aheadPartners[i])
      read += status[partner] + cells[partner * stride]
    }

    aheadNodes[count] = NOBODY
    this.aheadAt = 0
    this.read = read
  }

  /** A partner, the one drawn ahead if there is one: nodes have their turns in the order in which they were told. */
  private sample(node: number): number {
    const at = this.aheadAt

    if (this.aheadNodes[at] === node) {
      this.aheadAt = at + 1
      return this.aheadPartners[at]
    }

    return this.source.sample(node)
  }

  partner(node: number): number {
    const status = this.status[node]

    if ((status & FLAGS) !== 0 || status >= this.over) {
      return this.turn(node)
    }

    this.status[node] = status + ROUND
    return this.sample(node)
  }

  anotherPartner(node: number): number {
    const isPending = (this.status[node] & PENDING) !== 0
    return isPending ? NOBODY : this.source.sample(node)
  }

  request(node: number, partner: number, out: AggregationMessage): void {
    const status = this.status[node]

    if (status < this.state.quiet && (status & FLAGS) === 0) {
      this.status[node] = status | ASKING
      this.speakPlainly(node, status, out)
    } else {
      this.ask(node, partner, out)
    }
  }

  respond(node: number, from: number, request: AggregationMessage, out: AggregationMessage): boolean {
    const status = this.status[node]

    if (status < this.state.quiet && (status & FLAGS) === 0 && this.isPlain(request)) {
      this.speakPlainly(node, status, out)
      this.movePlainly(node, request)
      return true
    }

    return this.answer(node, from, request, out)
  }

  absorb(node: number, from: number, _request: AggregationMessage, reply: AggregationMessage): void {
    const status = this.status[node]

    if (status < this.state.quiet && (status & FLAGS) === ASKING && this.isPlain(reply)) {
      this.status[node] = status & ~ASKING
      this.movePlainly(node, reply)
    } else {
      this.hearAnswer(node, from, reply)
    }
  }

  /** Whether the message brings one mean that can be taken, from the epoch that most are in: what nearly all messages do. */
  private isPlain({ part, partial, epoch, cells }: AggregationMessage): boolean {
    return (
      part === TAKES_PART &&
      !partial &&
      epoch === this.state.current &&
      cells[0] >= this.from[0] &&
      cells[0] <= this.to[0]
    )
  }

  private speakPlainly(node: number, status: number, out: AggregationMessage): void {
    out.part = TAKES_PART
    out.partial = false
    out.epoch = this.state.current
    out.round = status >> ROUND_SHIFT
    out.cells[0] = this.cells[node]
  }

  private movePlainly(node: number, { cells }: AggregationMessage): void {
    const mine = this.cells[node]
    this.cells[node] = mine + (cells[0] - mine) / 2
  }

  abandon(node: number, _partner: number, why: Failure): void {
    const status = this.status[node]

    if ((status & BUSY) !== 0) {
      const mayBeAnswered = (status & NEWCOMER) === 0 && (why === 'timeout' || why === 'unreachable')
      const repeats = mayBeAnswered && (this.asked?.repeats(node, this.parameters.retries) ?? false)
      this.status[node] = (status & ~BUSY) | (repeats ? PENDING : 0)
      this.counts.givenUp += mayBeAnswered && !repeats ? 1 : 0
    }
  }

  /**
   * What is wrong with a message, if anything is. Nothing changes. {@link respond} and {@link absorb} look for themselves:
   * a message that is not finite or out of range changes nothing there, and one of a wrong epoch moves nothing, but is
   * remembered: when enough peers claim the same, the node believes them.
   */
  defect(node: number, message: AggregationMessage): Defect | undefined {
    const { epoch, round } = message

    if (message.part === WAITS) {
      return undefined
    }

    const isWhole = Number.isInteger(epoch) && Number.isInteger(round)

    if (!(isWhole && epoch >= 0 && epoch <= MAX_EPOCH && round >= 0 && round <= this.parameters.epoch)) {
      return 'out-of-range'
    }

    const claim = message.part === TAKES_PART ? claimDefect(this.schema, message) : undefined
    const isNewcomer = (this.status[node] & NEWCOMER) !== 0
    return claim ?? (!isNewcomer && this.epochs.isTooHigh(node, epoch) ? 'wrong-epoch' : undefined)
  }

  /** Begins a round that is not like the others: the epoch is over, or an answer did not come, or there is no epoch yet. */
  private turn(node: number): number {
    if ((this.status[node] & ASKING) !== 0) {
      // an answer to something else than was asked is none
      this.abandon(node, NOBODY, 'timeout')
    }

    if ((this.status[node] & NEWCOMER) !== 0) {
      this.epochs.wait(node)
    } else if (this.status[node] >= this.over) {
      this.counts.givenUp += this.status[node] & PENDING ? 1 : 0
      this.epochs.next(node)
    }

    this.status[node] += ROUND
    const isPending = (this.status[node] & PENDING) !== 0
    return isPending && this.asked != null ? this.asked.partner(node) : this.sample(node)
  }

  /** Asks for what is not like the others. */
  private ask(node: number, partner: number, out: AggregationMessage): void {
    const status = this.status[node]
    this.status[node] = (status & ~BUSY) | ASKING
    this.state.speak(node, out)
    out.part = (status & NEWCOMER) === 0 ? TAKES_PART : WAITS
    out.epoch = this.state.epochs[node]
    out.round = status >> ROUND_SHIFT

    if (this.asked != null) {
      if ((status & PENDING) === 0) {
        this.asked.begin(node, partner, out.round)
      }

      out.round = this.asked.round(node)
      out.exchange = this.asked.exchange(node)
    }
  }

  /** Answers a request that is not like the others. */
  private answer(node: number, from: number, request: AggregationMessage, out: AggregationMessage): boolean {
    const { answers } = this
    const kept = answers != null && request.part === TAKES_PART ? answers.find(node, from, request.exchange) : NEW
    out.part = TAKES_PART

    if (answers != null && kept >= 0) {
      // busy or not: it moves nothing
      answers.read(kept, out)
      this.counts.repeated++
      return true
    }

    if (kept === LATE || (this.status[node] & BUSY) !== 0 || this.isBad(node, request)) {
      return false
    }

    this.epochs.hear(node, from, request)
    const status = this.status[node]
    this.state.speak(node, out)
    out.epoch = this.state.epochs[node]
    out.round = status >> ROUND_SHIFT
    out.exchange = request.exchange

    if ((status & NEWCOMER) !== 0) {
      out.part = WAITS
    } else if (request.part !== TAKES_PART || request.epoch !== out.epoch) {
      out.part = APART
    } else {
      answers?.keep(node, from, out)
      this.state.move(node, request, Math.max(request.round, out.round))
    }

    return true
  }

  /** Absorbs an answer that is not like the others. */
  private hearAnswer(node: number, from: number, reply: AggregationMessage): void {
    const status = this.status[node]

    if ((status & ASKING) === 0 || this.asked?.isAnswer(node, from, reply.exchange) === false) {
      return
    }

    this.status[node] = status & ~ASKING

    if (this.isBad(node, reply)) {
      return
    }

    if (reply.part === TAKES_PART && (status & NEWCOMER) === 0 && reply.epoch === this.state.epochs[node]) {
      this.state.move(node, reply, Math.max(this.asked?.round(node) ?? status >> ROUND_SHIFT, reply.round))
    } else {
      this.missed(node, reply)
      this.epochs.hear(node, from, reply)
    }
  }

  private missed(node: number, reply: AggregationMessage): void {
    const isNewcomer = (this.status[node] & NEWCOMER) !== 0

    if (!isNewcomer && reply.part !== WAITS && reply.epoch !== this.state.epochs[node]) {
      this.epochs.miss(node, reply)
    }
  }

  private isBad(node: number, message: AggregationMessage): boolean {
    const defect = this.defect(node, message)
    const isBad = defect === 'not-finite' || defect === 'out-of-range'
    this.counts.refused += isBad ? 1 : 0
    return isBad
  }
}
