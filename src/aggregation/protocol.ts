import { type Failure, type GossipProtocol, NOBODY } from '../gossip/exchange.ts'
import type { PeerSource } from '../gossip/peer-source.ts'
import type { Random } from '../gossip/random.ts'
import { type Aggregate, checkValue } from './aggregate.ts'
import { Answers, LATE, NEW } from './answers.ts'
import { Asked } from './asked.ts'
import { Claims } from './claims.ts'
import { CONVERGED, JUST_BEGUN, LIMIT_DECAY, MAX_EPOCH, ROUNDS_ALONE, SPREAD_DECAY } from './constants.ts'
import { distance, evaluate, fill, MEAN } from './functions.ts'
import { Instances } from './instances.ts'
import { AggregationMessage, APART, TAKES_PART, WAITS } from './message.ts'
import { type AggregationParameters, checkAggregate } from './parameters.ts'
import { NONE, Results } from './results.ts'
import { Schema } from './schema.ts'

/** What a population of aggregating nodes is made of. */
export interface AggregationPopulation {
  /** How many nodes; their numbers are 0 to nodes - 1. All begin with epoch 0 but those that are {@link AggregationProtocol.welcome}d. */
  nodes: number
  parameters: AggregationParameters
  random: Random
  source: PeerSource
  /** A node's own value when it begins an epoch, or undefined: it then takes no part in that aggregate. Not asked for counts. */
  values(node: number, aggregate: number): number | undefined
}

/** What a node knows of an aggregate. */
export interface Estimate {
  /** A histogram's are the parts of all values in each bin. */
  value: number | number[]
  epoch: number
  /** Rounds of it that the node has made. */
  rounds: number
  /**
   * How far its last partners' values were from its own (of a histogram: in the worst bin); of a count, the standard error
   * among its instances. Undefined while an epoch has not nearly converged, and when the node met nobody then.
   */
  spread: number | undefined
}

/** Why a message is bad. */
export type Defect = 'not-finite' | 'out-of-range' | 'wrong-epoch'

/** What was not as usual, in all of a population since it began. */
export interface AggregationCounts {
  /** Messages that made impossible claims, and changed nothing. */
  refused: number
  /** Messages of epochs that the node does not believe in yet. */
  wrongEpoch: number
  /** Requests answered a second time. */
  repeated: number
  /** Exchanges that were given up though their answer may have been given. */
  givenUp: number
  /** Nodes that were drawn into the next epoch by others. */
  drawn: number
  /** Nodes that found themselves left behind, and became newcomers. */
  leftBehind: number
}

/** A node's status word: its flags, and above them the rounds that it has begun. */
const ASKING = 1
const PENDING = 2
const NEWCOMER = 4
const BUSY = ASKING | PENDING
const FLAGS = 15
const ROUND = 16

/** Most nodes whose partners are drawn ahead. */
const AHEAD = 64

