import { NOBODY } from '../../gossip/exchange.ts'
import type { Random } from '../../gossip/random.ts'
import type { SamplingMessage } from '../../sampling/message.ts'
import type { World } from '../world.ts'
import type { Camps } from './camps.ts'
import type { Attack } from './parameters.ts'

/** The messages of an attack: whom they name, as many as they hold, and all as if they had just been heard of. */
export class Advertising {
  private readonly world: World
  private readonly camps: Camps
  private readonly random: Random
  /** Whom all of them advertise, in random order. */
  private readonly names: Int32Array
  private readonly isDiluted: boolean

  constructor(attack: Attack, world: World, camps: Camps, random: Random) {
    this.world = world
    this.camps = camps
    this.random = random
    this.names = attack === 'frame' ? camps.listHonest() : camps.listAttackers()
    this.isDiluted = attack === 'diluted'
  }

  /** A request begins with its sender. */
  fillRequest(sender: number, out: SamplingMessage): void {
    out.clear()
    out.add(sender, 0)
    this.advertise(sender, out)
  }

  fillReply(out: SamplingMessage): void {
    out.clear()
    this.advertise(NOBODY, out)
  }

  private advertise(sender: number, out: SamplingMessage): void {
    const { names, random, world } = this

    for (let i = 0; i < names.length && !isFull(out); i++) {
      const other = i + random.below(names.length - i)
      const name = names[other]
      names[other] = names[i]
      names[i] = name

      if (name !== sender && world.alive[name] === 1) {
        out.add(name, 0)

        if (this.isDiluted && !isFull(out)) {
          this.dilute(out)
        }
      }
    }
  }

  /** Adds an honest name, unless it is there by chance. */
  private dilute(out: SamplingMessage): void {
    const name = this.camps.randomHonest()

    if (name !== NOBODY && !out.peers.subarray(0, out.size).includes(name)) {
      out.add(name, 0)
    }
  }
}

function isFull({ size, peers }: SamplingMessage): boolean {
  return size === peers.length
}
