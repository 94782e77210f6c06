import { NOBODY } from '../gossip/exchange.ts'
import type { Random } from '../gossip/random.ts'
import {
  type Driver,
  memberFor,
  noExchanges,
  type SimulatedFailure,
  type SimulatedProtocol,
  type SizedMessage
} from './driver.ts'
import type { World } from './world.ts'

/** Nodes whose state is fetched at once, ahead of their turns. Measured at a million nodes: from 8 to 32 it makes no difference. */
const FETCHED_AHEAD = 16

/**
 * Round mode, the model of the papers: in each round every living node starts one exchange, in random order, each of which
 * is over before the next begins.
 */
export class RoundDriver<M extends SizedMessage> implements Driver {
  readonly counts = noExchanges()
  private readonly protocol: SimulatedProtocol<M>
  private readonly world: World
  private readonly random: Random
  private readonly order: Int32Array
  private readonly requestMessage: M
  private readonly reply: M

  constructor(protocol: SimulatedProtocol<M>, world: World, random: Random) {
    this.protocol = protocol
    this.world = world
    this.random = random
    this.order = new Int32Array(world.slots)
    this.requestMessage = protocol.createMessage()
    this.reply = protocol.createMessage()
  }

  private readonly isMember = (node: number): boolean => this.protocol.isMember(node)

  get stateBytes(): number {
    return this.order.byteLength
  }

  run(round: number): void {
    const { protocol, world, order } = this
    const { count } = world
    order.set(world.living.subarray(0, count))
    this.random.shuffle(order, count)
    protocol.tick?.(round)

    for (let i = 0; i < count; i++) {
      if (i % FETCHED_AHEAD === 0) {
        protocol.prefetch?.(order, i, Math.min(i + FETCHED_AHEAD, count))
      }

      if (!world.rests(order[i], round)) {
        const turns = protocol.turns?.(order[i]) ?? 1

        for (let turn = 0; turn < turns; turn++) {
          this.exchange(order[i])
        }
      }
    }
  }

  /** The active thread of one node, and the passive one of its partner. */
  private exchange(node: number): void {
    const { protocol, world, counts, requestMessage, reply } = this
    const member = memberFor(node, protocol, world, counts)
    const partner = member === NOBODY ? world.contact(node, this.isMember) : member

    if (partner === NOBODY) {
      return
    }

    counts.started++

    if (!world.reaches(node, partner)) {
      this.fail(node, member, 'unreachable')
      return
    }

    if (member === NOBODY) {
      protocol.requestIntroduction(node, requestMessage)
    } else {
      protocol.request(node, partner, requestMessage)
    }

    const failure = this.converse(node, partner)

    if (failure != null) {
      this.fail(node, member, failure)
      return
    }

    protocol.absorb(node, partner, requestMessage, reply)
    counts.answered++
  }

  /** Request and answer. Says what went wrong, if anything did. */
  private converse(node: number, partner: number): SimulatedFailure | undefined {
    if (this.world.loses()) {
      return 'timeout'
    }

    if (!this.protocol.respond(partner, node, this.requestMessage, this.reply)) {
      return 'busy'
    }

    return this.world.loses() ? 'timeout' : undefined
  }

  /** @param member - the partner, if it was one of the node's own choice */
  private fail(node: number, member: number, why: SimulatedFailure): void {
    this.protocol.abandon(node, member, why)
    this.counts[why]++
  }
}
