import { MAX_AGE } from '../gossip/views.ts'

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

  clear(): void {
    this.size = 0
    this.joining = false
  }

  /** Puts the youngest first. What an honest peer sends in order costs one look. */
  sortByAge(): void {
    for (let i = 1; i < this.size; i++) {
      const peer = this.peers[i]
      const age = this.ages[i]
      let at = i

      for (; at > 0 && this.ages[at - 1] > age; at--) {
        this.peers[at] = this.peers[at - 1]
        this.ages[at] = this.ages[at - 1]
      }

      this.peers[at] = peer
      this.ages[at] = age
    }
  }

  /** Appends a descriptor; an age beyond {@link MAX_AGE} counts as that. */
  add(peer: number, age: number): void {
    this.peers[this.size] = peer
    this.ages[this.size] = Math.min(age, MAX_AGE)
    this.size++
  }
}
