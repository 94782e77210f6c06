import { NOBODY } from '../gossip/exchange.ts'
import type { Random } from '../gossip/random.ts'
import {
  contactFor,
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
  /** What losses and contacts are drawn from, where it is not the world's own source. */
  private readonly chance: Random | undefined
  private readonly order: Int32Array
  private readonly requestMessage: M
  private readonly reply: M

  /** @param chance - what losses and contacts are drawn from. Default: the world's own source */
  constructor(protocol: SimulatedProtocol<M>, world: World, random: Random, chance?: Random) {
    this.protocol = protocol
    this.world = world
    this.random = random
    this.chance = chance
    this.order = new Int32Array(world.slots)
    this.requestMessage = protocol.createMessage()
    this.reply = protocol.createMessage()
  }

  get stateBytes(): number {
    return this.order.byteLength
  }

  run(round: number): void {
    const { protocol, world, order } = this
    const { count } = world
    order.set(world.living.subarray(0, count))
    this.random.shuffle(order, count)
    protocol.tick?.(round)

    // what cannot change before the round is over is asked once, not a million times
    const calm = world.calm && protocol.turns == null

    for (let i = 0; i < count; i++) {
      if (i % FETCHED_AHEAD === 0) {
        protocol.prefetch?.(order, i, Math.min(i + FETCHED_AHEAD, count))
      }

      if (calm) {
        this.exchangeInCalm(order[i])
      } else if (!world.rests(order[i], round)) {
        const turns = protocol.turns?.(order[i]) ?? 1

        for (let turn = 0; turn < turns; turn++) {
          if (!this.exchange(order[i])) {
            break
          }
        }
      }
    }
  }

  /** As {@link exchange}, of which it leaves out what nothing comes of in a calm world. */
  private exchangeInCalm(node: number): void {
    const { protocol, counts, requestMessage, reply } = this
    const partner = protocol.partner(node)

    if (partner === NOBODY) {
      this.join(node)
      return
    }

    counts.started++
    protocol.request(node, partner, requestMessage)

    if (protocol.respond(partner, node, requestMessage, reply)) {
      protocol.absorb(node, partner, requestMessage, reply)
      counts.answered++
    } else {
      this.fail(node, partner, 'busy')
    }
  }

  /** The active thread of one node, and the passive one of its partner. False: there is nobody to talk to. */
  private exchange(node: number): boolean {
    const { protocol, world, counts } = this
    const member = memberFor(node, protocol, world, counts)

    if (member === NOBODY) {
      return this.join(node)
    }

    counts.started++

    if (world.reaches(node, member)) {
      protocol.request(node, member, this.requestMessage)
      this.finish(node, member, member)
    } else {
      this.fail(node, member, 'unreachable')
    }

    return true
  }

  /** The same of a node that knows nobody, with whoever lets it in. False: there is nobody. */
  private join(node: number): boolean {
    const { protocol, world, counts } = this
    const contact = contactFor(node, protocol, world, this.chance)

    if (contact === NOBODY) {
      return false
    }

    // contacts can be reached
    counts.started++
    protocol.requestIntroduction?.(node, this.requestMessage)
    this.finish(node, contact, NOBODY)
    return true
  }

  /** What follows on the request. */
  private finish(node: number, partner: number, member: number): void {
    const failure = this.converse(node, partner)

    if (failure != null) {
      this.fail(node, member, failure)
      return
    }

    this.protocol.absorb(node, partner, this.requestMessage, this.reply)
    this.counts.answered++
  }

  /** Request and answer. Says what went wrong, if anything did. */
  private converse(node: number, partner: number): SimulatedFailure | undefined {
    if (this.world.loses(this.chance)) {
      return 'timeout'
    }

    if (!this.protocol.respond(partner, node, this.requestMessage, this.reply)) {
      return 'busy'
    }

    return this.world.loses(this.chance) ? 'timeout' : undefined
  }

  /** @param member - the partner, if it was one of the node's own choice */
  private fail(node: number, member: number, why: SimulatedFailure): void {
    this.protocol.abandon(node, member, why)
    this.counts[why]++
  }
}
