import {
  AbortError,
  type AbortOptions,
  type Logger,
  type PeerId,
  type PrivateKey,
  type Startable,
  serviceCapabilities,
  serviceDependencies
} from '@libp2p/interface'
import { setMaxListeners } from 'main-event'
import { NOBODY } from '../gossip/exchange.ts'
import { ParameterError, wholeNumber } from '../gossip/parameters.ts'
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
import { FilterIndex } from './filter-index.ts'
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
import { SubscriptionProtocol } from './protocol.ts'
import { Publisher } from './publisher.ts'
import { RecentEvents } from './recent-events.ts'
import { Search } from './search.ts'
import type { ContentPubSubSettings } from './settings.ts'
import { type PublishedEvent, sealEvent } from './signed-events.ts'
import { LocalSubscription, type Subscription } from './subscription.ts'
import { SubscriptionRecords, type VerifiedSubscription } from './subscription-records.ts'

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
  private readonly log: Logger
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
  /** Which of this peer's subscriptions an event matches, by their places in the index. */
  private readonly index = new FilterIndex()
  private readonly byPlace = new Map<number, LocalSubscription>()
  private readonly asked = new Set<LocalSubscription>()
  private readonly byMember = new Map<number, LocalSubscription>()
  private underlay: Underlay | undefined
  private controller = new AbortController()
  /** The number of the event that was published last. */
  private sequence = 0n
  private published = 0
  private received = 0
  private delivered = 0
  private missedBefore = 0

  constructor(components: ContentPubSubComponents, settings: ContentPubSubSettings) {
    const { members, axes, random } = this
    const log = components.logger.forComponent(LOG_NAME)
    const underlay = () => this.underlay ?? underlayOf(components)
    this.components = components
    this.settings = settings
    this.log = log
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
    const ownSubscription = (member: number) => this.byMember.get(member)?.record
    const codec = new LinksCodec({
      createMessage: () => this.protocol.createMessage(),
      known: this.known,
      members,
      ownSubscription,
      ownMember: number => this.memberOf(number),
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
      memberOf: number => this.memberOf(number),
      numberOf: member => ownSubscription(member)?.number ?? 0,
      onEvent: published => this.handOver(published)
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
    await Promise.all([...this.asked].map(subscription => subscription.unsubscribe()))
    this.delivery.clear()
    await Promise.all([this.courier.stop(), this.publisher.stop(), this.requests.stop(), this.search.stop()])
  }

  get subscriptions(): Subscription[] {
    return [...this.asked]
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

    if (this.asked.size >= limits.MAX_SUBSCRIPTIONS) {
      throw new ParameterError('filter', `this peer has ${limits.MAX_SUBSCRIPTIONS} subscriptions already`)
    }

    const place = this.index.add(filter)
    const subscription: LocalSubscription = new LocalSubscription({
      filter,
      queue,
      signal,
      log: this.log,
      handler: hasHandler ? handlerOrOptions : undefined,
      links: () => (subscription.member == null ? 0 : this.protocol.links.sizes[subscription.member]),
      onEnd: () => this.remove(subscription, place)
    })
    this.asked.add(subscription)
    this.byPlace.set(place, subscription)
    this.enter(subscription).catch(err => this.log.error('a subscription cannot be signed - %e', err))
    return subscription
  }

  /** Makes it a member. What is published here reaches it before. */
  private async enter(subscription: LocalSubscription): Promise<void> {
    const { privateKey, peerId } = this.components
    const [number] = crypto.getRandomValues(new Uint32Array(1))
    subscription.record = await this.records.seal(privateKey, peerId, Math.max(1, number), subscription.filter)

    if (!subscription.isOver) {
      this.admit(subscription, subscription.record)
    }
  }

  /** The numbers of those that part are free only when that is over: it may have to wait for a round. */
  private admit(subscription: LocalSubscription, { id, region }: VerifiedSubscription): void {
    const member = this.local.vacancy

    if (member !== NOBODY) {
      subscription.member = member
      this.byMember.set(member, subscription)
      this.members.set(member, id, region)
      this.local.enter(member)
    }
  }

  private async remove(subscription: LocalSubscription, place: number): Promise<void> {
    const { member } = subscription
    // its number may soon be another's
    subscription.member = undefined
    this.asked.delete(subscription)
    this.byPlace.delete(place)
    this.index.remove(place)
    this.missedBefore += subscription.missed

    if (member == null) {
      return
    }

    const told = this.local.leave(member, this.isStarted() ? limits.FAREWELLS : 0)
    await Promise.all(told.map(other => this.layer.exchange(other)))
    this.local.remove(member)
    this.byMember.delete(member)
    this.members.set(member, 0, undefined)
  }

  private memberOf(number: number): number {
    for (const [member, { record }] of this.byMember) {
      if (record?.number === number && this.local.present.has(member)) {
        return member
      }
    }

    return NOBODY
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
    const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload

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
    const here = this.index.match(checked).length
    return { id: sealed.id, ...(await this.publisher.publish(stored, here, until, stopped)) }
  }

  /** To those here that ask for it, whatever their filters are made of. */
  private handOver(published: PublishedEvent): void {
    if (!published.publisher.equals(this.components.peerId)) {
      this.received++
    }

    for (const place of this.index.match(published.event)) {
      this.delivered++
      this.byPlace.get(place)?.push(published)
    }
  }

  private beginRound(): void {
    for (const subscription of this.asked) {
      if (subscription.record != null && subscription.member == null) {
        this.admit(subscription, subscription.record)
      }
    }

    this.local.introduce()
    this.delivery.tidy()
    this.search.tidy()
  }

  statistics(): ContentPubSubStatistics {
    const { published, received, delivered, local, protocol, asked } = this
    const missed = [...asked].reduce((sum, subscription) => sum + subscription.missed, this.missedBefore)
    const exchanges = exchangeStatistics(this.layer.counts)
    const batches = exchangeStatistics(this.ledger.counts)
    return {
      ...exchanges,
      rounds: this.layer.rounds,
      subscriptions: asked.size,
      links: [...local.present].reduce((sum, member) => sum + protocol.links.sizes[member], 0),
      knownMembers: this.known.size,
      events: { published, received, delivered, duplicates: this.delivery.duplicates, missed },
      batches
    }
  }
}
