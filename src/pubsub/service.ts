import {
  AbortError,
  type AbortOptions,
  type PeerId,
  type PrivateKey,
  type Startable,
  serviceCapabilities,
  serviceDependencies
} from '@libp2p/interface'
import { setMaxListeners } from 'main-event'
import { wholeNumber } from '../gossip/parameters.ts'
import { Random } from '../gossip/random.ts'
import { registerExchangeMetrics } from '../live/exchange-metrics.ts'
import { exchangeStatistics } from '../live/exchange-statistics.ts'
import { GossipLayer, type LayerComponents } from '../live/layer.ts'
import { Ledger } from '../live/ledger.ts'
import { RequestProtocol } from '../live/requests.ts'
import { drawSeed } from '../live/seed.ts'
import { UNDERLAY_CAPABILITY, type Underlay, type UnderlayComponents, underlayOf } from '../live/underlay.ts'
import { AxisNumbers } from './axis-numbers.ts'
import { LinksCodec, type OpenedLinks } from './codec.ts'
import { Courier } from './courier.ts'
import { Delivery } from './delivery.ts'
import { Dissemination } from './dissemination.ts'
import { checkEvent, EventError } from './event.ts'
import { Filter, parseFilter } from './filter.ts'
import type { FilterJson } from './filter-json.ts'
import type {
  ContentPubSub,
  ContentPubSubStatistics,
  EventInit,
  PublishOutcome,
  SubscribeOptions,
  SubscriptionHandler
} from './index.ts'
import { KnownMembers, LOCAL_MEMBERS } from './known-members.ts'
import * as limits from './limits.ts'
import { LocalMembers } from './local-members.ts'
import { Members } from './members.ts'
import type { LinkMessage } from './message.ts'
import { registerMetrics } from './metrics.ts'
import { OwnSubscriptions } from './own-subscriptions.ts'
import { SubscriptionProtocol } from './protocol.ts'
import { Publisher } from './publisher.ts'
import { RecentEvents } from './recent-events.ts'
import { Search } from './search.ts'
import type { ContentPubSubSettings } from './settings.ts'
import { type PublishedEvent, sealEvent } from './signed-events.ts'
import type { Subscription } from './subscription.ts'
import { SubscriptionRecords } from './subscription-records.ts'

const LOG_NAME = 'gossip-peer:pubsub'
const METRICS_PREFIX = 'gossip_peer_pubsub'

/** What the service needs of libp2p, and of the services beside it. */
export interface ContentPubSubComponents extends LayerComponents, UnderlayComponents {
  peerId: PeerId
  privateKey: PrivateKey
}

/** Runs the subscription core on a libp2p node, over its peer sampling, and brings events to those who asked for them. */
export class ContentPubSubService implements ContentPubSub, Startable {
  readonly [Symbol.toStringTag] = '@gossip-peer/pubsub'
  readonly [serviceCapabilities]: string[] = ['@gossip-peer/pubsub']
  readonly [serviceDependencies]: string[] = [UNDERLAY_CAPABILITY]
  private readonly components: ContentPubSubComponents
  private readonly settings: ContentPubSubSettings
  private readonly axes = new AxisNumbers()
  private readonly records: SubscriptionRecords
  private readonly protocol: SubscriptionProtocol
  private readonly known: KnownMembers
  private readonly local: LocalMembers
  private readonly layer: GossipLayer<LinkMessage, OpenedLinks>
  private readonly ledger: Ledger
  private readonly requests: RequestProtocol
  private readonly courier: Courier
  private readonly delivery: Delivery
  private readonly search: Search
  private readonly publisher: Publisher
  private readonly members = new Members(0)
  private readonly random = new Random(drawSeed())
  private readonly own: OwnSubscriptions
  private underlay: Underlay | undefined
  private controller = new AbortController()
  /** The number of the event that was published last. */
  private sequence = 0n
  private published = 0
  private received = 0
  private delivered = 0

