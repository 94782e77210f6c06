import { NOBODY } from '../../gossip/exchange.ts'
import type { Random } from '../../gossip/random.ts'
import type { World } from '../world.ts'

/** Draws before a search for an honest node is given up: enough unless nearly all of the living attack. */
const TRIES = 64

/** Who attacks, the last of the nodes that are there at the start, and who is honest: all others, and whoever joins. */
export class Camps {
  private readonly attackers: number
  private readonly first: number
  private readonly end: number
  private readonly world: World
  private readonly random: Random

  constructor(world: World, nodes: number, attackers: number, random: Random) {
    this.world = world
    this.attackers = attackers
    this.first = nodes - attackers
    this.end = nodes
    this.random = random
  }

  isAttacker(node: number): boolean {
    return node >= this.first && node < this.end
  }

  /** All attackers, dead or alive. */
  listAttackers(): Int32Array {
    return Int32Array.from({ length: this.attackers }, (_, i) => this.first + i)
  }

  /** As many honest nodes, if there are: the first ones. */
  listHonest(): Int32Array {
    return Int32Array.from({ length: Math.min(this.attackers, this.first) }, (_, i) => i)
  }

  /** An honest node that lives, at random, or {@link NOBODY}. */
  randomHonest(): number {
    const { living, count } = this.world

    for (let i = 0; i < TRIES && count > 0; i++) {
      const node = living[this.random.below(count)]

      if (!this.isAttacker(node)) {
        return node
      }
    }

    return NOBODY
  }
}
