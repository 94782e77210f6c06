import type { PeerSource } from '../../gossip/peer-source.ts'
import type { Random } from '../../gossip/random.ts'
import { REPAIR_ROUNDS } from '../../pubsub/constants.ts'
import { drawPoint } from '../../pubsub/draw-point.ts'
import type { SubscriptionProtocol } from '../../pubsub/protocol.ts'
import type { Region } from '../../pubsub/region.ts'
import type { World } from '../world.ts'
import { Entrances } from './entrances.ts'
import { Traffic } from './traffic.ts'
import { EventWay } from './way.ts'

/** Rounds that a newcomer has before it is counted: then its links should have formed. */
export const SETTLED_ROUNDS = 20

/** An event, and what has come of it. */
export interface PublishedEvent {
  readonly id: string
  readonly publisher: number
  readonly point: Float64Array
  /** Members that held it and lived when it was published. */
  readonly matching: Int32Array
  /** Those of them that it has not come to so far, by hand or by repair. */
  readonly missing: Set<number>
  readonly duplicates: number
  /** Hand-offs to the last member that it came to at once; 0: to nobody. */
  readonly hops: number
}

/**
 * Publishes events in every round, once that is over: at random points of random living subscriptions, by random living members. What comes of
 * them at once is seen at once; what repair makes of them later, as it happens.
 */
export class Publishing {
  /** What the events of the last round took at once. */
  readonly traffic: Traffic
  /** Times in the last round that an event came to a member that does not ask for it. */
  spam = 0
  /** By the round after which they were published, as long as there is anything to repair. */
  private readonly events = new Map<number, PublishedEvent[]>()
  private readonly byId = new Map<string, PublishedEvent>()
  private readonly protocol: SubscriptionProtocol
  private readonly world: World
  private readonly nodes: number
  private readonly count: number
  private readonly random: Random
  private readonly repairs: Traffic
  private readonly entrances: Entrances
  private readonly way: EventWay

  /**
   * @param nodes - at the start
   * @param view - most members that the source has
   * @param count - events in a round
   */
  constructor(
    protocol: SubscriptionProtocol,
    world: World,
    nodes: number,
    source: PeerSource,
    view: number,
    count: number,
    random: Random
  ) {
    this.protocol = protocol
    this.world = world
    this.nodes = nodes
    this.count = count
    this.random = random.fork()
    this.traffic = new Traffic(protocol, world, random.fork())
    this.repairs = new Traffic(protocol, world, random.fork())
    this.entrances = new Entrances(protocol, source, view, this.traffic, random.fork())
    this.way = new EventWay(protocol, this.traffic, random.fork())
  }

  get stateBytes(): number {
    return this.traffic.load.byteLength + this.repairs.load.byteLength
  }

  /** Those that were published after a round: of the last dozen, and of none before. */
  after(round: number): readonly PublishedEvent[] {
    return this.events.get(round) ?? []
  }

  /** Whether a member had been there for long enough to be counted, so many rounds ago: all that were there at the start had. */
  wasSettled(member: number, ago: number): boolean {
    return member < this.nodes || this.protocol.rounds[member] - ago >= SETTLED_ROUNDS
  }

  /** A round begins. */
  beginRound(): void {
    this.spam = 0
  }

  /** The round is over. */
  endRound(round: number): void {
    for (const { id } of this.after(round - REPAIR_ROUNDS - 1)) {
      this.byId.delete(id)
    }

    this.events.delete(round - REPAIR_ROUNDS - 1)
    this.traffic.clear()
    const published: PublishedEvent[] = []

    for (let i = 0; i < this.count && this.world.count > 0; i++) {
      const event = this.publish(`${round}/${i}`)
      this.byId.set(event.id, event)
      published.push(event)
    }

    this.events.set(round, published)
  }

  /** A member hears of an event that it lacks, and asks for it: a loss of either message is a loss of both. */
  repair(member: number, from: number, id: string): void {
    const event = this.byId.get(id)

    if (event !== undefined && this.repairs.tell(member, from, 'pulls') && this.repairs.tell(from, member, 'pulls')) {
      this.take(member, id, event.point)
      event.missing.delete(member)
    }
  }

  private publish(id: string): PublishedEvent {
    const { world, random, protocol } = this
    const publisher = this.living()
    const { dimensions } = protocol.members
    const point = new Float64Array(dimensions)
    const subscription = protocol.members.regions[this.living()] as Region
    drawPoint(subscription, random, point, 0, dimensions, () => undefined)
    const matching = world.living.subarray(0, world.count).filter(member => protocol.members.holds(member, point))
    const { hops, duplicates } = this.way.spread(point, this.entrances.find(publisher, point))

    for (const member of hops.keys()) {
      this.take(member, id, point)
    }

    const missing = new Set(matching.filter(member => !hops.has(member)))
    let last = 0

    for (const count of hops.values()) {
      last = Math.max(last, count)
    }

    return { id, publisher, point, matching, missing, duplicates, hops: last }
  }

  private take(member: number, id: string, point: Float64Array): void {
    const { protocol } = this
    protocol.recent.add(member, id, point, protocol.rounds[member])
    this.spam += protocol.members.holds(member, point) ? 0 : 1
  }

  private living(): number {
    return this.world.living[this.random.below(this.world.count)]
  }
}