  constructor(components: ContentPubSubComponents, settings: ContentPubSubSettings) {
    const { members, axes, random } = this
    const log = components.logger.forComponent(LOG_NAME)
    const underlay = () => this.underlay ?? underlayOf(components)
    this.components = components
    this.settings = settings
    // a region that is told apart needs points that have its axes
    this.records = new SubscriptionRecords(axes, dimensions => {
      members.dimensions = dimensions
    })
    this.known = new KnownMembers({
      members,
      underlay: () => this.underlay,
      inUse: member => this.local.knows(member) || this.layer.isPartner(member)
    })
    this.protocol = new SubscriptionProtocol({
      nodes: LOCAL_MEMBERS,
      members,
      source: this.known,
      random: random.fork(),
      recent: new RecentEvents(members),
      onMissing: (member, from, event) => this.delivery.miss(member, from, event)
    })
    this.local = new LocalMembers(this.protocol)

    const records = () => ({ peers: underlay().records, subscriptions: this.records })
    const ownSubscription = (member: number) => this.own.record(member)
    const codec = new LinksCodec({
      createMessage: () => this.protocol.createMessage(),
      known: this.known,
      members,
      ownSubscription,
      ownMember: number => this.own.memberOf(number),
      records,
      own: () => underlay().own
    })
    this.layer = new GossipLayer({
      protocol: this.local,
      codec,
      name: limits.PROTOCOL,
      logName: LOG_NAME,
      metricsPrefix: METRICS_PREFIX,
      components,
      underlay,
      recordOf: member => this.known.recordOf(member),
      limits: {
        maxMessageBytes: limits.MAX_MESSAGE_BYTES,
        maxInboundStreams: limits.MAX_INBOUND_STREAMS,
        requestBurst: limits.REQUEST_BURST,
        requestsPerPeriod: limits.REQUESTS_PER_PERIOD,
        maxOffences: limits.MAX_OFFENCES
      },
      period: settings.period,
      tries: this.protocol.tries,
      random: random.fork(),
      onRound: () => this.beginRound()
    })

    this.own = new OwnSubscriptions({
      peerId: components.peerId,
      privateKey: components.privateKey,
      log,
      records: this.records,
      members,
      local: this.local,
      protocol: this.protocol,
      isStarted: () => this.isStarted(),
      clock: settings.clock,
      bidFarewell: member => this.layer.exchange(member)
    })

    const { metrics } = components
    this.ledger = new Ledger(
      log,
      limits.MAX_OFFENCES,
      metrics && registerExchangeMetrics(metrics, `${METRICS_PREFIX}_events`)
    )
    this.requests = new RequestProtocol({
      name: limits.EVENTS_PROTOCOL,
      components,
      log,
      limits: limits.EVENTS_LIMITS,
      ledger: this.ledger,
      underlay,
      answer: (request, connection) => this.delivery.receive(request, connection)
    })
    this.courier = new Courier({
      requests: this.requests,
      log,
      onRefused: reason => this.ledger.count(reason),
      onEvents: (events, from) => this.delivery.takeWanted(events, from)
    })
    const dissemination = new Dissemination(this.protocol, random.fork())
    this.delivery = new Delivery({
      protocol: this.protocol,
      dissemination,
      members,
      local: this.local,
      known: this.known,
      axes,
      courier: this.courier,
      ledger: this.ledger,
      log,
      maxPayloadBytes: settings.maxPayloadBytes,
      maxAge: settings.maxAge,
      clock: settings.clock,
      memberOf: number => this.own.memberOf(number),
      numberOf: member => ownSubscription(member)?.number ?? 0,
      onEvent: (published, isLate) => this.handOver(published, isLate)
    })
    this.search = new Search({
      components,
      log,
      underlay,
      protocol: this.protocol,
      local: this.local,
      known: this.known,
      axes,
      codec,
      random: random.fork(),
      ownSubscription,
      records,
      onRefused: reason => this.ledger.count(reason),
      onFailed: () => {}
    })
    this.publisher = new Publisher({
      protocol: this.protocol,
      members,
      local: this.local,
      known: this.known,
      delivery: this.delivery,
      dissemination,
      courier: this.courier,
      search: this.search,
      random: random.fork()
    })
    this.controller.abort(new AbortError('publish/subscribe has not been started'))

    if (metrics != null) {
      registerMetrics(metrics, METRICS_PREFIX, () => this.statistics())
    }
  }

  isStarted(): boolean {
    return this.layer.isStarted()
  }

  /** @throws ParameterError when there is no peer sampling of the right name */
  start(): void {
    if (this.isStarted()) {
      return
    }

    this.underlay = underlayOf(this.components)
    this.controller = new AbortController()
    // each publication under way listens
    setMaxListeners(Number.POSITIVE_INFINITY, this.controller.signal)
    // no number is used twice, unless the clock went back, or more than a million events a second were published, before the process ended
    const first = BigInt(Math.floor(this.settings.clock())) * 1_000n
    this.sequence = first > this.sequence ? first : this.sequence
    this.courier.start()
    this.layer.start()
  }

