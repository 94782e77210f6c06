/** What two peers tell each other: descriptors, the sender's own first. A reusable buffer. */
export class OverlayMessage {
  readonly peers: Int32Array
  readonly ages: Uint16Array
  size = 0

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
  }

  add(peer: number, age: number): void {
    this.peers[this.size] = peer
    this.ages[this.size++] = age
  }
}
