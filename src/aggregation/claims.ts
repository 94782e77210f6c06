import { CLAIMS_BELIEVED } from './constants.ts'

/** What the node's own epoch is to be judged by. */
export interface Claim {
  epoch: number
  /** The round of the node, counted as it counts its own ones, in which that epoch is over. */
  ends: number
}

/** Epochs that others claim to be in, for a population: for each node the last claims, by different peers. */
export class Claims {
  private readonly sizes: Uint8Array
  private readonly peers: Int32Array
  private readonly epochs: Int32Array
  private readonly ends: Int32Array

  constructor(nodes: number) {
    this.sizes = new Uint8Array(nodes)
    this.peers = new Int32Array(nodes * CLAIMS_BELIEVED)
    this.epochs = new Int32Array(nodes * CLAIMS_BELIEVED)
    this.ends = new Int32Array(nodes * CLAIMS_BELIEVED)
  }

  /** Bytes of its arrays. */
  get stateBytes(): number {
    const { sizes, peers, epochs, ends } = this
    return [sizes, peers, epochs, ends].reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  clear(node: number): void {
    this.sizes[node] = 0
  }

  /** Whether a claim of the peer is noted. */
  names(node: number, peer: number): boolean {
    const first = node * CLAIMS_BELIEVED
    return this.peers.subarray(first, first + this.sizes[node]).includes(peer)
  }

  /** Whether so many different peers made one that they are to be believed. */
  suffice(node: number): boolean {
    return this.sizes[node] === CLAIMS_BELIEVED
  }

  /** A peer's new claim replaces its last one, or else the oldest. */
  note(node: number, peer: number, epoch: number, ends: number): void {
    const first = node * CLAIMS_BELIEVED
    const size = this.sizes[node]
    const known = this.peers.subarray(first, first + size).indexOf(peer)
    const gone = known !== -1 ? known : size === CLAIMS_BELIEVED ? 0 : size

    for (let i = first + gone; i < first + size - 1; i++) {
      this.peers[i] = this.peers[i + 1]
      this.epochs[i] = this.epochs[i + 1]
      this.ends[i] = this.ends[i + 1]
    }

    const kept = gone < size ? size - 1 : size
    this.peers[first + kept] = peer
    this.epochs[first + kept] = epoch
    this.ends[first + kept] = ends
    this.sizes[node] = kept + 1
  }

  /** The node has begun to count its rounds anew, so many later. */
  shift(node: number, rounds: number): void {
    const first = node * CLAIMS_BELIEVED

    for (let i = first; i < first + this.sizes[node]; i++) {
      this.ends[i] -= rounds
    }
  }

  /** The middle one by epoch, of two the lower: one peer that lies among three decides nothing. */
  middle(node: number): Claim | undefined {
    const first = node * CLAIMS_BELIEVED
    const claims = Array.from({ length: this.sizes[node] }, (_, i) => ({
      epoch: this.epochs[first + i],
      ends: this.ends[first + i]
    }))
    claims.sort((a, b) => a.epoch - b.epoch || a.ends - b.ends)
    return claims[(claims.length - 1) >> 1]
  }
}