  async afterStart(): Promise<void> {
    const { underlay } = this
    const { signal } = this.controller

    if (underlay == null || !this.isStarted()) {
      return
    }

    await underlay.own.settled

    // it may have been stopped meanwhile, and even started again
    if (signal.aborted) {
      return
    }

    const answering = Promise.all([this.requests.start(signal), this.search.start(signal)])
    // both have told of it themselves; who waits is told below
    answering.catch(() => {})
    await this.layer.afterStart()

    // a long wait must not keep the node from starting
    if (underlay.takesPart) {
      await answering
    }
  }

  /** Ends all subscriptions. */
  async stop(): Promise<void> {
    if (!this.isStarted()) {
      return
    }

    this.controller.abort(new AbortError('publish/subscribe stops'))
    await this.layer.stop()
    await this.own.endAll()
    this.delivery.clear()
    await Promise.all([this.courier.stop(), this.publisher.stop(), this.requests.stop(), this.search.stop()])
  }

  get subscriptions(): Subscription[] {
    return this.own.all
  }

  subscribe(filter: string | FilterJson | Filter, options?: SubscribeOptions): Subscription
  subscribe(
    filter: string | FilterJson | Filter,
    handler: SubscriptionHandler,
    options?: SubscribeOptions
  ): Subscription
  subscribe(
    given: string | FilterJson | Filter,
    handlerOrOptions: SubscriptionHandler | SubscribeOptions = {},
    more: SubscribeOptions = {}
  ): Subscription {
    const hasHandler = typeof handlerOrOptions === 'function'
    const { signal, queue = limits.DEFAULT_QUEUE } = hasHandler ? more : handlerOrOptions
    const filter = given instanceof Filter ? given : parseFilter(given)
    wholeNumber('queue', queue, 1, limits.MAX_QUEUE)
    signal?.throwIfAborted()
    return this.own.add({ filter, queue, signal, handler: hasHandler ? handlerOrOptions : undefined })
  }

  async publish(
    event: EventInit,
    payload: Uint8Array | string = new Uint8Array(0),
    { signal }: AbortOptions = {}
  ): Promise<PublishOutcome> {
    const { privateKey } = this.components
    const { maxPayloadBytes, clock } = this.settings
    const stopped = this.controller.signal
    const checked = checkEvent(event)
    const bytes: unknown = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload

    if (!(bytes instanceof Uint8Array)) {
      throw new EventError('malformed', 'a payload that is neither bytes (Uint8Array) nor text')
    }

    if (bytes.byteLength > maxPayloadBytes) {
      throw new EventError('too-long', `a payload of ${bytes.byteLength} bytes, more than ${maxPayloadBytes}`)
    }

    stopped.throwIfAborted()
    signal?.throwIfAborted()
    this.sequence++
    const sealed = await sealEvent(privateKey, checked, bytes, this.sequence, Math.floor(clock()))
    const until = signal == null ? stopped : AbortSignal.any([signal, stopped])
    until.throwIfAborted()
    this.published++
    const stored = this.delivery.publish(sealed)
    const here = this.own.count(checked)
    return { id: sealed.id, ...(await this.publisher.publish(stored, here, until, stopped)) }
  }

  /** To those here that ask for it, whatever their filters are made of. */
  private handOver(published: PublishedEvent, isLate: boolean): void {
    if (!published.publisher.equals(this.components.peerId)) {
      this.received++
    }

    this.delivered += this.own.handOver(published, isLate)
  }

  private beginRound(): void {
    this.own.admitWaiting()
    this.local.introduce()
    this.delivery.tidy()
    this.search.tidy()
  }

  statistics(): ContentPubSubStatistics {
    const { published, received, delivered, local, protocol, own } = this
    const exchanges = exchangeStatistics(this.layer.counts)
    const batches = exchangeStatistics(this.ledger.counts)
    return {
      ...exchanges,
      rounds: this.layer.rounds,
      subscriptions: own.all.length,
      links: [...local.present].reduce((sum, member) => sum + protocol.links.sizes[member], 0),
      knownMembers: this.known.size,
      events: { published, received, delivered, duplicates: this.delivery.duplicates, missed: own.missed },
      batches
    }
  }
}
