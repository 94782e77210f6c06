/**
 * Overlays: every peer has a position in some space, a torus say, and finds the peers nearest to it, with nobody in charge.
 *
 * The service builds on peer sampling (`gossip-peer/sampling`). Once a period a peer swaps with one of the nearest that it
 * knows what is nearest to the other one (T-Man); random members come from below. After some ten rounds everybody knows its
 * neighbours, and follows them as peers come, go and move. A position is in its peer's own signed record: nobody can move
 * another one.
 *
 * @example
 *
 * ```typescript
 * import { noise } from '@chainsafe/libp2p-noise'
 * import { tcp } from '@libp2p/tcp'
 * import { yamux } from '@libp2p/yamux'
 * import { torusOverlay } from 'gossip-peer/overlay'
 * import { peerSampling } from 'gossip-peer/sampling'
 * import { createLibp2p } from 'libp2p'
 *
 * const options = {
 *   addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
 *   transports: [tcp()],
 *   connectionEncrypters: [noise()],
 *   streamMuxers: [yamux()]
 * }
 *
 * const first = await createLibp2p({
 *   ...options,
 *   services: { sampling: peerSampling(), torus: torusOverlay({ side: 50, position: [12, 7] }) }
 * })
 * const second = await createLibp2p({
 *   ...options,
 *   services: {
 *     sampling: peerSampling({ bootstrap: first.getMultiaddrs() }),
 *     torus: torusOverlay({ side: 50, position: [13, 7] })
 *   }
 * })
 * const { torus } = second.services
 *
 * while (torus.neighbour('west') == null) {
 *   await new Promise(resolve => torus.addEventListener('neighbour:change', resolve, { once: true }))
 * }
 *
 * console.log('to the west:', torus.neighbours.west?.id.toString())
 *
 * const route = await torus.route([12, 7])
 * console.log(route.outcome, 'in', route.hops, 'hop')
 *
 * await Promise.all([first.stop(), second.stop()])
 * ```
 *
 * @example An application's own space: whoever writes what is most alike
 *
 * ```typescript
 * import { ownSpace, overlay } from 'gossip-peer/overlay'
 *
 * const space = ownSpace<string>({
 *   name: 'words',
 *   distance: (a, b) => [...a].filter(letter => !b.includes(letter)).length + [...b].filter(letter => !a.includes(letter)).length,
 *   encode: word => new TextEncoder().encode(word),
 *   decode: bytes => new TextDecoder('utf-8', { fatal: true }).decode(bytes)
 * })
 *
 * // createLibp2p({ services: { sampling: peerSampling(), alike: words } })
 * const words = overlay({ space, position: 'gossip' })
 * console.log(typeof words)
 * ```
 *
 * @packageDocumentation
 */
import type { AbortOptions, TypedEventTarget } from '@libp2p/interface'
import { ParameterError, wholeNumber } from '../gossip/parameters.ts'
import type { ExchangeStatistics } from '../live/exchange-statistics.ts'
import { DEFAULT_LATENCY_DIMENSIONS } from './constants.ts'
import { latency } from './euclidean.ts'
import type { Neighbour, NeighbourChange, NeighboursChange } from './neighbourhood.ts'
import type { OverlayParameters } from './parameters.ts'
import { type ProximityComponents, ProximityOverlay, type ProximityOverlayInit } from './proximity.ts'
import type { Route } from './routing.ts'
import { type OverlayComponents, OverlayService } from './service.ts'
import { type OverlaySettingsInit, overlaySettings } from './settings.ts'
import type { Space } from './space.ts'
import { MAX_TORUS_SIDE, MIN_TORUS_SIDE, type TorusDirection, torus } from './torus.ts'

export type { Outcome } from '../gossip/exchange.ts'
export { ParameterError } from '../gossip/parameters.ts'
export type { Refusal } from '../live/refusal.ts'
export { DEFAULT_PSI, DEFAULT_VIEW_SIZE, MAX_VIEW_SIZE, MIN_MESSAGE_SIZE, MIN_VIEW_SIZE } from './constants.ts'
export { euclidean, latency, MAX_DIMENSIONS } from './euclidean.ts'
export type { RouteOutcome } from './greedy.ts'
export { DEFAULT_MAX_HOPS, MAX_HOPS, PROTOCOL, ROUTE_PROTOCOL } from './limits.ts'
export { LINE_DIRECTIONS, type LineDirection, line } from './line.ts'
export type { Neighbour, NeighbourChange, NeighboursChange } from './neighbourhood.ts'
export { type OwnSpace, ownSpace } from './own-space.ts'
export type { OverlayParameters } from './parameters.ts'
export type { Places } from './places.ts'
export type { CoordinateSource, ProximityComponents, ProximityOverlayInit } from './proximity.ts'
export { RING_DIRECTIONS, type RingDirection, ring } from './ring.ts'
export type { Route, RouteHop } from './routing.ts'
export type { OverlayComponents } from './service.ts'
export type { OverlaySettingsInit } from './settings.ts'
export type { Space } from './space.ts'
export { MAX_TORUS_SIDE, MIN_TORUS_SIDE, TORUS_DIRECTIONS, type TorusDirection, torus } from './torus.ts'

/** How {@link overlay} is set up. */
export interface OverlayInit<P, D extends string = string> extends OverlaySettingsInit<P> {
  /** The positions that there are, and how far apart. */
  space: Space<P, D>
}

/** How {@link torusOverlay} is set up: with a side, or a width and a height, of 2 to 1,000,000 points each. */
export interface TorusOverlayInit extends OverlaySettingsInit<number[]> {
  /** Width and height in one. */
  side?: number
  /** Points from west to east. */
  width?: number
  /** Points from south to north. */
  height?: number
}

