import type { Connection, PeerId } from '@libp2p/interface'
import { ParameterError } from '../gossip/parameters.ts'
import type { ProtocolUse } from './connection-keeper.ts'
import type { NetworkTiming } from './network-timing.ts'
import type { OwnRecord } from './own-record.ts'
import type { Records, VerifiedRecord } from './records.ts'

/** What peer sampling hands to the services that build on it. */
export interface Underlay {
  /** The records that this peer has verified: one cache for all protocols. */
  readonly records: Records

  /** What this peer says of itself. A protocol says there what this peer is by it (`own.show`). */
  readonly own: OwnRecord

  /** Period, timeouts and limits of the network that this peer is in. */
  readonly timing: NetworkTiming

  /** The view: the newest records that are known of its members. */
  members(): VerifiedRecord[]

  /**
   * The newest record that is known of a peer: of whoever peer sampling knows, and of others as long as `records` keeps one.
   * Records that others sign by the thousand cannot make this peer forget the first.
   *
   * @param key - the peer id as text
   */
  newest(key: string): VerifiedRecord | undefined

  /** A random member of the view, or undefined when it is empty. */
  sample(): VerifiedRecord | undefined

  /**
   * Tells of each peer with which an exchange of peer sampling has just gone well: it lives, whatever another protocol thinks.
   *
   * @returns ends that
   */
  watch(onMet: (peer: PeerId) => void): () => void

  /**
   * Tells of each exchange that this peer has started and that was answered, be it with busy: of peer sampling and of every
   * protocol above it. The round trip is in milliseconds, more than 0, and without the time that the other end says it held
   * the request. Who is told may ask for the newest record of the peer: what came with the answer is there.
   *
   * @returns ends that
   */
  watchRoundTrips(onTimed: (peer: PeerId, roundTrip: number) => void): () => void

  /** Where the protocols above peer sampling report their exchanges, for {@link watchRoundTrips}. */
  timed(peer: PeerId, roundTrip: number): void

  /**
   * Whether this peer takes part in the network, which it does from its start on, or from when it has done the work that its
   * identity must cost. Before, no protocol may gossip.
   */
  readonly takesPart: boolean

  /**
   * Resolves when this peer takes part, or with false when the signal is aborted or peer sampling stops first. To be called
   * when peer sampling has started: libp2p calls `afterStart` of all services then.
   */
  participation(signal: AbortSignal): Promise<boolean>

  /** Resolves when libp2p listens, or with false when the signal is aborted first: before, there is no address to tell. */
  listening(signal: AbortSignal): Promise<boolean>

  /**
   * Takes a gossip protocol among those that share the connections of this peer, which are then kept within their limit for
   * all of them together: a stream of theirs keeps a connection only while it carries an exchange.
   *
   * @param protocol - its libp2p protocol id
   * @param use - what its streams on a connection are used for
   * @returns withdraws it
   */
  share(protocol: string, use: (connection: Connection) => ProtocolUse): () => void

  /** Whether nobody uses the connection now, but for streams that gossip protocols keep open. */
  isIdle(connection: Connection): boolean
}

/** The capability of a service that has an {@link Underlay}: for `serviceDependencies` of those that build on it. */
export const UNDERLAY_CAPABILITY = '@gossip-peer/sampling'

/** What a service needs among its components to build on peer sampling. libp2p puts services there by their names. */
export interface UnderlayComponents {
  sampling: { readonly underlay: Underlay }
}

/**
 * What peer sampling hands to other services. To be called when they start, not when they are made: peer sampling may come
 * later in `services`.
 *
 * @throws ParameterError when there is no peer sampling of that name
 */
export function underlayOf(components: UnderlayComponents): Underlay {
  const underlay = samplingOf(components)?.underlay

  if (underlay == null) {
    throw new ParameterError(
      'services',
      'peer sampling must have the name "sampling", as in createLibp2p({ services: { sampling: peerSampling(), ... } })'
    )
  }

  return underlay
}

function samplingOf(components: UnderlayComponents): Partial<UnderlayComponents['sampling']> | undefined {
  try {
    return components.sampling
  } catch {
    // libp2p throws where it has no component of a name
    return undefined
  }
}
