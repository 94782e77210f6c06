import {
  AbortError,
  type AbortOptions,
  type ComponentLogger,
  type Libp2pEvents,
  type Logger,
  type Metrics,
  type PeerId,
  type PeerInfo,
  type PrivateKey,
  peerDiscoverySymbol,
  type Startable,
  serviceCapabilities,
  type TypedEventTarget
} from '@libp2p/interface'
import type { AddressManager, ConnectionManager, Registrar } from '@libp2p/interface-internal'
import { isMultiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'
import { TypedEventEmitter } from 'main-event'
import { type Outcome, TICKS_PER_PERIOD } from '../gossip/exchange.ts'
import { PeerTable } from '../gossip/peer-table.ts'
import { Random } from '../gossip/random.ts'
import { ConnectionKeeper } from '../live/connection-keeper.ts'
import { driverLimits, ExchangeDriver } from '../live/driver.ts'
import { registerExchangeMetrics } from '../live/exchange-metrics.ts'
import { exchangeStatistics } from '../live/exchange-statistics.ts'
import { Listeners } from '../live/listeners.ts'
import { OwnRecord } from '../live/own-record.ts'
import { SELF } from '../live/population.ts'
import { Records, type VerifiedRecord } from '../live/records.ts'
import { FIRST_ROUND_WITHIN, PERIOD_JITTER, RoundTimer } from '../live/rounds.ts'
import { drawSeed } from '../live/seed.ts'
import { UNDERLAY_CAPABILITY, type Underlay } from '../live/underlay.ts'
import { ActiveRounds } from './active-rounds.ts'
import type { Admission } from './admission.ts'
import { Alarm } from './alarm.ts'
import { type AnnouncedEvents, Announcer, infoOf } from './announcer.ts'
import { type OpenedExchange, SamplingCodec } from './codec.ts'
import * as defaults from './constants.ts'
import { contactsOf } from './contacts.ts'
import { Entrance } from './entrance.ts'
import { HiddenIdentities, secretOf } from './hidden-identities.ts'
import type { PeerSampling, PeerSamplingInit, SamplingStatistics, Suspect, ViewEntry } from './index.ts'
import { Keepsake } from './keepsake.ts'
import { Membership } from './membership.ts'
import { Memory } from './memory.ts'
import type { SamplingMessage } from './message.ts'
import { METRICS_PREFIX, registerMetrics, type SamplingCounters } from './metrics.ts'
import { OwnStamp } from './own-stamp.ts'
import type { SamplingParameters } from './parameters.ts'
import { Participation } from './participation.ts'
import { Partners } from './partners.ts'
import type { Timing } from './profiles.ts'
import type { PeerSamplingProtocol } from './protocol.ts'
import { samplingSettings } from './settings.ts'
import { SamplingUnderlay } from './underlay.ts'
import { createSamplingProtocol } from './variants.ts'

/** What the service needs of libp2p. */
export interface PeerSamplingComponents {
  peerId: PeerId
  privateKey: PrivateKey
  registrar: Registrar
  connectionManager: ConnectionManager
  addressManager: AddressManager
  datastore: Datastore
  events: TypedEventTarget<Libp2pEvents>
  logger: ComponentLogger
  metrics?: Metrics
}

/** Runs the sampling core on a libp2p node. */
export class PeerSamplingService extends TypedEventEmitter<AnnouncedEvents> implements PeerSampling, Startable {
  readonly [Symbol.toStringTag] = '@gossip-peer/sampling'
  readonly [serviceCapabilities]: string[] = ['@libp2p/peer-discovery', UNDERLAY_CAPABILITY]
  readonly parameters: SamplingParameters
  readonly timing: Timing
  readonly admission: Admission
  readonly underlay: Underlay
  private readonly log: Logger
  private readonly random: Random
  private readonly protocol: PeerSamplingProtocol
  private readonly peers: PeerTable<VerifiedRecord>
  private readonly own: OwnRecord
  private readonly participation: Participation
  private readonly alarm: Alarm
  private readonly membership: Membership
  private readonly memory: Memory
  private readonly keepsake: Keepsake
  private readonly codec: SamplingCodec
  private readonly driver: ExchangeDriver<SamplingMessage, OpenedExchange>
  private readonly keeper: ConnectionKeeper
  private readonly rounds: ActiveRounds
  private readonly timer: RoundTimer
  private readonly partners: Partners
  private readonly entrance: Entrance
  private readonly announcer: Announcer
  private controller = new AbortController()
  private started = false
  private readonly counters: SamplingCounters | undefined
  /** When time begins, for ages: it must not go back when the service is started again. */
  private readonly origin = performance.now()
  private changedAt = 0
  private readonly watchers: Listeners<[peer: PeerId]>

  constructor(components: PeerSamplingComponents, init: PeerSamplingInit) {
    super()
    const { parameters, timing, admission } = samplingSettings(init)
    this.parameters = parameters
    this.timing = timing
    this.admission = admission
    this.log = components.logger.forComponent('gossip-peer:sampling')
    this.watchers = new Listeners(this.log)

    this.peers = new PeerTable(
      defaults.MAX_KNOWN_PEERS,
      peer => this.protocol.knows(SELF, peer) || this.driver.isPartner(peer)
    )
    const identities = new HiddenIdentities(this.peers, secretOf(init.seed))
    const seed = init.seed ?? drawSeed()
    this.random = new Random(seed)
    this.protocol = createSamplingProtocol({
      nodes: 1,
      parameters: this.parameters,
      random: new Random((seed + 1) % Number.MAX_SAFE_INTEGER),
      quarantine: { peers: defaults.QUARANTINED_PEERS, rounds: defaults.QUARANTINE_ROUNDS },
      watchful: true,
      identity: peer => identities.of(peer)
    })
    this.alarm = new Alarm(this.protocol, this.peers)
    this.membership = new Membership(this.protocol.views, this.peers)
    this.announcer = new Announcer(this.membership, this.parameters.view, this.timing.period, (type, init) =>
      this.safeDispatchEvent(type, init)
    )

    const records = new Records({
      maxBytes: defaults.MAX_RECORD_BYTES,
      maxAddresses: defaults.MAX_RECORD_ADDRESSES,
      maxCached: defaults.MAX_KNOWN_PEERS * 2
    })
    this.own = new OwnRecord(components, records, Date.now, this.log)
    this.participation = new Participation({
      own: this.own,
      stamp: new OwnStamp({
        peerId: components.peerId,
        datastore: components.datastore,
        random: this.random,
        log: this.log,
        onSearch: (bits, expected) => this.safeDispatchEvent('stamp:search', { detail: { bits, expected } })
      }),
      stampBits: this.admission.stampBits,
      begin: () => this.driver.start()
    })
    this.memory = new Memory(this.random)
    this.keepsake = new Keepsake(components.datastore, records, this.log)
    this.codec = new SamplingCodec({
      records,
      peers: this.peers,
      self: () => this.own.current,
      onNewerSelf: seq => this.own.exceed(seq),
      createMessage: () => this.protocol.createMessage(),
      admission: this.admission,
      held: () => this.held(),
      onLeftOut: reason => this.driver.leftOut(reason)
    })
    this.driver = new ExchangeDriver({
      protocol: this.protocol,
      codec: this.codec,
      name: defaults.PROTOCOL,
      registrar: components.registrar,
      log: this.log,
      beforeTurn: () => this.tellTime(),
      onChange: met => this.onChange(met),
      onTimed: (peer, roundTrip) => this.underlay.timed(peer, roundTrip),
      metrics: components.metrics && registerExchangeMetrics(components.metrics, METRICS_PREFIX),
      isIdle: connection => this.keeper.isIdle(connection),
      limits: driverLimits(
        {
          maxMessageBytes: defaults.MAX_MESSAGE_BYTES,
          maxInboundStreams: defaults.MAX_INBOUND_STREAMS,
          requestBurst: defaults.REQUEST_BURST,
          maxOffences: defaults.MAX_OFFENCES
        },
        this.timing
      )
    })
    this.keeper = new ConnectionKeeper({
      connectionManager: components.connectionManager,
      events: components.events,
      limit: this.timing.maxConnections,
      target: Math.floor(this.timing.maxConnections * defaults.LOW_WATER),
      isMember: connection => this.membership.has(connection.remotePeer.toString()),
      grace: this.timing.dialTimeout + this.timing.exchangeTimeout
    })
    this.keeper.share(defaults.PROTOCOL, connection => this.driver.use(connection))
    this.underlay = new SamplingUnderlay({
      records,
      own: this.own,
      timing: this.timing,
      protocol: this.protocol,
      peers: this.peers,
      membership: this.membership,
      participation: this.participation,
      keeper: this.keeper,
      watchers: this.watchers,
      timers: new Listeners(this.log),
      components
    })
    this.partners = new Partners({
      driver: this.driver,
      protocol: this.protocol,
      peers: this.peers,
      memory: this.memory,
      connectionManager: components.connectionManager
    })
    this.entrance = new Entrance({
      bootstrap: contactsOf(init.bootstrap ?? []).filter(contact => contact.id?.equals(components.peerId) !== true),
      memory: this.memory,
      random: this.random,
      timing: this.timing,
      isMember: key => this.membership.has(key),
      partners: this.partners,
      onAlone: (tried, pause) => {
        // somebody may have come to us meanwhile
        if (this.membership.size === 0) {
          this.safeDispatchEvent('alone', { detail: { tried, pause } })
        }
      }
    })
    this.rounds = new ActiveRounds({
      protocol: this.protocol,
      peers: this.peers,
      membership: this.membership,
      memory: this.memory,
      keepsake: this.keepsake,
      partners: this.partners,
      entrance: this.entrance,
      period: this.timing.period,
      onRound: () => {
        this.counters?.rounds.increment()
        this.tellTime()
      },
      onLost: (id, why) => this.safeDispatchEvent('member:lost', { detail: { id, why } })
    })
    this.timer = new RoundTimer(
      this.timing.period,
      PERIOD_JITTER,
      () => this.random.fraction(),
      () => this.rounds.run(this.controller.signal)
    )

    this.counters = components.metrics && registerMetrics(components.metrics, this)
  }

  get [peerDiscoverySymbol](): this {
    return this
  }

  isStarted(): boolean {
    return this.started
  }

  async start(): Promise<void> {
    if (this.started) {
      return
    }

    this.started = true
    this.controller = new AbortController()
    this.changedAt = performance.now()
    await this.own.start()
    this.memory.restore(await this.keepsake.load(), Date.now())
    // it may have been stopped meanwhile
    this.controller.signal.throwIfAborted()
    this.keeper.start()
    const ready = this.participation.start(this.controller.signal)

    // a long search must not keep the node from starting
    if (this.admission.stampBits === 0) {
      await ready
    } else {
      ready.catch(err => this.log('takes no part - %e', err))
    }
  }

  /** Rounds begin when libp2p listens: before, there is no address to tell. */
  afterStart(): void {
    const { signal } = this.controller

    this.underlay.listening(signal).then(async listens => {
      if (listens && (await this.participation.isReady(signal)) && !signal.aborted) {
        this.timer.start(Math.min(this.timing.period, FIRST_ROUND_WITHIN))
      }
    })
  }

  async stop(): Promise<void> {
    if (!this.started) {
      return
    }

    this.started = false
    this.controller.abort(new AbortError('peer sampling stops'))
    this.own.stop()
    this.keeper.stop()
    // it may be about to begin
    await this.participation.ready.catch(() => {})
    await this.timer.stop()
    await this.driver.stop()
    await this.keepsake.save(this.memory)
  }

  get view(): ViewEntry[] {
    return this.membership.entries().map(({ record, age }) => ({ ...infoOf(record), age }))
  }

  getPeer(): PeerInfo | undefined {
    const record = this.underlay.sample()
    return record == null ? undefined : infoOf(record)
  }

  getPeers(n: number): PeerInfo[] {
    const entries = this.membership.entries()
    const count = Math.max(0, Math.floor(n))
    this.random.choose(entries, count)
    return entries.slice(0, count).map(({ record }) => infoOf(record))
  }

  async waitForPeer(options: AbortOptions = {}): Promise<PeerInfo> {
    options.signal?.throwIfAborted()
    const peer = this.getPeer()

    if (peer != null) {
      return peer
    }

    const signal = this.untilStopped(options.signal)
    signal.throwIfAborted()

    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason)
      const onEnter = (event: CustomEvent<PeerInfo>) => {
        signal.removeEventListener('abort', onAbort)
        resolve(event.detail)
      }
      this.addEventListener('view:enter', onEnter, { once: true, signal })
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  async join(contact: Multiaddr | Multiaddr[] | PeerInfo, options: AbortOptions = {}): Promise<Outcome> {
    options.signal?.throwIfAborted()
    const signal = this.untilStopped(options.signal)
    const contacts = isMultiaddr(contact)
      ? contactsOf([contact])
      : Array.isArray(contact)
        ? contactsOf(contact)
        : [contact]
    let outcome: Outcome = 'aborted'

    if (!(await this.participation.isReady(signal))) {
      options.signal?.throwIfAborted()
      return outcome
    }

    await this.own.settled

    for (const each of contacts) {
      outcome = await this.partners.contact(each, signal)
      options.signal?.throwIfAborted()

      if (outcome === 'answered') {
        break
      }
    }

    return outcome
  }

  statistics(): SamplingStatistics {
    return {
      ...exchangeStatistics(this.driver.counts),
      rounds: this.rounds.count,
      viewSize: this.protocol.views.size(SELF),
      capacity: this.parameters.view,
      knownPeers: this.peers.size,
      rememberedPeers: this.memory.size,
      sightings: this.alarm.report(),
      unchangedFor: performance.now() - this.changedAt
    }
  }

  suspects(): Suspect[] {
    return this.alarm.suspects()
  }

  clearSuspect(id: PeerId): boolean {
    return this.alarm.clear(id)
  }

  /** The peers of the core that make its next view, together with those of a message. */
  private held(): number[] {
    const held: number[] = []
    this.protocol.forEachHeld(SELF, peer => held.push(peer))
    return held
  }

  private untilStopped(signal?: AbortSignal): AbortSignal {
    return signal == null ? this.controller.signal : AbortSignal.any([signal, this.controller.signal])
  }

  private tellTime(): void {
    const periods = (performance.now() - this.origin) / this.timing.period
    this.protocol.tick(Math.floor(periods * TICKS_PER_PERIOD))
  }

  private onChange(met?: PeerId): void {
    // ages change in every exchange that went well, members or not
    if (met != null) {
      this.changedAt = performance.now()
      this.watchers.tell(met)
    }

    this.announcer.update(met)

    for (const detail of this.alarm.update(this.counters?.unheeded)) {
      this.safeDispatchEvent('suspect', { detail })
    }
  }
}