/**
 * Who is near. On a space with directions, the neighbour in each of them that has one, such as `{ north, east }`; where nearness
 * is all there is, a list, the nearest first.
 */
export type Neighbours<P, D extends string> = [D] extends [never]
  ? Neighbour<P>[]
  : string extends D
    ? Neighbour<P>[] | { readonly [direction: string]: Neighbour<P> | undefined }
    : { readonly [direction in D]?: Neighbour<P> }

/** What the service announces. */
export interface OverlayEvents<P, D extends string = string> {
  /** Another peer has become the neighbour in a direction, or there is none there any more. Not when it merely moves. */
  'neighbour:change': CustomEvent<NeighbourChange<P, D>>
  /** On a space without directions: other peers have become the nearest. */
  'neighbours:change': CustomEvent<NeighboursChange<P>>
}

/** Counts since the service was made. Refusals are those of questions and answers on routes, too; bytes are not. */
export interface OverlayStatistics extends ExchangeStatistics {
  /** Rounds of this peer, one a period. */
  rounds: number
  /** Peers in the view, and the most it can hold. */
  viewSize: number
  capacity: number
  /** Peers whose signed record is at hand, verified. */
  knownPeers: number
}

export interface RouteOptions extends AbortOptions {
  /** Peers on the path at most, from 1 to 1,024. Default: 128. */
  maxHops?: number
}

/** The peers near to this one in a space, and the way to any point. Positions that it hands out are not to be changed. */
export interface Overlay<P, D extends string = string> extends TypedEventTarget<OverlayEvents<P, D>> {
  /** Tells it from other overlays over the same space. */
  readonly name: string

  readonly space: Space<P, D>

  /** What runs. */
  readonly parameters: OverlayParameters

  /** Where this peer is. */
  readonly position: P

  /**
   * Goes to another point. The next record of this peer says so; it looks for its new neighbours in its next round, and others
   * follow as they hear of it.
   *
   * @throws ParameterError `position` unless it is one of the space
   */
  move(position: P): void

  /** Who is near, as of the last event. */
  readonly neighbours: Neighbours<P, D>

  /**
   * The nearest peer in a direction, the same one for as long as nobody is nearer.
   *
   * @throws ParameterError `direction` unless it is one of the space
   */
  neighbour(direction: D): Neighbour<P> | undefined

  /**
   * Of the peers that this one knows, in its view or from peer sampling, up to n that are nearest to a point, the nearest first.
   * It is not among them itself. To find who is nearest of all, see {@link route}.
   *
   * @throws ParameterError `position` unless the point is one of the space
   */
  nearest(point: P, n: number): Neighbour<P>[]

  /**
   * Goes to a point, from each peer to one that is strictly nearer, and asks that one for those it knows nearest to the point.
   * Where one does not answer in time (of the network's timing), it asks the next best. On an N x N torus a route takes
   * O(N) hops, fewer with the shortcuts that random members are.
   *
   * @throws ParameterError `position` unless the point is one of the space, or `maxHops`; the reason of the signal when it is
   * aborted; `AbortError` when the service is not running, or stops
   */
  route(point: P, options?: RouteOptions): Promise<Route<P>>

  /** What has happened so far. */
  statistics(): OverlayStatistics
}

/**
 * The service factory, for any space: `createLibp2p({ services: { sampling: peerSampling(), ring: overlay({ space: ring(360) }) } })`.
 * Peer sampling must have the name `sampling`; of overlays there may be several, of different names or spaces.
 *
 * @throws ParameterError for an impossible name, position, size of view or message, psi or period
 */
export function overlay<P, D extends string>(
  init: OverlayInit<P, D>
): (components: OverlayComponents) => Overlay<P, D> {
  const settings = overlaySettings(init.space, init)
  return components => new OverlayService(components, init.space, settings)
}

/**
 * The service factory for a torus: `createLibp2p({ services: { sampling: peerSampling(), torus: torusOverlay({ side: 50 }) } })`.
 *
 * @throws ParameterError for an impossible size, and as {@link overlay}
 */
export function torusOverlay(
  init: TorusOverlayInit
): (components: OverlayComponents) => Overlay<number[], TorusDirection> {
  const { side, width = side, height = side, ...rest } = init

  if (width == null || height == null || (side != null && (init.width != null || init.height != null))) {
    throw new ParameterError('side', 'a torus has either a side, or a width and a height')
  }

  if (side != null) {
    wholeNumber('side', side, MIN_TORUS_SIDE, MAX_TORUS_SIDE)
  }

  return overlay({ ...rest, space: torus(width, height) })
}

/**
 * The service factory for nearness in latency: `createLibp2p({ services: { sampling: peerSampling(), vivaldi: vivaldi(), near:
 * proximityOverlay() } })`. The peer is where its network coordinate says (`gossip-peer/vivaldi`, which must have the name `vivaldi`),
 * and its neighbours are the peers with the shortest round trips. A position is the numbers of a point and the height, a distance
 * milliseconds.
 *
 * @throws ParameterError for impossible dimensions, and as {@link overlay}
 */
export function proximityOverlay(
  init: ProximityOverlayInit = {}
): (components: ProximityComponents) => Overlay<number[], never> {
  const { dimensions = DEFAULT_LATENCY_DIMENSIONS, ...rest } = init
  const space = latency(dimensions)
  // where every coordinate begins
  const settings = overlaySettings(space, { ...rest, position: new Array(dimensions + 1).fill(0) })
  return components => new ProximityOverlay(components, space, settings)
}
