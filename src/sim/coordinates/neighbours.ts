import { NOBODY } from '../../gossip/exchange.ts'
import type { Random } from '../../gossip/random.ts'
import type { World } from '../world.ts'

/** Draws to find a node another neighbour: where all that live are neighbours already, there is none. */
const TRIES = 64

/**
 * The same few partners for each node all along, but for those that turn out to be dead or behind a cut. Each is drawn among the
 * living when its turn comes first.
 */
export class FixedNeighbours {
  private readonly world: World
  private readonly random: Random
  private readonly count: number
  /** Those of each node, one after the other. */
  private readonly peers: Int32Array

  /** @param count - neighbours of each node; fewer where there are not that many others */
  constructor(world: World, count: number, random: Random) {
    this.world = world
    this.random = random
    this.count = Math.min(count, world.slots - 1)
    this.peers = new Int32Array(world.slots * this.count).fill(NOBODY)
  }

  get stateBytes(): number {
    return this.peers.byteLength
  }

  /** One of them, or NOBODY. */
  sample(node: number): number {
    const { peers, count, random } = this
    const at = node * count + random.below(count)

    if (peers[at] === NOBODY) {
      peers[at] = this.draw(node)
    }

    return peers[at]
  }

  /** Another one will take the place of a neighbour that cannot be reached. */
  replace(node: number, peer: number): void {
    const own = this.ofNode(node)
    const at = own.indexOf(peer)

    if (at !== -1) {
      own[at] = NOBODY
    }
  }

  private ofNode(node: number): Int32Array {
    return this.peers.subarray(node * this.count, (node + 1) * this.count)
  }

  /** Somebody who lives and is no neighbour yet. */
  private draw(node: number): number {
    const { world, random } = this
    const own = this.ofNode(node)

    for (let i = 0; i < TRIES && world.count > 0; i++) {
      const peer = world.living[random.below(world.count)]

      if (peer !== node && !own.includes(peer)) {
        return peer
      }
    }

    return NOBODY
  }
}
