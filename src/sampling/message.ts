import { MAX_AGE, type Views } from '../gossip/views.ts'

/**
 * What two peers tell each other: descriptors, in an order that matters to some variants. The first one of a request is
 * the sender's own. A reusable buffer.
 */
export class SamplingMessage {
  readonly peers: Int32Array
  readonly ages: Uint16Array
  size = 0
  /** The sender has no view yet and asks to be introduced. */
  joining = false

  /** @param capacity - most descriptors that it can hold */
  constructor(capacity: number) {
    this.peers = new Int32Array(capacity)
    this.ages = new Uint16Array(capacity)
  }

  /** Bytes of its arrays. */
  get byteLength(): number {
    return this.peers.byteLength + this.ages.byteLength
  }

  clear(): void {
    this.size = 0
    this.joining = false
  }

  /** This message if its youngest come first, as an honest peer sends it, or else a sorted copy of it. */
  sortedByAge(copy: SamplingMessage): SamplingMessage {
    const { ages, size } = this
    let last = 0

    for (let i = 0; i < size; i++) {
      const age = ages[i]

      if (age < last) {
        return this.sortInto(copy)
      }

      last = age
    }

    return this
  }

  private sortInto(copy: SamplingMessage): SamplingMessage {
    const { peers, ages } = copy
    copy.clear()

    for (let i = 0; i < this.size; i++) {
      let at = copy.size++

      for (; at > 0 && ages[at - 1] > this.ages[i]; at--) {
        peers[at] = peers[at - 1]
        ages[at] = ages[at - 1]
      }

      peers[at] = this.peers[i]
      ages[at] = this.ages[i]
    }

    return copy
  }

  /** Appends the first entries of a view. */
  addAll(views: Views, node: number, count: number): void {
    const { peers, ages, size } = this
    const { words, halves } = views
    const firstPeer = views.firstPeer(node)
    const firstAge = views.firstAge(node)

    for (let i = 0; i < count; i++) {
      peers[size + i] = words[firstPeer + i]
      ages[size + i] = halves[firstAge + i]
    }

    this.size = size + count
  }

  /** Appends a descriptor; an age beyond {@link MAX_AGE} counts as that. */
  add(peer: number, age: number): void {
    this.peers[this.size] = peer
    this.ages[this.size] = Math.min(age, MAX_AGE)
    this.size++
  }
}
