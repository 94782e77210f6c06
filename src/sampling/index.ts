/**
 * Peer sampling: random members of a network of any size, with nobody in charge.
 *
 * Every peer keeps a partial view, a small random sample of all peers that changes all the time. Once a period it swaps
 * half of it with one of its members. The service is a libp2p peer discovery too: what it learns is announced to the
 * app, so that an app finds its peers without a server or a DHT.
 *
 * @example
 *
 * ```typescript
 * import { noise } from '@chainsafe/libp2p-noise'
 * import { tcp } from '@libp2p/tcp'
 * import { yamux } from '@libp2p/yamux'
 * import { multiaddr } from '@multiformats/multiaddr'
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
 * const first = await createLibp2p({ ...options, services: { sampling: peerSampling() } })
 * const second = await createLibp2p({
 *   ...options,
 *   services: { sampling: peerSampling({ bootstrap: first.getMultiaddrs() }) }
 * })
 *
 * const peer = await second.services.sampling.waitForPeer({ signal: AbortSignal.timeout(30_000) })
 * console.log('a random member:', peer.id.toString())
 *
 * await Promise.all([first.stop(), second.stop()])
 * ```
 *
 * @packageDocumentation
 */
import type { AbortOptions, PeerId, PeerInfo, TypedEventTarget } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Outcome } from '../gossip/exchange.ts'
import type { ExchangeStatistics } from '../live/exchange-statistics.ts'
import type { Underlay } from '../live/underlay.ts'
import type { Admission } from './admission.ts'
import type { SamplingParameters } from './parameters.ts'
import type { Timing } from './profiles.ts'
import { type PeerSamplingComponents, PeerSamplingService } from './service.ts'
import { type SamplingSettingsInit, samplingSettings } from './settings.ts'
import type { SightingsReport } from './sightings-report.ts'

export type { Outcome } from '../gossip/exchange.ts'
export { ParameterError } from '../gossip/parameters.ts'
export type { VerifiedRecord } from '../live/records.ts'
export type { Refusal } from '../live/refusal.ts'
export { FIRST_ROUND_WITHIN, PERIOD_JITTER } from '../live/rounds.ts'
export type { Underlay } from '../live/underlay.ts'
export type { Admission } from './admission.ts'
export * from './constants.ts'
export type {
  Defence,
  ExchangeKind,
  PeerSelection,
  Preset,
  Propagation,
  SamplingOptions,
  SamplingParameters
} from './parameters.ts'
export { DEFENCE_NAMES, PRESET_NAMES, samplingParameters } from './parameters.ts'
export type { ProfileName, Timing } from './profiles.ts'
export { PROFILE_DEFENCES, PROFILE_NAMES, PROFILES } from './profiles.ts'
export type { PeerSamplingComponents } from './service.ts'
export { type SamplingSettings, type SamplingSettingsInit, samplingSettings } from './settings.ts'
export type { InDegreeEstimate, SeenCount, SightingsReport } from './sightings-report.ts'

/** How {@link peerSampling} is set up. Everything has a default. */
export interface PeerSamplingInit extends SamplingSettingsInit {
  /** Members through which to join. Default: none; the peer then waits to be contacted, or for {@link PeerSampling.join}. */
  bootstrap?: Multiaddr[]

  /**
   * Seed of the random source, from 0 to 2^53 - 1, for runs that are to be repeated: who knows it knows the secret that the
   * defences rest on, too. Default: drawn from the system.
   */
  seed?: number
}

/** A member of the view. */
export interface ViewEntry extends PeerInfo {
  /** Exchanges (in Newscast: sixteenths of a period) since the descriptor was made. Old ones are likely dead. */
  age: number
}

/**
 * A peer that was named so often in the answers to this peer's own exchanges that chance is out of the question (a
 * probability under 1e-7): it may be one of a set of colluders, or a peer that most others know. A reason to look, no proof.
 */
