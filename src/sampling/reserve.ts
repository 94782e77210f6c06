import { NOBODY } from '../gossip/exchange.ts'
import type { Random } from '../gossip/random.ts'
import { REPLIES_PER_RESERVE, RESERVED_PEERS } from './constants.ts'
import type { SamplingMessage } from './message.ts'

/**
 * Some peers that each node has seen over a long time, at random: whoever is surrounded by colluders finds its way back by
 * those it heard of before.
 */
export class Reserve {
  private readonly peers: Int32Array

  constructor(nodes: number) {
    this.peers = new Int32Array(nodes * RESERVED_PEERS).fill(NOBODY)
  }

  get stateBytes(): number {
    return this.peers.byteLength
  }

  /** Now and then keeps one of the peers that a reply names, in the place of a random other one. */
  offer(node: number, { peers, size }: SamplingMessage, random: Random): void {
    if (size === 0 || random.below(REPLIES_PER_RESERVE) > 0) {
      return
    }

    const peer = peers[random.below(size)]

    if (peer !== node) {
      this.peers[node * RESERVED_PEERS + random.below(RESERVED_PEERS)] = peer
    }
  }

  /** One of them, or {@link NOBODY}. */
  draw(node: number, random: Random): number {
    return this.peers[node * RESERVED_PEERS + random.below(RESERVED_PEERS)]
  }

  holds(node: number, peer: number): boolean {
    const first = node * RESERVED_PEERS
    return this.peers.subarray(first, first + RESERVED_PEERS).includes(peer)
  }

  remove(node: number, peer: number): void {
    const first = node * RESERVED_PEERS

    for (let at = first; at < first + RESERVED_PEERS; at++) {
      if (this.peers[at] === peer) {
        this.peers[at] = NOBODY
      }
    }
  }
}
