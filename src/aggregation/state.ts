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

/**
 * A node's status: its flags, and above them the rounds that it has begun. Half a word: of a million nodes it then stays near
 * the processor.
 */
export const ASKING = 1
export const PENDING = 2
export const NEWCOMER = 4
/** The node is in another epoch than most. */
export const ASIDE = 8
export const BUSY = ASKING | PENDING
export const FLAGS = 15
export const ROUND = 16
export const ROUND_SHIFT = 4

/** The spread of who has met nobody. */
const UNKNOWN = -1

/** What each node of a population holds: its epoch and status, its cells, and what its last finished epoch left. */
export class AggregationState {
  readonly schema: Schema
  readonly status: Uint16Array
  readonly epochs: Int32Array
  readonly cells: Float64Array
  /** Cells of a node. */
  readonly stride: number
  /** The epoch that most nodes are in: of the others status says that they are not. */
  current = 0
  /** How many nodes are aside. */
  private aside = 0
  readonly instances: Instances | undefined
  readonly results: Results
  /** Status up to which exchanges are of the plainest kind: one mean and nothing else, of which nothing is noted. 0: never. */
  quiet = 0
  /** Status from which on a node notes how far its partners' values are. */
  readonly notes: number
  private readonly nodes: number
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
    this.nodes = nodes
    this.parameters = parameters
    this.random = random
    this.values = values
    this.schema = new Schema(parameters.cells, parameters.aggregates)
    const { capacity, slots } = this.schema
    this.stride = capacity
    this.status = new Uint16Array(nodes)
    this.epochs = new Int32Array(nodes)
    this.cells = new Float64Array(nodes * capacity)
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
    const { status, epochs, cells, present, spreads, instances, results } = this
    const arrays = [status, epochs, cells, present, spreads].reduce((sum, { byteLength }) => sum + byteLength, 0)
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
    return (this.status[node] & NEWCOMER) === 0 ? this.epochs[node] : NONE
  }

  /** Rounds that it has begun of its epoch, or has waited for one. */
  round(node: number): number {
    return this.status[node] >> ROUND_SHIFT
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
    const said = this.said(aggregate, this.cells, node * this.stride, this.spreads[slot], size)
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
    const first = node * this.stride

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
    const first = node * this.stride
    const isLate = this.status[node] >= this.notes

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
    const first = node * this.stride
    results.epochs[node] = this.epochs[node]
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
    const { schema, fresh } = this

    for (let number = 0; number < schema.size; number++) {
      const aggregate = schema.aggregates[number]
      const value = aggregate?.function === 'count' ? 0 : aggregate && this.values(node, number)
      fresh[number] = aggregate == null || value == null ? undefined : checkValue(aggregate, value)
    }

    for (let number = 0; number < schema.size; number++) {
      this.begin(node, number, fresh[number])
    }

    this.enter(node, epoch)
    this.instances?.start(node, this.random.next())
  }

  /** The node is in no epoch from now on. */
  leave(node: number): void {
    this.aside -= (this.status[node] & ASIDE) !== 0 ? 1 : 0
    this.epochs[node] = NONE
    this.status[node] = NEWCOMER
  }

  private enter(node: number, epoch: number): void {
    const isAside = epoch !== this.current
    this.aside += (isAside ? 1 : 0) - ((this.status[node] & ASIDE) !== 0 ? 1 : 0)
    this.epochs[node] = epoch
    this.status[node] = isAside ? ASIDE : 0

    // at most once an epoch, however many of them are dead and stay behind
    if (epoch > this.current && this.aside * 2 > this.nodes) {
      this.follow(epoch)
    }
  }

  /** Most have gone on. */
  private follow(epoch: number): void {
    const { status, epochs } = this
    this.current = epoch
    this.aside = 0

    for (let node = 0; node < this.nodes; node++) {
      const isAside = epochs[node] !== epoch && (status[node] & NEWCOMER) === 0
      status[node] = (status[node] & ~ASIDE) | (isAside ? ASIDE : 0)
      this.aside += isAside ? 1 : 0
    }
  }

  private begin(node: number, number: number, value: number | undefined): void {
    const aggregate = this.schema.aggregates[number]
    const slot = node * this.schema.slots + number
    this.present[slot] = value == null ? 0 : 1
    this.spreads[slot] = UNKNOWN

    if (aggregate != null && value != null) {
      fill(aggregate, value, this.cells, node * this.stride + this.schema.first[number])
    } else if (!this.partial) {
      this.partial = true
      this.plan()
    }
  }

  /** Sees whether the simplest way is enough. */
  private plan(): void {
    const { schema, parameters } = this
    const isOne = schema.size === 1 && schema.end[0] === 1 && schema.operations[0] === MEAN
    const isPlain =
      isOne && !this.partial && parameters.instances === 0 && parameters.retries === 0 && !parameters.trimmed
    this.quiet = isPlain ? this.notes : 0
  }
}
