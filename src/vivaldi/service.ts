import { isPeerId, type PeerId, type Startable, serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import { TypedEventEmitter } from 'main-event'
import { NOBODY } from '../gossip/exchange.ts'
import { Random } from '../gossip/random.ts'
import { exchangeStatistics } from '../live/exchange-statistics.ts'
import { GossipLayer, type LayerComponents } from '../live/layer.ts'
import { SELF } from '../live/population.ts'
import type { VerifiedRecord } from '../live/records.ts'
import { UNDERLAY_CAPABILITY, type Underlay, type UnderlayComponents, underlayOf } from '../live/underlay.ts'
import type { Coordinate, SampleDefect } from './coordinate.ts'
import { checkCoordinate, estimateBetween } from './estimate.ts'
import type {
  Estimate,
  KnownCoordinate,
  MeasureOptions,
  NearPeer,
  NetworkCoordinates,
  NetworkCoordinatesEvents,
  VivaldiStatistics
} from './index.ts'
import { encodeCoordinate, KnownCoordinates } from './known-coordinates.ts'
import { LIMITS, MET_LATELY, PROFILE, PROTOCOL, SAMPLES_PER_ROUND } from './limits.ts'
import { Measurements } from './measurements.ts'
import { MetPeers } from './met-peers.ts'
import { METRICS_PREFIX, registerMetrics } from './metrics.ts'
import type { VivaldiParameters } from './parameters.ts'
import { type Probe, Probes } from './probes.ts'
import type { VivaldiSettings } from './settings.ts'
import { coordinateAt, Vivaldi } from './vivaldi.ts'

const LOG_NAME = 'gossip-peer:vivaldi'

/** What the service needs of libp2p, and of peer sampling. */
export interface VivaldiComponents extends LayerComponents, UnderlayComponents {
  peerId: PeerId
}

/** Keeps the coordinate of a libp2p node, by all gossip that it does. */
export class VivaldiService
  extends TypedEventEmitter<NetworkCoordinatesEvents>
  implements NetworkCoordinates, Startable
{
  readonly [Symbol.toStringTag] = '@gossip-peer/vivaldi'
  readonly [serviceCapabilities]: string[] = ['@gossip-peer/vivaldi']
  readonly [serviceDependencies]: string[] = [UNDERLAY_CAPABILITY]
  readonly parameters: VivaldiParameters
  private readonly components: VivaldiComponents
  private readonly random: Random
  private readonly core: Vivaldi
  private readonly known: KnownCoordinates
  private readonly met: MetPeers
  private readonly layer: GossipLayer<Probe, VerifiedRecord | undefined>
  private readonly measurements: Measurements
  private underlay: Underlay | undefined
  private unwatch = () => {}
  /** Probes that this round is to bring: what other protocols have not brought in the last one. */
  private wanted = 0
  /** Samples, and probes that were answered, be it with busy, when the round began. */
  private samples = 0
  private probed = 0
  /** What others are told, how often that has changed, and how often the core had moved by then. */
  private told: Coordinate
  private moves = 0
  private coreMoves = 0

  constructor(components: VivaldiComponents, { parameters, period, seed }: VivaldiSettings) {
    super()
    const random = new Random(seed)
    this.components = components
    this.random = random
    this.parameters = parameters
    this.known = new KnownCoordinates(parameters.dimensions)
    this.core = new Vivaldi({ nodes: 1, parameters, random: random.fork() })
    this.told = this.core.coordinate(SELF)
    const probes = new Probes({
      underlay: () => underlayOf(components),
      wanted: () => this.wanted,
      choose: () => this.choose(),
      numberOf: record => this.met.numberOf(record)
    })
    this.layer = new GossipLayer({
      protocol: probes,
      codec: probes,
      name: PROTOCOL,
      logName: LOG_NAME,
      metricsPrefix: METRICS_PREFIX,
      components,
      underlay: () => underlayOf(components),
      recordOf: peer => this.met.record(peer),
      limits: LIMITS,
      period,
      random: random.fork(),
      onRound: () => this.beginRound()
    })
    this.met = new MetPeers(peer => this.layer.isPartner(peer))
    this.measurements = new Measurements({
      id: components.peerId,
      components,
      log: components.logger.forComponent(LOG_NAME),
      underlay: () => underlayOf(components),
      exchange: (record, signal) => this.layer.exchange(this.met.numberOf(record), signal),
      onRefused: reason => this.layer.leftOut(reason)
    })

    if (components.metrics != null) {
      registerMetrics(components.metrics, this)
    }
  }

  isStarted(): boolean {
    return this.layer.isStarted()
  }

  start(): void {
    if (this.isStarted()) {
      return
    }

    this.underlay = underlayOf(this.components)
    this.underlay.own.show(PROFILE, encodeCoordinate(this.told))
    this.unwatch = this.underlay.watchRoundTrips((peer, roundTrip) => this.observe(peer, roundTrip))
    this.measurements.start()
    this.layer.start()
  }

  async afterStart(): Promise<void> {
    if (this.isStarted()) {
      await Promise.all([this.layer.afterStart(), this.measurements.afterStart()])
    }
  }

  async stop(): Promise<void> {
    if (!this.isStarted()) {
      return
    }

    this.unwatch()
    await Promise.all([this.layer.stop(), this.measurements.stop()])
    this.underlay?.own.show(PROFILE, undefined)
  }

  get coordinate(): Coordinate {
    return this.told
  }

  get raw(): Coordinate {
    return this.core.raw(SELF)
  }

  coordinateOf(peer: PeerId): KnownCoordinate | undefined {
    const record = this.underlay?.newest(peer.toString())
    return record && this.coordinateIn(record)
  }

  estimate(to: PeerId | Coordinate, from?: PeerId | Coordinate): Estimate | undefined {
    const a = this.resolve(to)
    const b = this.resolve(from)
    return a && b && estimateBetween(a, b)
  }

  nearest(n: number, to?: PeerId | Coordinate): NearPeer[] {
    const from = this.resolve(to)

    if (from == null) {
      return []
    }

    // this peer is no member of its own view
    const near = this.living().flatMap(record => {
      const { id, multiaddrs } = record
      const coordinate = this.coordinateIn(record)
      const isOther = !(isPeerId(to) && id.equals(to))
      return coordinate == null || !isOther
        ? []
        : [{ id, multiaddrs, coordinate, ...estimateBetween(coordinate, from) }]
    })

    return near.sort((a, b) => a.milliseconds - b.milliseconds).slice(0, Math.max(0, Math.floor(n)))
  }

  async measure(peer: PeerId, options?: MeasureOptions): Promise<number> {
    return await this.measurements.measure(peer, options)
  }

  statistics(): VivaldiStatistics {
    return {
      ...exchangeStatistics(this.layer.counts),
      rounds: this.layer.rounds,
      samples: this.core.samples,
      moves: this.moves
    }
  }

  /** An exchange of some protocol took so long. */
  private observe(id: PeerId, roundTrip: number): void {
    const record = this.underlay?.newest(id.toString())

    if (record == null) {
      return
    }

    const claim = this.known.claimOf(record)
    const defect = claim instanceof Float64Array ? this.sample(record, roundTrip, claim) : claim

    if (defect != null) {
      this.layer.leftOut(defect)
    }
  }

  private sample(record: VerifiedRecord, roundTrip: number, claim: Float64Array): SampleDefect | undefined {
    this.met.meet(record, performance.now())
    return this.core.observe(SELF, this.met.numberOf(record), roundTrip, claim)
  }

  private beginRound(): void {
    const { samples } = this.core
    const { answered, busy } = this.layer.counts.outcomes
    const probed = answered + busy
    // a probe that was answered need not have been a sample: whoever sees to that must not be asked ever more often
    const brought = Math.max(0, samples - this.samples - (probed - this.probed))
    this.wanted = Math.max(0, SAMPLES_PER_ROUND - brought)
    this.samples = samples
    this.probed = probed
    this.measurements.tidy()
    this.tell()
  }

  /** Tells others where this peer is, if that has changed. */
  private tell(): void {
    const { core, told: previous } = this

    if (core.moves === this.coreMoves) {
      return
    }

    const coordinate = core.coordinate(SELF)
    this.coreMoves = core.moves
    this.moves++
    this.told = coordinate
    this.underlay?.own.show(PROFILE, encodeCoordinate(coordinate))
    const moved = Math.hypot(...coordinate.position.map((x, i) => x - previous.position[i]))
    this.safeDispatchEvent('coordinate:change', { detail: { coordinate, previous, moved } })
  }

  /** A random member of the view that has a coordinate. */
  private choose(): number {
    const { underlay, known } = this
    const members = underlay?.members().filter(record => known.find(record) != null) ?? []
    return members.length === 0 ? NOBODY : this.met.numberOf(members[this.random.below(members.length)])
  }

  /** The newest records of whoever is in the view, or was met lately. */
  private living(): VerifiedRecord[] {
    const { underlay, met } = this

    if (underlay == null) {
      return []
    }

    const since = performance.now() - MET_LATELY * underlay.timing.period
    const keys = new Set([...underlay.members().map(({ key }) => key), ...met.since(since)])
    return [...keys].flatMap(key => underlay.newest(key) ?? [])
  }

  private resolve(place: PeerId | Coordinate = this.told): Coordinate | undefined {
    if (!isPeerId(place)) {
      return checkCoordinate(place, this.parameters.dimensions)
    }

    return place.equals(this.components.peerId) ? this.told : this.coordinateOf(place)
  }

  private coordinateIn(record: VerifiedRecord): KnownCoordinate | undefined {
    const values = this.known.find(record)
    const age = Math.max(0, Date.now() - Number(record.seq))
    return values && { ...coordinateAt(values, 0, this.parameters.dimensions), age }
  }
}