export interface Suspect {
  id: PeerId
  /** The evidence: how often it was seen in the window of sightings as it came under suspicion... */
  seen: number
  /** ...and how often a peer of usual in-degree was to be expected there. */
  expected: number
  /** How often it came under suspicion. Each time it stays there twice as long. */
  offences: number
  /** Rounds of this peer for which it is still suspected. */
  rounds: number
}

/** What the service announces. */
export interface PeerSamplingEvents {
  /** A peer entered the view. */
  'view:enter': CustomEvent<PeerInfo>
  /** A peer left the view. */
  'view:leave': CustomEvent<PeerInfo>
  /** The view has reached its capacity for the first time since it was empty. */
  'view:full': CustomEvent<{ size: number }>
  /** The first exchange went well, with this peer: there is a network. Again after a time alone. */
  joined: CustomEvent<{ through: PeerId }>
  /** Nobody answers: the view is empty. The peer goes on trying, after a pause in milliseconds. */
  alone: CustomEvent<{ tried: number; pause: number }>
  /** The peer takes no part yet: it searches for a stamp of so many bits, for about so many milliseconds. */
  'stamp:search': CustomEvent<{ bits: number; expected: number }>
  /** A member did not answer and was dropped. */
  'member:lost': CustomEvent<{ id: PeerId; why: Outcome }>
  /** A peer came under suspicion, for the first time or again. */
  suspect: CustomEvent<Suspect>
}

/** Counts since the service was started. */
export interface SamplingStatistics extends ExchangeStatistics {
  /** Rounds of this peer, one a period. */
  rounds: number
  /** Members in the view, and the most it can hold. */
  viewSize: number
  capacity: number
  /** Peers whose signed record is at hand, verified. */
  knownPeers: number
  /** Peers remembered over restarts and partitions. */
  rememberedPeers: number
  /** Whom this peer hears of, and what was refused for it. */
  sightings: SightingsReport
  /** Milliseconds since an exchange last went well, or since the start: ages and members are as they were then. */
  unchangedFor: number
}

/** Random members of the network. */
export interface PeerSampling extends TypedEventTarget<PeerSamplingEvents> {
  /** The variant that runs. */
  readonly parameters: SamplingParameters

  /** Period, timeouts and limits that are in force. */
  readonly timing: Timing

  /** What identities must bring to be taken in. */
  readonly admission: Admission

  /** For services that build on this one: signed records, the connections they share, and when to begin. */
  readonly underlay: Underlay

  /** The partial view as it is now: at most c members, none twice, never this peer. */
  readonly view: ViewEntry[]

  /** One random member of the view, or undefined when it is empty. */
  getPeer(): PeerInfo | undefined

  /** Up to n different random members of the view, in random order. */
  getPeers(n: number): PeerInfo[]

  /**
   * A random member, as soon as there is one.
   *
   * @throws the reason of the signal when it is aborted first; `AbortError` when the service stops
   */
  waitForPeer(options?: AbortOptions): Promise<PeerInfo>

  /**
   * Contacts a peer now, whether or not it is a member, and swaps views with it: how to enter another network, or to
   * make two into one. The address is remembered.
   *
   * @returns how it ended; never throws for a peer that cannot be reached
   * @throws the reason of the signal when it is aborted first
   */
  join(contact: Multiaddr | Multiaddr[] | PeerInfo, options?: AbortOptions): Promise<Outcome>

  /** What has happened so far. */
  statistics(): SamplingStatistics

  /**
   * The peers that are suspected now, whatever the defence. With the defence `statistics` they are refused: no member, and
   * not taken from others; with another one nothing is done to them.
   */
  suspects(): Suspect[]

  /**
   * Clears a suspect by hand: it is suspected no more, and not again until the service is made anew or has forgotten the
   * peer.
   *
   * @returns false when it was no suspect
   */
  clearSuspect(id: PeerId): boolean
}

/**
 * The service factory for `createLibp2p({ services: { sampling: peerSampling() } })`.
 *
 * @throws ParameterError for an impossible variant, timing, defence or admission
 */
export function peerSampling(init: PeerSamplingInit = {}): (components: PeerSamplingComponents) => PeerSampling {
  samplingSettings(init)
  return components => new PeerSamplingService(components, init)
}
