import type { Random } from '../gossip/random.ts'
import { type Aggregate, checkValue } from './aggregate.ts'
import { LIMIT_DECAY, SPREAD_DECAY, SPREAD_ROUNDS } from './constants.ts'
import { distance, evaluate, fill, MEAN } from './functions.ts'
import { Instances, type Size } from './instances.ts'
import type { AggregationMessage } from './message.ts'
import { type AggregationParameters, checkAggregate } from './parameters.ts'
import { NONE, Results } from './results.ts'
import { Schema } from './schema.ts'

/** What a node knows of an aggregate. */
export interface Estimate {
  /** A histogram's are the parts of all values in each bin. */
  value: number | number[]
  epoch: number
  /** Rounds of it that the node has made. */
  rounds: number
  /**
   * How far its last partners' values were from its own (of a histogram: in the worst bin); of a count, the standard error
   * among its instances. Undefined before the last rounds of an epoch, and when the node met nobody in them.
   */
  spread: number | undefined
}

/** A node's own value when it begins an epoch, or undefined: it then takes no part in that aggregate. Not asked for counts. */
export type Values = (node: number, aggregate: number) => number | undefined

/** A node's status word: its flags, and above them the rounds that it has begun. */
export const ASKING = 1
export const PENDING = 2
export const NEWCOMER = 4
export const BUSY = ASKING | PENDING
export const FLAGS = 15
export const ROUND = 16
export const ROUND_SHIFT = 4

/** The spread of who has met nobody. */
const UNKNOWN = -1

/** What each node of a population holds: its epoch and status, its cells, and what its last finished epoch left. */
export class AggregationState {
  readonly schema: Schema
  /** A record a node, over the same bytes: its epoch and status, in the place of one cell, and then its cells. */
  readonly words: Int32Array
  readonly cells: Float64Array
  /** Length of a record, in cells. */
  readonly stride: number
  readonly instances: Instances | undefined
  readonly results: Results
  /** Whether one mean and nothing else is exchanged, in the simplest way. */
  plain = false
  /** Status from which on a node notes how far its partners' values are. */
  readonly notes: number
  private readonly parameters: AggregationParameters
  private readonly random: Random
  private readonly values: Values
  /** By round: the part of half a range that a value may move by. */
  private readonly limits: Float64Array
  /** By node and aggregate: 1 when the node takes part in it in this epoch. */
  private readonly present: Uint8Array
  /** How far partners' values are, by node and aggregate, or {@link UNKNOWN}. */
  private readonly spreads: Float64Array
  /** What a node is about to begin an epoch with. */
  private readonly fresh: (number | undefined)[]
  /** Whether some node may lack some aggregate. */
  private partial = false

  constructor(nodes: number, parameters: AggregationParameters, random: Random, values: Values) {
    const { epoch, instances, trimmed } = parameters
    this.parameters = parameters
    this.random = random
    this.values = values
    this.schema = new Schema(parameters.cells, parameters.aggregates)
    const { capacity, slots } = this.schema
    // an even number of them: no record of one cell lies in two cache lines
    this.stride = Math.ceil((1 + capacity) / 2) * 2
    const buffer = new ArrayBuffer(nodes * this.stride * 8)
    this.words = new Int32Array(buffer)
    this.cells = new Float64Array(buffer)
    this.notes = Math.max(1, epoch - SPREAD_ROUNDS + 1) * ROUND
    this.limits = Float64Array.from({ length: epoch + 1 }, (_, round) =>
      trimmed ? LIMIT_DECAY ** Math.max(0, round - 1) : Number.POSITIVE_INFINITY
    )
    this.present = new Uint8Array(nodes * slots)
    this.spreads = new Float64Array(nodes * slots)
    this.instances = instances > 0 ? new Instances(nodes, instances) : undefined
    this.results = new Results(nodes, this.schema, slots)
    this.fresh = Array.from({ length: slots }, () => undefined)
    // answers that are kept shall not seem to bring what is defined later
    this.partial = slots > parameters.aggregates.length
    this.plan()
  }

  /** Bytes of its arrays. */
  get stateBytes(): number {
    const { words, present, spreads, instances, results } = this
    const arrays = [words, present, spreads].reduce((sum, { byteLength }) => sum + byteLength, 0)
    return arrays + results.stateBytes + (instances?.stateBytes ?? 0)
  }

  define(aggregate: Aggregate): number {
    checkAggregate(aggregate, this.parameters)
    const number = this.schema.define(aggregate)
    this.partial = true
    this.plan()
    return number
  }

  withdraw(aggregate: number): void {
    this.schema.withdraw(aggregate)
    this.partial = true
    this.plan()

    for (let i = aggregate; i < this.present.length; i += this.schema.slots) {
      this.present[i] = 0
      this.results.present[i] = 0
    }
  }

  /** The epoch that the node is in, or -1 while it waits for one. */
  epoch(node: number): number {
    const at = node * this.stride * 2
    return (this.words[at + 1] & NEWCOMER) === 0 ? this.words[at] : NONE
  }

