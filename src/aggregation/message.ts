import { MAX_AGGREGATES } from './constants.ts'
import type { Schema } from './schema.ts'

/** The sender is in the epoch that it tells: its cells are to be exchanged. */
export const TAKES_PART = 0
/** An answer of one who is in another epoch than the request, or was asked by one who waits: it brings no cells. */
export const APART = 1
/** The sender is in no epoch yet and brings no cells. Epoch and round mean nothing. */
export const WAITS = 2

/** What two peers tell each other. A reusable buffer. */
export class AggregationMessage {
  /** {@link TAKES_PART}, {@link APART} or {@link WAITS}. */
  part: number = TAKES_PART
  epoch = 0
  /** Rounds of its epoch that the sender has begun. */
  round = 0
  /** Number of the exchange, 32 bits: a repeated request has the number of the first one, and an answer that of its request. */
  exchange = 0
  /** The sender lacks some of the aggregates, and {@link present} says which; otherwise it has all of them. */
  partial = false
  /** By number of the aggregate: 1 when the sender has it. Read only if {@link partial}. */
  readonly present = new Uint8Array(MAX_AGGREGATES)
  /** As the schema lays them out. */
  readonly cells: Float64Array
  /** Tags of instances, ascending, and what the sender holds of each. */
  readonly tags: Uint32Array
  readonly shares: Float64Array
  /** How many. */
  instances = 0

  /** @param instances - most that it can hold */
  constructor({ capacity }: Schema, instances: number) {
    this.cells = new Float64Array(capacity)
    this.tags = new Uint32Array(instances)
    this.shares = new Float64Array(instances)
  }

  /** Bytes of its arrays. */
  get byteLength(): number {
    const { present, cells, tags, shares } = this
    return [present, cells, tags, shares].reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  has(aggregate: number): boolean {
    return !this.partial || this.present[aggregate] === 1
  }

  /** Becomes the same as another one. */
  copy(other: AggregationMessage): void {
    this.part = other.part
    this.epoch = other.epoch
    this.round = other.round
    this.exchange = other.exchange
    this.partial = other.partial
    this.instances = other.instances
    this.present.set(other.present)
    this.cells.set(other.cells)
    this.tags.set(other.tags)
    this.shares.set(other.shares)
  }
}
