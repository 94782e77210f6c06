import { ANSWERS_KEPT, LATE_BY } from './constants.ts'
import type { AggregationMessage } from './message.ts'

/** What {@link Answers.find} says of an exchange that the node has not answered, and of one older than the last with that peer. */
export const NEW = -1
export const LATE = -2

/**
 * The last answers of each node to different peers, so that a request that is repeated because the answer got lost gets the same one again
 * and moves nothing a second time.
 */
export class Answers {
  /** How many each node has given, and at which of them each one that is kept was given. */
  private readonly given: Uint32Array
  private readonly order: Uint32Array
  /** Peer + 1 (0: none), exchange, epoch, round, instances, partial. */
  private readonly words: Int32Array
  private readonly present: Uint8Array
  private readonly cells: Float64Array
  private readonly tags: Uint32Array
  private readonly shares: Float64Array
  private readonly sizes: { present: number; cells: number; instances: number }

  /** @param message - one as it is to be kept, for its size */
  constructor(nodes: number, message: AggregationMessage) {
    const kept = nodes * ANSWERS_KEPT
    this.sizes = { present: message.present.length, cells: message.cells.length, instances: message.tags.length }
    this.given = new Uint32Array(nodes)
    this.order = new Uint32Array(kept)
    this.words = new Int32Array(kept * 6)
    this.present = new Uint8Array(kept * this.sizes.present)
    this.cells = new Float64Array(kept * this.sizes.cells)
    this.tags = new Uint32Array(kept * this.sizes.instances)
    this.shares = new Float64Array(kept * this.sizes.instances)
  }

  /** Bytes of its arrays. */
  get stateBytes(): number {
    const { given, order, words, present, cells, tags, shares } = this
    return [given, order, words, present, cells, tags, shares].reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** Forgets all answers of a node. */
  clear(node: number): void {
    this.words.fill(0, node * ANSWERS_KEPT * 6, (node + 1) * ANSWERS_KEPT * 6)
    this.order.fill(0, node * ANSWERS_KEPT, (node + 1) * ANSWERS_KEPT)
  }

  /** Whether an answer to the peer is kept. */
  names(node: number, peer: number): boolean {
    const first = node * ANSWERS_KEPT

    for (let i = first; i < first + ANSWERS_KEPT; i++) {
      if (this.words[i * 6] === peer + 1) {
        return true
      }
    }

    return false
  }

  /** The aggregate is in none of them any more: its number may soon be another one's. */
  withdraw(aggregate: number): void {
    const { present } = this.sizes

    for (let at = 0; at * 6 < this.words.length; at++) {
      if (this.words[at * 6 + 5] === 0) {
        this.words[at * 6 + 5] = 1
        this.present.fill(1, at * present, (at + 1) * present)
      }

      this.present[at * present + aggregate] = 0
    }
  }

  /** Where the answer to this exchange is kept, or {@link NEW}, or {@link LATE}. */
  find(node: number, peer: number, exchange: number): number {
    const first = node * ANSWERS_KEPT
    let found = NEW

    for (let i = first; i < first + ANSWERS_KEPT; i++) {
      if (this.words[i * 6] === peer + 1) {
        const ahead = (this.words[i * 6 + 1] - exchange) | 0

        if (ahead === 0) {
          return i
        }

        found = ahead > 0 && ahead <= LATE_BY ? LATE : found
      }
    }

    return found
  }

  /** One for each peer, which asks again for its last one only: however often it asks, it takes no other peer's place. */
  keep(node: number, peer: number, answer: AggregationMessage): void {
    const { words, sizes } = this
    const at = this.placeFor(node, peer)
    this.order[at] = ++this.given[node]
    words[at * 6] = peer + 1
    words[at * 6 + 1] = answer.exchange
    words[at * 6 + 2] = answer.epoch
    words[at * 6 + 3] = answer.round
    words[at * 6 + 4] = answer.instances
    words[at * 6 + 5] = answer.partial ? 1 : 0
    this.present.set(answer.present, at * sizes.present)
    this.cells.set(answer.cells, at * sizes.cells)
    this.tags.set(answer.tags, at * sizes.instances)
    this.shares.set(answer.shares, at * sizes.instances)
  }

  /** Where the last answer to the peer is, or else the oldest of all. */
  private placeFor(node: number, peer: number): number {
    const first = node * ANSWERS_KEPT
    let oldest = first

    for (let i = first; i < first + ANSWERS_KEPT; i++) {
      if (this.words[i * 6] === peer + 1) {
        return i
      }

      oldest = this.order[i] < this.order[oldest] ? i : oldest
    }

    return oldest
  }

  /** Writes the answer kept there. All that are kept took part. */
  read(at: number, out: AggregationMessage): void {
    const { words, sizes } = this
    out.exchange = words[at * 6 + 1]
    out.epoch = words[at * 6 + 2]
    out.round = words[at * 6 + 3]
    out.instances = words[at * 6 + 4]
    out.partial = words[at * 6 + 5] === 1
    out.present.set(this.present.subarray(at * sizes.present, (at + 1) * sizes.present))
    out.cells.set(this.cells.subarray(at * sizes.cells, (at + 1) * sizes.cells))
    out.tags.set(this.tags.subarray(at * sizes.instances, (at + 1) * sizes.instances))
    out.shares.set(this.shares.subarray(at * sizes.instances, (at + 1) * sizes.instances))
  }
}