  /** Rounds that it has begun of its epoch, or has waited for one. */
  round(node: number): number {
    return this.words[node * this.stride * 2 + 1] >> ROUND_SHIFT
  }

  result(node: number, aggregate: number): Estimate | undefined {
    const { results, schema } = this
    const slot = node * schema.slots + aggregate
    const epoch = results.epochs[node]

    if (epoch === NONE || aggregate >= schema.slots || results.present[slot] === 0) {
      return undefined
    }

    const size = { value: results.sizes[node], spread: results.sizeSpreads[node] }
    const said = this.said(aggregate, results.cells, node * schema.capacity, results.spreads[slot], size)
    return { ...said, epoch, rounds: results.rounds[node] }
  }

  estimate(node: number, aggregate: number): Estimate | undefined {
    const { schema } = this
    const slot = node * schema.slots + aggregate
    const epoch = this.epoch(node)

    if (epoch === NONE || aggregate >= schema.slots || this.present[slot] === 0) {
      return undefined
    }

    const size = this.instances?.size(node) ?? { value: Number.NaN, spread: Number.NaN }
    const said = this.said(aggregate, this.cells, node * this.stride + 1, this.spreads[slot], size)
    return { ...said, epoch, rounds: this.round(node) }
  }

  private said(
    number: number,
    cells: Float64Array,
    at: number,
    far: number,
    size: Size
  ): Omit<Estimate, 'epoch' | 'rounds'> {
    const aggregate = this.schema.aggregates[number] as Aggregate
    const known = far === UNKNOWN ? undefined : far * (aggregate.function === 'sum' ? size.value : 1)
    return {
      value: evaluate(aggregate, cells, at + this.schema.first[number], size.value),
      spread: aggregate.function === 'count' ? size.spread : known
    }
  }

  /** Writes what the node holds. */
  speak(node: number, out: AggregationMessage): void {
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

  /**
   * Moves what the node holds toward what the other end held before. Both ends do this.
   *
   * @param round - the later one of both ends, by which the limit goes in mode trimmed
   */
  move(node: number, message: AggregationMessage, round: number): void {
    const { schema, present, cells } = this
    const first = node * this.stride + 1
    const isLate = this.words[node * this.stride * 2 + 1] >= this.notes

    for (let number = 0; number < schema.size; number++) {
      if (present[node * schema.slots + number] === 1 && message.has(number)) {
        if (isLate) {
          const at = schema.first[number]
          const aggregate = schema.aggregates[number] as Aggregate
          this.noteSpread(node, number, distance(aggregate, cells, first + at, message.cells, at))
        }

        schema.move(number, cells, first, message.cells, this.limits[round])
      }
    }

    this.instances?.merge(node, message)
  }

  noteSpread(node: number, aggregate: number, far: number): void {
    const at = node * this.schema.slots + aggregate
    this.spreads[at] = Math.max(far, this.spreads[at] * SPREAD_DECAY)
  }

  /** The estimates become the result. */
  finish(node: number): void {
    const { results, schema, instances } = this
    const { capacity, slots } = schema
    const first = node * this.stride + 1
    results.epochs[node] = this.words[node * this.stride * 2]
    results.rounds[node] = this.round(node)

    for (let i = 0; i < capacity; i++) {
      results.cells[node * capacity + i] = this.cells[first + i]
    }

    for (let slot = node * slots; slot < (node + 1) * slots; slot++) {
      results.spreads[slot] = this.spreads[slot]
      results.present[slot] = this.present[slot]
    }

    if (instances != null) {
      const { value, spread } = instances.size(node)
      results.sizes[node] = value
      results.sizeSpreads[node] = spread
    }
  }

  /**
   * Begins an epoch from current values.
   *
   * @throws ParameterError when one is impossible; then nothing has changed
   */
  start(node: number, epoch: number): void {
    const { schema, fresh, words } = this
    const at = node * this.stride * 2

    for (let number = 0; number < schema.size; number++) {
      const aggregate = schema.aggregates[number]
      const value = aggregate?.function === 'count' ? 0 : aggregate && this.values(node, number)
      fresh[number] = aggregate == null || value == null ? undefined : checkValue(aggregate, value)
    }

    for (let number = 0; number < schema.size; number++) {
      this.begin(node, number, fresh[number])
    }

    words[at] = epoch
    words[at + 1] = 0
    this.instances?.start(node, this.random.next())
  }

  /** The node is in no epoch from now on. */
  leave(node: number): void {
    this.words[node * this.stride * 2] = NONE
    this.words[node * this.stride * 2 + 1] = NEWCOMER
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

  /** Sees whether the simplest way is enough. */
  private plan(): void {
    const { schema, parameters } = this
    const isOne = schema.size === 1 && schema.end[0] === 1 && schema.operations[0] === MEAN
    this.plain = isOne && !this.partial && parameters.instances === 0 && parameters.retries === 0 && !parameters.trimmed
  }
}
