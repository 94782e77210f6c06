/**
 * Peers that lately did not answer, for a population of nodes. A node that drops a dead peer gets it back from the next
 * neighbour that still holds it, unless it refuses to: for `rounds` of its own rounds, or until the peer itself speaks.
 *
 * The last `capacity` failures of each node are kept, in a ring.
 */
export class Quarantine {
  private readonly capacity: number
  private readonly rounds: number
  private readonly peers: Int32Array
  private readonly until: Int32Array
  /** How many failures were ever noted, modulo the ring: where the next one goes. */
  private readonly next: Int32Array
  /** The latest round in which the node refuses anybody, so that the usual case costs one comparison. */
  private readonly latest: Int32Array

  /** @param capacity - failures remembered per node; 0 for no quarantine at all */
  constructor(nodes: number, capacity: number, rounds: number) {
    this.capacity = capacity
    this.rounds = rounds
    this.peers = new Int32Array(nodes * capacity).fill(-1)
    this.until = new Int32Array(nodes * capacity)
    this.next = new Int32Array(capacity === 0 ? 0 : nodes)
    this.latest = new Int32Array(capacity === 0 ? 0 : nodes)
  }

  /** Bytes of its arrays. */
  get stateBytes(): number {
    const { peers, until, next, latest } = this
    return [peers, until, next, latest].reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** The peer did not answer in this round of the node. */
  add(node: number, peer: number, round: number): void {
    if (this.capacity === 0) {
      return
    }

    this.lift(node, peer)
    const at = node * this.capacity + this.next[node]
    this.peers[at] = peer
    this.until[at] = round + this.rounds
    this.next[node] = (this.next[node] + 1) % this.capacity
    this.latest[node] = round + this.rounds
  }

  /** Whether the node refuses to hear of the peer from others. */
  holds(node: number, peer: number, round: number): boolean {
    if (this.capacity === 0 || this.latest[node] <= round) {
      return false
    }

    const first = node * this.capacity

    for (let i = first; i < first + this.capacity; i++) {
      if (this.peers[i] === peer && this.until[i] > round) {
        return true
      }
    }

    return false
  }

  /** Forgives everybody. */
  clear(node: number): void {
    this.peers.fill(-1, node * this.capacity, (node + 1) * this.capacity)
  }

  /** The peer has spoken for itself. */
  lift(node: number, peer: number): void {
    const first = node * this.capacity

    for (let i = first; i < first + this.capacity; i++) {
      if (this.peers[i] === peer) {
        this.peers[i] = -1
      }
    }
  }
}
