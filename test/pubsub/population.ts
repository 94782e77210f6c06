import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { Members } from '../../src/pubsub/members.ts'
import type { LinkMessage } from '../../src/pubsub/message.ts'
import { SubscriptionProtocol } from '../../src/pubsub/protocol.ts'
import { RecentEvents } from '../../src/pubsub/recent-events.ts'
import type { Region } from '../../src/pubsub/region.ts'

/** Subscriptions that gossip in rounds, over random members: the least that drives them. */
export class Population {
  readonly members: Members
  readonly recent: RecentEvents
  readonly protocol: SubscriptionProtocol
  readonly alive: Set<number>
  /** Members that lacked events, and which. */
  readonly missing: [number, number, string][] = []
  private readonly random: Random
  private readonly request: LinkMessage
  private readonly reply: LinkMessage

  constructor(regions: ReadonlyArray<Region | undefined>, dimensions: number, seed = 1) {
    this.random = new Random(seed)
    this.members = new Members(dimensions)
    this.alive = new Set(regions.keys())

    for (const [member, region] of regions.entries()) {
      this.members.set(member, this.random.next(), region)
    }

    this.recent = new RecentEvents(this.members)
    this.protocol = new SubscriptionProtocol({
      nodes: regions.length,
      members: this.members,
      source: { sample: node => this.someoneElse(node), members: () => 0 },
      random: this.random.fork(),
      recent: this.recent,
      onMissing: (node, from, event) => this.missing.push([node, from, event])
    })
    this.request = this.protocol.createMessage()
    this.reply = this.protocol.createMessage()
  }

  private someoneElse(node: number): number {
    const others = [...this.alive].filter(member => member !== node)
    return others.length === 0 ? NOBODY : others[this.random.below(others.length)]
  }

  run(rounds: number): void {
    for (let round = 0; round < rounds; round++) {
      const order = [...this.alive]
      this.random.choose(order, order.length)

      for (const node of order) {
        for (let turn = this.protocol.turns(node); turn > 0; turn--) {
          this.exchange(node)
        }
      }
    }
  }

  private exchange(node: number): void {
    const { protocol, request, reply, alive } = this
    let partner = protocol.partner(node)

    for (let left = protocol.tries; left > 0 && partner !== NOBODY; left--) {
      if (alive.has(partner)) {
        protocol.request(node, partner, request)
        protocol.respond(partner, node, request, reply)
        protocol.absorb(node, partner, request, reply)
        return
      }

      protocol.abandon(node, partner, 'unreachable')
      partner = protocol.anotherPartner(node)
    }
  }

  /** The member says so to those that it knows, and goes. */
  leave(node: number): void {
    const { protocol, reply } = this
    this.alive.delete(node)

    for (const to of this.known(node)) {
      if (this.alive.has(to)) {
        protocol.farewell(node, to, reply)
        protocol.respond(to, node, reply, this.request)
      }
    }
  }

  known(node: number): number[] {
    const { links } = this.protocol
    return [...links.members.subarray(links.first(node), links.first(node) + links.sizes[node])]
  }

  /** The next living member that holds a point, or {@link NOBODY}, by asking everybody. */
  trueNext(node: number, point: Float64Array, clockwise: boolean): number {
    const { members } = this
    const arc = (member: number) => (clockwise ? members.arc(node, member) : members.arc(member, node))
    const others = [...this.alive].filter(member => member !== node && members.holds(member, point))
    return others.sort((a, b) => arc(a) - arc(b))[0] ?? NOBODY
  }
}
