/** Buckets per peer: with so many, one question in eight is a false alarm when the list is full. */
const BUCKETS_PER_PEER = 8

/**
 * Which peers a short list may hold: a filter before the search. It answers "no" for sure or "maybe", is emptied in no
 * time, and stays in the processor's nearest cache. Peers that come in are hardly ever there already, so that one look
 * does where a hash table would be probed.
 */
export class PeerFilter {
  /** The generation in which each bucket was last filled. */
  private readonly marks: Int32Array
  private readonly mask: number
  private generation = 1

  /** @param capacity - most peers that it is made for */
  constructor(capacity: number) {
    const buckets = 2 ** Math.ceil(Math.log2(capacity * BUCKETS_PER_PEER))
    this.marks = new Int32Array(buckets)
    this.mask = buckets - 1
  }

  clear(): void {
    this.generation = (this.generation + 1) | 0

    if (this.generation === 0) {
      this.marks.fill(0)
      this.generation = 1
    }
  }

  add(peer: number): void {
    this.marks[peer & this.mask] = this.generation
  }

  /** False: the peer was not added since the filter was cleared. */
  mayHold(peer: number): boolean {
    return this.marks[peer & this.mask] === this.generation
  }
}
