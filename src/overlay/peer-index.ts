/** Buckets per peer: with so many, one look in 16 hits a bucket of somebody else when the list is full. */
const BUCKETS_PER_PEER = 16

/** Bits of a bucket that say where in the list; the others tell of which generation it is. */
const PLACE_BITS = 8
const PLACE_MASK = (1 << PLACE_BITS) - 1
const LAST_GENERATION = 0xffff >>> PLACE_BITS

/** 2^32 divided by the golden ratio: spreads numbers that lie in rows, as those of peers on a grid do. */
const SPREAD = 0x9e3779b1

/**
 * Where in a short list a peer stands: a table beside the list, emptied in no time. Most peers that are looked for are there, and
 * found at the first look; where two share a bucket, the list is searched.
 */
export class PeerIndex {
  private readonly peers: Int32Array
  private readonly buckets: Uint16Array
  private readonly shift: number
  private generation = 1

  /** @param peers - the list, of up to 256 */
  constructor(peers: Int32Array) {
    const bits = Math.ceil(Math.log2(peers.length * BUCKETS_PER_PEER))
    this.peers = peers
    this.buckets = new Uint16Array(1 << bits)
    this.shift = 32 - bits
  }

  clear(): void {
    this.generation++

    if (this.generation > LAST_GENERATION) {
      this.buckets.fill(0)
      this.generation = 1
    }
  }

  /** The peer stands there in the list from now on, and nowhere else. */
  put(peer: number, at: number): void {
    this.buckets[this.bucketOf(peer)] = (this.generation << PLACE_BITS) | at
  }

  /** Where among the first `size` the peer stands, or -1. All of them were put there since the index was cleared. */
  find(peer: number, size: number): number {
    const { peers } = this
    const bucket = this.buckets[this.bucketOf(peer)]

    if (bucket >>> PLACE_BITS !== this.generation) {
      return -1
    }

    const at = bucket & PLACE_MASK

    if (peers[at] === peer) {
      return at
    }

    for (let i = 0; i < size; i++) {
      if (peers[i] === peer) {
        return i
      }
    }

    return -1
  }

  private bucketOf(peer: number): number {
    return Math.imul(peer, SPREAD) >>> this.shift
  }
}
