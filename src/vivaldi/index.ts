/**
 * Network coordinates (Vivaldi): the round-trip time between any two peers, predicted without measuring it.
 *
 * Every peer is a point of a space in which distances are latencies. The exchanges of the other protocols (peer sampling, see
 * `gossip-peer/sampling`, aggregation, overlays) are timed as they happen, and each one moves the peer a little towards where it
 * would have predicted that time. After some fifty of them predictions are off by a tenth. Where a peer is, its signed record says:
 * whoever knows the records of two peers knows how far apart they are.
 *
 * @example
 *
 * ```typescript
 * import { noise } from '@chainsafe/libp2p-noise'
 * import { tcp } from '@libp2p/tcp'
 * import { yamux } from '@libp2p/yamux'
 * import { peerSampling } from 'gossip-peer/sampling'
 * import { vivaldi } from 'gossip-peer/vivaldi'
 * import { createLibp2p } from 'libp2p'
 *
 * const start = (bootstrap: Parameters<typeof peerSampling>[0]) =>
 *   createLibp2p({
 *     addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
 *     transports: [tcp()],
 *     connectionEncrypters: [noise()],
 *     streamMuxers: [yamux()],
 *     services: { sampling: peerSampling({ profile: 'local', ...bootstrap }), vivaldi: vivaldi() }
 *   })
 *
 * const first = await start({})
 * const second = await start({ bootstrap: first.getMultiaddrs() })
 * const coordinates = second.services.vivaldi
 *
 * while ((coordinates.estimate(first.peerId)?.confidence ?? 0) < 0.2) {
 *   await new Promise(resolve => coordinates.addEventListener('coordinate:change', resolve, { once: true }))
 * }
 *
 * console.log('predicted:', coordinates.estimate(first.peerId)?.milliseconds, 'ms')
 * console.log('measured:', await coordinates.measure(first.peerId), 'ms')
 * console.log('nearest:', coordinates.nearest(1)[0].id.toString())
 *
 * await Promise.all([first.stop(), second.stop()])
 * ```
 *
 * @packageDocumentation
 */

import type { AbortOptions, PeerId, PeerInfo, TypedEventTarget } from '@libp2p/interface'
import type { ExchangeStatistics } from '../live/exchange-statistics.ts'
import type { Coordinate } from './coordinate.ts'
import type { VivaldiParameters } from './parameters.ts'
import { type VivaldiComponents, VivaldiService } from './service.ts'
import { type VivaldiInit, vivaldiSettings } from './settings.ts'

export { ParameterError } from '../gossip/parameters.ts'
export type { ExchangeStatistics } from '../live/exchange-statistics.ts'
export { type Coordinate, predict } from './coordinate.ts'
export type { Filter } from './filter.ts'
export { type LandmarkOptions, placeByLandmarks, placeLandmarks } from './landmarks.ts'
export { MeasurementError } from './measurements.ts'
export type { VivaldiParameters } from './parameters.ts'
export type { VivaldiComponents } from './service.ts'
export type { VivaldiInit } from './settings.ts'

/** A round-trip time that was predicted. */
export interface Estimate {
  milliseconds: number
  /** How near to the truth it is likely to be: 1 less the mean error of both coordinates, from 0 (nothing is known) to 0.98. */
  confidence: number
}

/** A coordinate that another peer has signed. */
export interface KnownCoordinate extends Coordinate {
  /** Milliseconds since it was signed, by the clocks of both peers: a claim, and never negative. */
  age: number
}

/** A peer and how far it is. */
export interface NearPeer extends PeerInfo, Estimate {
  coordinate: KnownCoordinate
}

export interface CoordinateChange {
  coordinate: Coordinate
  previous: Coordinate
  /** Milliseconds between the two points. */
  moved: number
}

/** What the service announces. */
export interface NetworkCoordinatesEvents {
  /**
   * This peer tells others another coordinate, because it has moved by a twentieth of a typical round trip or its error has changed by
   * half: at most once a round, and in a settled network once in some hundred.
   */
  'coordinate:change': CustomEvent<CoordinateChange>
}

export interface MeasureOptions extends AbortOptions {
  /** Default: this peer. */
  from?: PeerId
}

/** Counts since the service was made. Exchanges are probes: the samples that other protocols bring are not among them. */
export interface VivaldiStatistics extends ExchangeStatistics {
  /** Rounds of this peer, one a period. */
  rounds: number
  /** Round trips that have moved this peer. */
  samples: number
  /** Times that it has told others another coordinate. */
  moves: number
}

/** Where this peer is in a space of latencies, and where others are. */
export interface NetworkCoordinates extends TypedEventTarget<NetworkCoordinatesEvents> {
  /** What runs. */
  readonly parameters: VivaldiParameters

  /** Where this peer is, as it tells others: it changes only when that matters. */
  readonly coordinate: Coordinate

  /** The same as every sample moves it. */
  readonly raw: Coordinate

  /** Where a peer is, as far as this one knows: from the newest record of it that has come along. */
  coordinateOf(peer: PeerId): KnownCoordinate | undefined

  /**
   * Predicts the round-trip time between two peers, whether they have ever met or not.
   *
   * @param from - a peer, or a coordinate. Default: this peer
   * @returns undefined when the coordinate of one of them is not known
   * @throws ParameterError `coordinate` for one that is not finite, or of other dimensions than here
   */
  estimate(to: PeerId | Coordinate, from?: PeerId | Coordinate): Estimate | undefined

  /**
   * Of the peers that this one knows to live, the members of its view and those it has met lately, up to n that are nearest, the nearest
   * first.
   *
   * @param to - a peer, or a coordinate. Default: this peer
   * @throws ParameterError `coordinate` as {@link estimate}
   */
  nearest(n: number, to?: PeerId | Coordinate): NearPeer[]

  /**
   * Measures the round-trip time to a peer: the shortest of a few exchanges, in milliseconds. From another peer, that one is asked
   * to measure it: what it says is its claim, more than 0 and at most 10,000. It does so for whoever asks, three times at once and then
   * once in five seconds, for one at a time.
   *
   * @throws `MeasurementError` when the one that is to measure or to be asked is not known here, the other one is not known to it, one
   * of them does not answer, or has no time for it; the reason of the signal when that is aborted
   */
  measure(peer: PeerId, options?: MeasureOptions): Promise<number>

  /** What has happened so far. */
  statistics(): VivaldiStatistics
}

/**
 * The service factory: `createLibp2p({ services: { sampling: peerSampling(), vivaldi: vivaldi() } })`. Peer sampling must have the
 * name `sampling`.
 *
 * @throws ParameterError for impossible dimensions, filter, period or seed
 */
export function vivaldi(init: VivaldiInit = {}): (components: VivaldiComponents) => NetworkCoordinates {
  const settings = vivaldiSettings(init)
  return components => new VivaldiService(components, settings)
}
