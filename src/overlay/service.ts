import { AbortError, type PeerId, type Startable, serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import { TypedEventEmitter } from 'main-event'
import { NOBODY } from '../gossip/exchange.ts'
import { ParameterError } from '../gossip/parameters.ts'
import { Random } from '../gossip/random.ts'
import { exchangeStatistics } from '../live/exchange-statistics.ts'
import { GossipLayer, type LayerComponents } from '../live/layer.ts'
import { SELF } from '../live/population.ts'
import { drawSeed } from '../live/seed.ts'
import { UNDERLAY_CAPABILITY, type Underlay, type UnderlayComponents, underlayOf } from '../live/underlay.ts'
import { type OpenedExchange, OverlayCodec } from './codec.ts'
import type { Neighbours, Overlay, OverlayEvents, OverlayStatistics, RouteOptions } from './index.ts'
import { KnownPeers } from './known-peers.ts'
import * as limits from './limits.ts'
import type { OverlayMessage } from './message.ts'
import { registerMetrics } from './metrics.ts'
import { type Neighbour, Neighbourhood } from './neighbourhood.ts'
import type { OverlayParameters } from './parameters.ts'
import { OverlayProtocol } from './protocol.ts'
import { RouteProtocol } from './route-protocol.ts'
import { type Route, Routing } from './routing.ts'
import type { OverlaySettings } from './settings.ts'
import type { Space } from './space.ts'

const LOG_NAME = 'gossip-peer:overlay'

/** What the service needs of libp2p, and of the services beside it. */
export interface OverlayComponents extends LayerComponents, UnderlayComponents {
  peerId: PeerId
}

/** Runs the overlay core on a libp2p node, over its peer sampling. */
export class OverlayService<P, D extends string>
  extends TypedEventEmitter<OverlayEvents<P, D>>
  implements Overlay<P, D>, Startable
{
  readonly [Symbol.toStringTag] = '@gossip-peer/overlay'
  readonly [serviceCapabilities]: string[] = ['@gossip-peer/overlay']
  readonly [serviceDependencies]: string[] = [UNDERLAY_CAPABILITY]
  readonly name: string
  readonly space: Space<P, D>
  readonly parameters: OverlayParameters
  private readonly settings: OverlaySettings<P>
  private readonly components: OverlayComponents
  private readonly protocol: OverlayProtocol<P>
  private readonly peers: KnownPeers<P>
  private readonly layer: GossipLayer<OverlayMessage, OpenedExchange>
  private readonly routes: RouteProtocol<P>
  private readonly routing: Routing<P>
  private readonly neighbourhood: Neighbourhood<P, D>
  private underlay: Underlay | undefined
  private unwatch = () => {}
  private controller = new AbortController()
  /** Exchanges that it had begun when it was started. */
  private initiatedBefore = 0
  /** Where this peer is, as it is written in its record, and as others read it there. */
  private written: Uint8Array<ArrayBuffer>
  private place: P

  constructor(components: OverlayComponents, space: Space<P, D>, settings: OverlaySettings<P>) {
    super()
    const { name, parameters, positions, identity } = settings
    const random = new Random(drawSeed())
    const places = space.places(limits.MAX_KNOWN_PEERS)
    const underlay = () => this.underlay ?? underlayOf(components)
    this.name = name
    this.space = space
    this.parameters = parameters
    this.settings = settings
    this.components = components
    this.written = positions.encode(settings.start(components.peerId))
    this.place = positions.decode(this.written)
    places.set(SELF, this.place)

    this.peers = new KnownPeers({
      positions,
      places,
      underlay: () => this.underlay,
      inUse: peer => this.protocol.knows(SELF, peer) || this.layer.isPartner(peer),
      onGone: peer => this.protocol.forget(SELF, peer),
      onNews: peer => this.protocol.forgive(SELF, peer)
    })
    this.protocol = new OverlayProtocol({
      nodes: 1,
      parameters,
      places,
      source: this.peers,
      random: random.fork()
    })
    this.neighbourhood = new Neighbourhood({
      directions: space.directions,
      protocol: this.protocol,
      peers: this.peers,
      positions,
      position: () => this.place,
      onNeighbour: change => this.tell('neighbour:change', change),
      onNeighbours: change => this.tell('neighbours:change', change)
    })
    this.layer = new GossipLayer({
      protocol: this.protocol,
      codec: new OverlayCodec({
        createMessage: () => this.protocol.createMessage(),
        peers: this.peers,
        positions,
        underlay
      }),
      name: identity.exchange,
      logName: LOG_NAME,
      metricsPrefix: identity.metricsPrefix,
      components,
      underlay,
      recordOf: peer => this.peers.record(peer),
      limits: {
        maxMessageBytes: limits.MAX_MESSAGE_BYTES,
        maxInboundStreams: limits.MAX_INBOUND_STREAMS,
        requestBurst: limits.REQUEST_BURST,
        maxOffences: limits.MAX_OFFENCES
      },
      period: settings.period,
      tries: this.protocol.tries,
      random: random.fork(),
      onRound: () => this.beginRound(),
      onChange: () => this.neighbourhood.update()
    })
    this.routes = new RouteProtocol({
      name: identity.route,
      components,
      log: components.logger.forComponent(LOG_NAME),
      positions,
      underlay,
      nearest: (point, count) => this.neighbourhood.nearestTo(point, count),
      onRefused: reason => this.layer.leftOut(reason),
      onFailed: (key, why) => {
        const peer = this.peers.number(key)

        if (peer !== NOBODY) {
          this.protocol.abandon(SELF, peer, why)
          this.neighbourhood.update()
        }
      }
    })
    this.routing = new Routing({
      id: components.peerId,
      positions,
      peers: this.peers,
      protocol: this.routes,
      nearest: (point, count) => this.neighbourhood.nearestTo(point, count)
    })
    this.controller.abort(new AbortError('the overlay has not been started'))

    if (components.metrics != null) {
      registerMetrics(components.metrics, identity.metricsPrefix, () => this.statistics())
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
    this.underlay.own.show(this.settings.identity.profile, this.written)
    // where both ends could not reach each other, neither would speak to the other one first
    this.unwatch = this.underlay.watch(id => this.protocol.forgive(SELF, this.peers.number(id.toString())))
    this.controller = new AbortController()
    this.initiatedBefore = this.layer.counts.initiated
    this.protocol.newcomers(SELF, SELF + 1)
    this.layer.start()
  }

  async afterStart(): Promise<void> {
    const { underlay } = this
    const { signal } = this.controller

    if (underlay == null || !this.isStarted()) {
      return
    }

    // a record without a position is refused by others
    await underlay.own.settled

    // it may have been stopped meanwhile, and even started again
    if (signal.aborted) {
      return
    }

    const answering = this.routes.start(signal)
    await this.layer.afterStart()

    // a long wait must not keep the node from starting
    if (underlay.takesPart) {
      await answering
    }
  }

  async stop(): Promise<void> {
    if (!this.isStarted()) {
      return
    }

    this.controller.abort(new AbortError('the overlay stops'))
    this.unwatch()
    await Promise.all([this.layer.stop(), this.routes.stop()])
    this.underlay?.own.show(this.settings.identity.profile, undefined)
  }

  get position(): P {
    return this.place
  }

  move(position: P): void {
    this.goTo(position)
    this.protocol.newcomers(SELF, SELF + 1)
    this.neighbourhood.update()
  }

  /** Goes to a point near by: whoever was a neighbour still is a good start from there. */
  protected shift(position: P): void {
    this.goTo(position)
    this.neighbourhood.update()
  }

  private goTo(position: P): void {
    const { positions, identity } = this.settings
    const written = positions.encode(position)

    if (this.isStarted()) {
      this.underlay?.own.show(identity.profile, written)
    }

    this.written = written
    this.place = positions.decode(written)
    this.protocol.places.set(SELF, this.place)
  }

  get neighbours(): Neighbours<P, D> {
    const { byDirection, list } = this.neighbourhood
    return (this.space.directions.length > 0 ? Object.fromEntries(byDirection) : [...list]) as Neighbours<P, D>
  }

  neighbour(direction: D): Neighbour<P> | undefined {
    if (!this.space.directions.includes(direction)) {
      throw new ParameterError(
        'direction',
        `"${direction}" is none of ${this.space.directions.join(', ') || 'no directions'}`
      )
    }

    return this.neighbourhood.byDirection.get(direction)
  }

  nearest(point: P, n: number): Neighbour<P>[] {
    const checked = this.space.check(point)
    return this.neighbourhood
      .nearestTo(checked, Math.max(0, Math.floor(n)))
      .map(record => this.neighbourhood.describe(record, checked))
  }

  async route(point: P, { signal, maxHops }: RouteOptions = {}): Promise<Route<P>> {
    const stopped = this.controller.signal
    const until = signal == null ? stopped : AbortSignal.any([signal, stopped])
    return await this.routing.route(point, this.place, until, maxHops)
  }

  statistics(): OverlayStatistics {
    return {
      ...exchangeStatistics(this.layer.counts),
      rounds: this.layer.rounds,
      viewSize: this.protocol.views.size(SELF),
      capacity: this.parameters.view,
      knownPeers: this.peers.size
    }
  }

  private beginRound(): void {
    this.routes.tidy()

    // a round in which peer sampling knew nobody was none
    if (this.layer.counts.initiated === this.initiatedBefore || this.protocol.views.size(SELF) === 0) {
      this.protocol.newcomers(SELF, SELF + 1)
    }

    this.neighbourhood.update()
  }

  private tell<E extends keyof OverlayEvents<P, D>>(type: E, detail: OverlayEvents<P, D>[E]['detail']): void {
    this.safeDispatchEvent(type, { detail })
  }
}
