import { Random } from '../../src/gossip/random.ts'
import { Members } from '../../src/pubsub/members.ts'
import { SubscriptionProtocol } from '../../src/pubsub/protocol.ts'
import { RecentEvents } from '../../src/pubsub/recent-events.ts'
import { Network } from '../../src/sim/network.ts'
import { type PubSubMeasures, PubSubMeter } from '../../src/sim/pubsub/meter.ts'
import { type PubSubOptions, pubSubParameters } from '../../src/sim/pubsub/parameters.ts'
import { Publishing } from '../../src/sim/pubsub/publishing.ts'
import { Subscriptions } from '../../src/sim/pubsub/subscriptions.ts'

/** What the experiment is made of, with everything within reach. */
export class PublishedNetwork {
  readonly network: Network
  readonly members: Members
  readonly recent: RecentEvents
  readonly protocol: SubscriptionProtocol
  readonly publishing: Publishing
  private readonly meter: PubSubMeter

  constructor(options: PubSubOptions, seed = 1) {
    const parameters = pubSubParameters(options)
    const random = new Random(seed)
    this.network = new Network(parameters, random)
    const { world, protocol: source } = this.network
    const subscriptions = new Subscriptions(parameters, random.fork())
    const ids = random.fork()
    this.members = new Members(parameters.attributes)

    for (let member = 0; member < world.slots; member++) {
      this.members.set(member, ids.next(), subscriptions.draw())
    }

    this.recent = new RecentEvents(this.members)
    this.protocol = new SubscriptionProtocol({
      nodes: world.slots,
      members: this.members,
      source,
      random: random.fork(),
      recent: this.recent,
      onMissing: (member, from, id) => this.publishing.repair(member, from, id)
    })
    this.network.stack(this.protocol)
    const { nodes, events, sampling } = parameters
    this.publishing = new Publishing(this.protocol, world, nodes, source, sampling.view, events, random.fork())
    this.meter = new PubSubMeter(world, this.publishing, this.protocol.links, source, sampling.view)
  }

  advance(rounds = 1): void {
    for (let i = 0; i < rounds; i++) {
      this.publishing.beginRound()
      this.network.advance()
      this.publishing.endRound(this.network.round)
    }
  }

  measure(): PubSubMeasures {
    return this.meter.measure(this.network.round, new Random(this.network.round))
  }

  /** Members that live. */
  living(): number[] {
    const { living, count } = this.network.world
    return [...living.subarray(0, count)]
  }

  /** Members that live or have lived. */
  everybody(): number[] {
    return Array.from({ length: this.network.world.used }, (_, member) => member)
  }

  /** Whether a member's box holds a point, by its definition. */
  isAskedFor(member: number, point: Float64Array): boolean {
    const region = this.members.regions[member]
    return region !== undefined && point.every((x, axis) => x >= region.lows[axis] && x <= region.highs[axis])
  }
}