/** The spread of who has met nobody. */
const UNKNOWN = -1

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
  readonly counts: AggregationCounts = {
    refused: 0,
    wrongEpoch: 0,
    repeated: 0,
    givenUp: 0,
    drawn: 0,
    leftBehind: 0
  }
  private readonly random: Random
  private readonly source: PeerSource
  private readonly values: AggregationPopulation['values']
  /** A record a node, over the same bytes: its epoch and status, in the place of one cell, and then its cells. */
  private readonly words: Int32Array
  private readonly cells: Float64Array
  /** Length of a record, in cells. */
  private readonly stride: number
  /** Rounds of an epoch after which it has nearly converged, and before which it has just begun. */
  private readonly converged: number
  private readonly justBegun: number
  /** By round: the part of half a range that a value may move by. */
  private readonly limits: Float64Array
  /** By node and aggregate: 1 when the node takes part in it in this epoch. */
  private readonly present: Uint8Array
  /** How far partners' values are, by node and aggregate; -1 when that is not known. */
  private readonly spreads: Float64Array
  private readonly instances: Instances | undefined
  private readonly claims: Claims
  private readonly answers: Answers | undefined
  private readonly asked: Asked | undefined
  private readonly results: Results
  /** What a node is about to begin an epoch with. */
  private readonly fresh: (number | undefined)[]
  /** Whether some node may lack some aggregate. */
  private partial = false
  /** Whether the first cell and nothing else is exchanged, and it is a mean: then the bounds of it are these. */
  private plain = false
  private from = 0
  private to = 0
  /** Partners drawn ahead, and for whom; those before `aheadAt` have been had. */
  private readonly aheadNodes = new Int32Array(AHEAD)
  private readonly aheadPartners = new Int32Array(AHEAD)
  private aheadAt = 0
  private aheadCount = 0
  /** What {@link prefetch} has read last: kept, lest the reads be left out. */
  protected read = 0

  /** @throws ParameterError when a value is impossible */
  constructor({ nodes, parameters, random, source, values }: AggregationPopulation) {
    const { epoch, instances, retries, trimmed } = parameters
    this.nodes = nodes
    this.parameters = parameters
    this.random = random
    this.source = source
    this.values = values
    this.schema = new Schema(parameters.cells, parameters.aggregates)
    const { capacity, slots } = this.schema
    // an even number of them: no record of one cell lies in two cache lines
    this.stride = Math.ceil((1 + capacity) / 2) * 2
    const buffer = new ArrayBuffer(nodes * this.stride * 8)
    this.words = new Int32Array(buffer)
    this.cells = new Float64Array(buffer)
    this.converged = Math.ceil(epoch * CONVERGED)
    this.justBegun = Math.floor(epoch * JUST_BEGUN)
    this.limits = Float64Array.from({ length: epoch + 1 }, (_, round) =>
      trimmed ? LIMIT_DECAY ** Math.max(0, round - 1) : Number.POSITIVE_INFINITY
    )
    this.present = new Uint8Array(nodes * slots)
    this.spreads = new Float64Array(nodes * slots)
    this.instances = instances > 0 ? new Instances(nodes, instances) : undefined
    this.claims = new Claims(nodes)
    this.answers = retries > 0 ? new Answers(nodes, this.createMessage()) : undefined
    this.asked = retries > 0 ? new Asked(nodes, random) : undefined
    this.results = new Results(nodes, this.schema, slots)
    this.fresh = Array.from({ length: slots }, () => undefined)
    this.plan()

    for (let node = 0; node < nodes; node++) {
      this.start(node, 0)
    }
  }

  /** Bytes of all arrays that it holds for its population. */
  get stateBytes(): number {
    const { words, present, spreads, instances, claims, answers, asked, results } = this
    const arrays = words.byteLength + present.byteLength + spreads.byteLength
    const rare = (instances?.stateBytes ?? 0) + (answers?.stateBytes ?? 0) + (asked?.stateBytes ?? 0)
    return arrays + rare + claims.stateBytes + results.stateBytes
  }

  createMessage(): AggregationMessage {
    return new AggregationMessage(this.schema, this.parameters.instances)
  }

  /** Newcomers have the numbers from `first` to before `end`: they wait until an epoch begins. */
  welcome(first: number, end: number): void {
    for (let node = first; node < end; node++) {
      this.claims.clear(node)
      this.answers?.clear(node)
      this.results.epochs[node] = NONE
      this.words[node * this.stride * 2] = NONE
      this.words[node * this.stride * 2 + 1] = NEWCOMER
    }
  }

  /**
   * Adds an aggregate, in which every node takes part from its next epoch on.
   *
   * @returns its number
   * @throws ParameterError when there is no room for it, or its name is taken
   */
  define(aggregate: Aggregate): number {
    checkAggregate(aggregate, this.parameters)
    const number = this.schema.define(aggregate)
    this.partial = true
    this.plan()
    return number
  }

  /** Ends an aggregate: its number and results are gone at once. */
  withdraw(aggregate: number): void {
    this.schema.withdraw(aggregate)
    this.partial = true
    this.plan()

    for (let i = aggregate; i < this.present.length; i += this.schema.slots) {
      this.present[i] = 0
      this.results.present[i] = 0
    }
  }

  /**
   * Draws the partners of nodes that are about to have their turn, and reads something of the records of both, so that
   * these are at hand then: a million records lie in no cache.
   */
  prefetch(nodes: Int32Array, from: number, to: number): void {
    const { words, stride, source, aheadNodes, aheadPartners } = this
    const end = Math.min(to, from + AHEAD)
    let count = 0
    let read = 0

    for (let i = from; i < end; i++) {
      if ((words[nodes[i] * stride * 2 + 1] & BUSY) === 0) {
        aheadNodes[count++] = nodes[i]
      }
    }

    for (let i = 0; i < count; i++) {
      aheadPartners[i] = source.sample(aheadNodes[i])
    }

    for (let i = 0; i < count; i++) {
      read ^= aheadPartners[i] === NOBODY ? 0 : words[aheadPartners[i] * stride * 2 + 1]
    }

    this.aheadAt = 0
    this.aheadCount = count
    this.read = read
  }

  partner(node: number): number {
    const at = node * this.stride * 2 + 1
    const status = this.words[at]

    if ((status & FLAGS) !== 0 || status >= this.parameters.epoch * ROUND) {
      return this.turn(node)
    }

    this.words[at] = status + ROUND
    return this.sample(node)
  }

  /** A partner, the one drawn ahead if there is one. */
  private sample(node: number): number {
    while (this.aheadAt < this.aheadCount) {
      const at = this.aheadAt++

      if (this.aheadNodes[at] === node) {
        return this.aheadPartners[at]
      }
    }

    return this.source.sample(node)
  }

  anotherPartner(node: number): number {
    const isPending = (this.words[node * this.stride * 2 + 1] & PENDING) !== 0
    return isPending ? NOBODY : this.source.sample(node)
  }

  request(node: number, partner: number, out: AggregationMessage): void {
    const at = node * this.stride * 2
    const status = this.words[at + 1]
    this.words[at + 1] = (status & ~BUSY) | ASKING
    out.epoch = this.words[at]
    out.round = status >> 4
    out.part = TAKES_PART

    if (this.plain && (status & FLAGS) === 0) {
      out.cells[0] = this.cells[(at >> 1) + 1]
      return
    }

    this.speak(node, out)

    if ((status & NEWCOMER) !== 0) {
      out.part = WAITS
    }

    if (this.asked != null) {
      if ((status & PENDING) === 0) {
        this.asked.begin(node, partner, out.round)
      }

      out.round = this.asked.round(node)
      out.exchange = this.asked.exchange(node)
    }
  }

  respond(node: number, from: number, request: AggregationMessage, out: AggregationMessage): boolean {
    const at = node * this.stride * 2
    const status = this.words[at + 1]

    if (
      !this.plain ||
      (status & FLAGS) !== 0 ||
      this.words[at] !== request.epoch ||
      request.part !== TAKES_PART ||
      request.partial
    ) {
      return this.answer(node, from, request, out)
    }

    const mine = this.cells[(at >> 1) + 1]
    const theirs = request.cells[0]

    if (!(theirs >= this.from && theirs <= this.to)) {
      this.counts.refused++
      return false
    }

    out.part = TAKES_PART
    out.epoch = request.epoch
    out.round = status >> 4
    out.cells[0] = mine
    this.cells[(at >> 1) + 1] = mine + (theirs - mine) / 2

    if (status >= this.converged * ROUND) {
      this.noteSpread(node, 0, Math.abs(theirs - mine))
    }

    return true
  }

  absorb(node: number, from: number, _request: AggregationMessage, reply: AggregationMessage): void {
    const at = node * this.stride * 2
    const status = this.words[at + 1]

    if (
      !this.plain ||
      (status & FLAGS) !== ASKING ||
      this.words[at] !== reply.epoch ||
      reply.part !== TAKES_PART ||
      reply.partial
    ) {
      this.hearAnswer(node, from, reply)
      return
    }

    const mine = this.cells[(at >> 1) + 1]
    const theirs = reply.cells[0]
    this.words[at + 1] = status & ~ASKING

    if (!(theirs >= this.from && theirs <= this.to)) {
      this.counts.refused++
      return
    }

    this.cells[(at >> 1) + 1] = mine + (theirs - mine) / 2

    if (status >= this.converged * ROUND) {
      this.noteSpread(node, 0, Math.abs(theirs - mine))
    }
  }

  abandon(node: number, _partner: number, why: Failure): void {
    const at = node * this.stride * 2 + 1
    const status = this.words[at]

    if ((status & BUSY) !== 0) {
      const mayBeAnswered = (status & NEWCOMER) === 0 && (why === 'timeout' || why === 'unreachable')
      const repeats = mayBeAnswered && (this.asked?.repeats(node, this.parameters.retries) ?? false)
      this.words[at] = (status & ~BUSY) | (repeats ? PENDING : 0)
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

    if (!(epoch >= 0 && epoch <= MAX_EPOCH && round >= 0 && round <= this.parameters.epoch)) {
      return 'out-of-range'
    }

    const claim = message.part === TAKES_PART ? this.claimDefect(message) : undefined
    const at = node * this.stride * 2
    const isTooFar = epoch > this.words[at] + (this.words[at + 1] >= this.converged * ROUND ? 1 : 0)
    return claim ?? (isTooFar && (this.words[at + 1] & NEWCOMER) === 0 ? 'wrong-epoch' : undefined)
  }

  /** The epoch that the node is in, or -1 while it waits for one. */
  epoch(node: number): number {
    return this.words[node * this.stride * 2 + 1] & NEWCOMER ? NONE : this.words[node * this.stride * 2]
  }

  /** Rounds that it has begun of its epoch, or has waited for one. */
  round(node: number): number {
    return this.words[node * this.stride * 2 + 1] >> 4
  }

  /** What the node's last finished epoch says, or undefined when there is none or it took no part. */
  result(node: number, aggregate: number): Estimate | undefined {
    const { results, schema } = this
    const slot = node * schema.slots + aggregate

    if (results.epochs[node] === NONE || results.present[slot] === 0) {
      return undefined
    }

    const { [node]: epoch } = results.epochs
    const { [node]: rounds } = results.rounds
    const size = { value: results.sizes[node], spread: results.sizeSpreads[node] }
    const at = node * schema.capacity
    return { ...this.said(aggregate, results.cells, at, results.spreads[slot], size), epoch, rounds }
  }

  /** What the epoch that is under way says so far, or undefined when the node takes no part. */
  estimate(node: number, aggregate: number): Estimate | undefined {
    const slot = node * this.schema.slots + aggregate
    const epoch = this.epoch(node)

    if (epoch === NONE || this.present[slot] === 0) {
      return undefined
    }

    const size = this.instances?.size(node) ?? { value: Number.NaN, spread: Number.NaN }
    const at = node * this.stride + 1
    return { ...this.said(aggregate, this.cells, at, this.spreads[slot], size), epoch, rounds: this.round(node) }
  }

  private said(
    number: number,
    cells: Float64Array,
    at: number,
    distance: number,
    size: { value: number; spread: number }
  ): Pick<Estimate, 'value' | 'spread'> {
    const aggregate = this.schema.aggregates[number] as Aggregate
    const known = distance < 0 ? undefined : distance * (aggregate.function === 'sum' ? size.value : 1)
    return {
      value: evaluate(aggregate, cells, at + this.schema.first[number], size.value),
      spread: aggregate.function === 'count' ? size.spread : known
    }
  }

  /** Begins a round that is not like the others: the epoch is over, or an answer did not come, or there is no epoch yet. */
  private turn(node: number): number {
    const at = node * this.stride * 2 + 1

    if ((this.words[at] & ASKING) !== 0) {
      // an answer to something else than was asked is none
      this.abandon(node, NOBODY, 'timeout')
    }

    if ((this.words[at] & NEWCOMER) !== 0) {
      this.wait(node)
    } else if (this.words[at] >= this.parameters.epoch * ROUND) {
      this.counts.givenUp += this.words[at] & PENDING ? 1 : 0
      this.finish(node)
      this.start(node, this.words[at - 1] + 1)
    }

    this.words[at] += ROUND
    const isPending = (this.words[at] & PENDING) !== 0
    return isPending && this.asked != null ? this.asked.partner(node) : this.sample(node)
  }

  /** A newcomer begins when the epoch that it has heard of is over, or when there seems to be none. */
  private wait(node: number): void {
    const waited = this.round(node)
    const claim = this.claims.middle(node)
    const isSure = this.claims.suffice(node) || waited >= ROUNDS_ALONE

    if (isSure && waited >= (claim?.ends ?? 0)) {
      this.start(node, (claim?.epoch ?? NONE) + 1)
    }
  }

  /** Answers a request that is not like the others. */
  private answer(node: number, from: number, request: AggregationMessage, out: AggregationMessage): boolean {
    const { answers } = this
    const at = node * this.stride * 2
    const kept = answers != null && request.part === TAKES_PART ? answers.find(node, from, request.exchange) : NEW
    out.part = TAKES_PART

    if (answers != null && kept >= 0) {
      // busy or not: it moves nothing
      answers.read(kept, out)
      this.counts.repeated++
      return true
    }

    if (kept === LATE || (this.words[at + 1] & BUSY) !== 0 || this.isBad(node, request)) {
      return false
    }

    this.hear(node, from, request)
    const status = this.words[at + 1]
    this.speak(node, out)
    out.epoch = this.words[at]
    out.round = status >> 4
    out.exchange = request.exchange

    if ((status & NEWCOMER) !== 0) {
      out.part = WAITS
    } else if (request.part !== TAKES_PART || request.epoch !== out.epoch) {
      out.part = APART
    } else {
      answers?.keep(node, from, out)
      this.move(node, request, Math.max(request.round, out.round))
    }

    return true
  }

  /** Absorbs an answer that is not like the others. */
  private hearAnswer(node: number, from: number, reply: AggregationMessage): void {
    const at = node * this.stride * 2
    const status = this.words[at + 1]

    if ((status & ASKING) === 0 || this.asked?.isAnswer(node, from, reply.exchange) === false) {
      return
    }

    this.words[at + 1] = status & ~ASKING

    if (this.isBad(node, reply)) {
      return
    }

    if (reply.part === TAKES_PART && (status & NEWCOMER) === 0 && reply.epoch === this.words[at]) {
      this.move(node, reply, Math.max(this.asked?.round(node) ?? status >> 4, reply.round))
    } else {
      this.hear(node, from, reply)
    }
  }

  private isBad(node: number, message: AggregationMessage): boolean {
    const defect = this.defect(node, message)
    const isBad = defect === 'not-finite' || defect === 'out-of-range'
    this.counts.refused += isBad ? 1 : 0
    return isBad
  }

  private claimDefect(message: AggregationMessage): Defect | undefined {
    const { schema } = this

    for (let number = 0; number < schema.size; number++) {
      const end = message.has(number) && schema.aggregates[number] != null ? schema.end[number] : 0

      for (let i = schema.first[number]; i < end; i++) {
        const claim = message.cells[i]

        if (!(claim >= schema.from[i] && claim <= schema.to[i])) {
          return Number.isFinite(claim) ? 'out-of-range' : 'not-finite'
        }
      }
    }

    return this.instances == null || Instances.isSound(message) ? undefined : 'out-of-range'
  }

  /** Writes the node's cells. */
  private speak(node: number, out: AggregationMessage): void {
    const { schema } = this
    const first = node * this.stride + 1

    for (let i = 0; i < schema.capacity; i++) {
      out.cells[i] = this.cells[first + i]
    }

    out.partial = false

    if (this.partial) {
      for (let number = 0; number < schema.slots; number++) {
        const has = this.present[node * schema.slots + number]
        out.present[number] = has
        out.partial ||= has === 0
      }
    }

    this.instances?.write(node, out)
  }

  /** Both ends do this, each with what the other had before. */
  private move(node: number, message: AggregationMessage, round: number): void {
    const { schema, present, cells } = this
    const first = node * this.stride + 1
    const isNearlyOver = this.words[node * this.stride * 2 + 1] >= this.converged * ROUND

    for (let number = 0; number < schema.size; number++) {
      if (present[node * schema.slots + number] === 1 && message.has(number)) {
        if (isNearlyOver) {
          const at = schema.first[number]
          const aggregate = schema.aggregates[number] as Aggregate
          this.noteSpread(node, number, distance(aggregate, cells, first + at, message.cells, at))
        }

        schema.move(number, cells, first, message.cells, this.limits[round])
      }
    }

    this.instances?.merge(node, message)
  }

  private noteSpread(node: number, aggregate: number, far: number): void {
    const at = node * this.schema.slots + aggregate
    this.spreads[at] = Math.max(far, this.spreads[at] * SPREAD_DECAY)
  }

  /** Follows what a message says of epochs, as far as it is to be believed. */
  private hear(node: number, from: number, { part, epoch, round }: AggregationMessage): void {
    const at = node * this.stride * 2
    const own = this.words[at]
    const status = this.words[at + 1]
    const isNewcomer = (status & NEWCOMER) !== 0

    if (part === WAITS || (!isNewcomer && epoch <= own)) {
      return
    }

    if (isNewcomer) {
      if (epoch - 1 === this.claims.middle(node)?.epoch && round <= this.justBegun) {
        this.start(node, epoch)
        return
      }
    } else if (epoch === own + 1 && status >= this.converged * ROUND) {
      this.finish(node)
      this.start(node, epoch)
      this.counts.drawn++
      return
    } else {
      this.counts.wrongEpoch++
    }

    const ownRound = status >> 4
    this.claims.note(node, from, epoch, ownRound + this.parameters.epoch - round)

    if (!isNewcomer && this.claims.suffice(node)) {
      if (status >= this.converged * ROUND) {
        this.finish(node)
      }

      this.words[at + 1] = NEWCOMER
      this.claims.shift(node, ownRound)
      this.counts.leftBehind++
    }
  }

  /** The estimates become the result. */
  private finish(node: number): void {
    const { results, schema } = this
    const { capacity, slots } = schema
    const first = node * this.stride + 1
    results.epochs[node] = this.words[node * this.stride * 2]
    results.rounds[node] = this.round(node)
    results.cells.set(this.cells.subarray(first, first + capacity), node * capacity)
    results.spreads.set(this.spreads.subarray(node * slots, (node + 1) * slots), node * slots)
    results.present.set(this.present.subarray(node * slots, (node + 1) * slots), node * slots)

    if (this.instances != null) {
      const { value, spread } = this.instances.size(node)
      results.sizes[node] = value
      results.sizeSpreads[node] = spread
    }
  }

  /** Begins an epoch from current values. */
  private start(node: number, epoch: number): void {
    const { schema, fresh } = this
    const at = node * this.stride * 2

    for (let number = 0; number < schema.size; number++) {
      const aggregate = schema.aggregates[number]
      const value = aggregate?.function === 'count' ? 0 : aggregate && this.values(node, number)
      fresh[number] = aggregate == null || value == null ? undefined : checkValue(aggregate, value)
    }

    for (let number = 0; number < schema.size; number++) {
      this.begin(node, number, fresh[number])
    }

    this.words[at] = epoch
    this.words[at + 1] = 0
    this.claims.clear(node)
    this.instances?.start(node, this.random.next())
  }

  private begin(node: number, number: number, value: number | undefined): void {
    const aggregate = this.schema.aggregates[number]
    const slot = node * this.schema.slots + number
    this.present[slot] = value == null ? 0 : 1
    this.spreads[slot] = UNKNOWN

    if (aggregate != null && value != null) {
      fill(aggregate, value, this.cells, node * this.stride + 1 + this.schema.first[number])
    } else if (!this.partial) {
      this.partial = true
      this.plan()
    }
  }

  /** Sees whether the usual and cheapest way is enough. */
  private plan(): void {
    const { schema, parameters } = this
    const isOne = schema.size === 1 && schema.end[0] === 1 && schema.operations[0] === MEAN
    const isUsual = parameters.instances === 0 && parameters.retries === 0 && !parameters.trimmed
    this.plain = isOne && isUsual && !this.partial
    this.from = isOne ? schema.from[0] : 0
    this.to = isOne ? schema.to[0] : 0
  }
}
