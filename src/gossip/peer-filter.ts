/** Buckets per peer: with so many, one question in 32 is a false alarm when the list is full. */
const BUCKETS_PER_PEER = 32

/**
 * Which peers a short list may hold: a filter before the search. It answers "no" for sure or "maybe", is emptied in no
 * time, and stays in the processor's nearest cache. Peers that come in are hardly ever there already, so that one look
 * does where a hash table would be probed.
 */
export class PeerFilter {
  /** The generation in which each bucket was last filled. */
  private readonly marks: Uint8Array
  private readonly mask: number
  private generation = 1

  /** @param capacity - most peers that it is made for */
  constructor(capacity: number) {
    // a shift, not a power: what `**` gives is no small integer to V8, and every look would have to convert it
    const buckets = 1 << Math.ceil(Math.log2(capacity * BUCKETS_PER_PEER))
    this.marks = new Uint8Array(buckets)
    this.mask = buckets - 1
  }

  clear(): void {
    this.generation = (this.generation + 1) & 0xff

    if (this.generation === 0) {
      this.marks.fill(0)
      this.generation = 1
    }
  }

  /** Begins anew with some peers of a list. */
  fill(peers: Int32Array, first: number, count: number): void {
    this.clear()
    const { marks, mask, generation } = this
    const end = first + count

    for (let i = first; i < end; i++) {
      marks[peers[i] & mask] = generation
    }
  }

  /** Adds a peer. False: it was not added before since the filter was cleared. */
  add(peer: number): boolean {
    const { marks, generation } = this
    const bucket = peer & this.mask
    const marked = marks[bucket] === generation
    marks[bucket] = generation
    return marked
  }

  /** False: the peer was not added since the filter was cleared. */
  mayHold(peer: number): boolean {
    return this.marks[peer & this.mask] === this.generation
  }
}
