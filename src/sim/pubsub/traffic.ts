import type { Random } from '../../gossip/random.ts'
import type { SubscriptionProtocol } from '../../pubsub/protocol.ts'
import type { World } from '../world.ts'

/** Messages that events take, by what they are for. */
export interface MessageCounts {
  /** Questions of publishers who is near to an event. */
  search: number
  /** The event, from one member to the next. */
  handOffs: number
  /** To say that one has it. */
  notices: number
  /** To ask for it then, and the event in answer. */
  pulls: number
}

/**
 * The messages of events. One to the dead or across a cut fails at once, as a broken connection does; one that gets lost is noticed by the answer
 * that does not come. Answers themselves do not get lost.
 */
export class Traffic {
  counts = noMessages()
  /** Messages that each member was sent and got. */
  readonly load: Uint32Array
  private readonly protocol: SubscriptionProtocol
  private readonly world: World
  /** What losses are drawn from. */
  private readonly chance: Random

  constructor(protocol: SubscriptionProtocol, world: World, chance: Random) {
    this.protocol = protocol
    this.world = world
    this.chance = chance
    this.load = new Uint32Array(world.slots)
  }

  clear(): void {
    this.counts = noMessages()
    this.load.fill(0)
  }

  /** A message that is answered: one that gets lost is sent once more. Whoever does not answer is given up by the sender. */
  ask(from: number, to: number, kind: keyof MessageCounts): boolean {
    if (this.tell(from, to, kind) || (this.world.reaches(from, to) && this.tell(from, to, kind))) {
      return true
    }

    if (this.world.reaches(from, to)) {
      this.protocol.abandon(from, to, 'timeout')
    }

    return false
  }

  /** A message without an answer. Returns whether it arrived. */
  tell(from: number, to: number, kind: keyof MessageCounts): boolean {
    this.counts[kind]++

    if (!this.world.reaches(from, to)) {
      this.protocol.abandon(from, to, 'unreachable')
      return false
    }

    if (this.world.loses(this.chance)) {
      return false
    }

    this.load[to]++
    return true
  }
}

export function noMessages(): MessageCounts {
  return { search: 0, handOffs: 0, notices: 0, pulls: 0 }
}
