import { Random } from '../../gossip/random.ts'
import { Members } from '../../pubsub/members.ts'
import { SubscriptionProtocol } from '../../pubsub/protocol.ts'
import { RecentEvents } from '../../pubsub/recent-events.ts'
import type { Driver, ExchangeCounts } from '../driver.ts'
import type { Experiment, Run } from '../experiment.ts'
import { Network } from '../network.ts'
import { NETWORK_OPTIONS } from '../parameters.ts'
import { type PubSubMeasures, PubSubMeter } from '../pubsub/meter.ts'
import { describePubSub, type PubSubOptions, type PubSubParameters, pubSubParameters } from '../pubsub/parameters.ts'
import { Publishing } from '../pubsub/publishing.ts'
import { Subscriptions } from '../pubsub/subscriptions.ts'
import { pubSubFigure } from './pubsub-figure.ts'

/** Content-based publish/subscribe over peer sampling: subscriptions that link to those that ask for the same, and events among them. */
export const pubsub: Experiment<PubSubOptions, PubSubParameters, PubSubMeasures> = {
  name: 'pubsub',
  description: 'Content-based publish/subscribe: who gets the events that they asked for, and what that takes',
  options: [...NETWORK_OPTIONS, 'attributes', 'selectivity', 'placement', 'events'],
  parameters: pubSubParameters,
  describe: describePubSub,
  start: (parameters, random) => new PubSubRun(parameters, random),
  figure: pubSubFigure
}

class PubSubRun implements Run<PubSubMeasures> {
  private readonly network: Network
  private readonly driver: Driver
  private readonly publishing: Publishing
  private readonly meter: PubSubMeter
  /** Measurements draw from sources of their own: they are the same however often one measures. */
  private readonly seed: number

  constructor(parameters: PubSubParameters, random: Random) {
    const { attributes, nodes, events, sampling } = parameters
    this.network = new Network(parameters, random)
    const { world, protocol: source } = this.network
    const [ofSubscriptions, ofProtocol, ofPublishing] = Array.from({ length: 3 }, () => random.fork())
    const members = new Members(attributes)
    const subscriptions = new Subscriptions(parameters, ofSubscriptions)

    for (let member = 0; member < world.slots; member++) {
      members.set(member, ofSubscriptions.next(), subscriptions.draw())
    }

    const protocol = new SubscriptionProtocol({
      nodes: world.slots,
      members,
      source,
      random: ofProtocol,
      recent: new RecentEvents(members),
      onMissing: (member, from, event) => this.publishing.repair(member, from, event)
    })
    this.driver = this.network.stack(protocol)
    this.publishing = new Publishing(protocol, world, nodes, source, sampling.view, events, ofPublishing)
    this.meter = new PubSubMeter(world, this.publishing, protocol.links, source, sampling.view)
    this.seed = random.next()
  }

  /** Those of subscriptions, not of the peer sampling below them. */
  get counts(): ExchangeCounts {
    return this.driver.counts
  }

  get bytesPerNode(): number {
    const { network, publishing } = this
    return network.bytesPerNode + publishing.stateBytes / network.world.slots
  }

  advance(): void {
    this.publishing.beginRound()
    this.network.advance()
    this.publishing.endRound(this.network.round)
  }

  check(): void {
    this.network.check()
  }

  measure(): PubSubMeasures {
    const { round } = this.network
    return this.meter.measure(round, new Random(this.seed + round))
  }
}
