import type { PeerId } from '@libp2p/interface'
import type { PeerSampling } from '../sampling/index.ts'
import type { Coordinate, Estimate, NearPeer, NetworkCoordinates } from '../vivaldi/index.ts'
import { messageOf } from './errors.ts'
import { Refused } from './router.ts'
import { type PeerDocument, peerDocument } from './status.ts'

/** A coordinate as JSON: milliseconds, and the error as a share. */
export interface CoordinateDocument {
  peerId: string
  position: number[]
  height: number
  error: number
  /** Of the peer itself: round trips that have moved it, and how often it has told others. */
  samples?: number
  moves?: number
  /** Of another peer: milliseconds since it was signed. */
  age?: number
}

/** A round trip between two peers as JSON. */
export interface RoundTripDocument {
  from: string
  to: string
  /** Null, and why, when one of the two has no coordinate that is known here. */
  estimate: Estimate | null
  unestimated?: string
  /** Milliseconds, or null and why. */
  measured: number | null
  unmeasured?: string
}

/** What a peer knows of the coordinates of others. */
export interface Places {
  self: PeerId
  sampling: PeerSampling
  vivaldi: NetworkCoordinates
}

/**
 * How long a round trip may take to be measured, in milliseconds: less than either end of the control socket waits without a
 * byte. With the timeouts of the profiles it takes that long only if everybody is slow.
 */
const MEASURING = 25_000

/** A peer and how far it is, as JSON. */
export interface NearPeerDocument extends PeerDocument, Estimate {
  /** Milliseconds since its coordinate was signed. */
  age: number
}

/** @throws Refused where no coordinate of the peer is known */
export function coordinateOf(places: Places, peer: PeerId): CoordinateDocument {
  const { self, vivaldi } = places

  if (peer.equals(self)) {
    const { samples, moves } = vivaldi.statistics()
    return { ...coordinateDocument(peer, vivaldi.coordinate), samples, moves }
  }

  const coordinate = vivaldi.coordinateOf(peer)

  if (coordinate == null) {
    throw new Refused(404, whyNowhere(places, peer))
  }

  return coordinateDocument(peer, coordinate)
}

function coordinateDocument(id: PeerId, coordinate: Coordinate): CoordinateDocument {
  return { peerId: id.toString(), ...coordinate, position: [...coordinate.position] }
}

/** Why no coordinate of a peer is known. What a peer says of itself has a coordinate from the beginning. */
function whyNowhere({ sampling, vivaldi }: Places, peer: PeerId): string {
  const { dimensions } = vivaldi.parameters
  return sampling.underlay.records.newest(peer.toString()) == null
    ? `${peer} is not known here`
    : `${peer} has no coordinate of ${dimensions} dimensions, as this peer has (--dimensions must be the same for all)`
}

/**
 * Predicts the round trip between two peers, and has it measured.
 *
 * @param patience - milliseconds after which measuring is given up
 * @throws Refused where the two are one
 */
export async function roundTrip(
  places: Places,
  from: PeerId,
  to: PeerId,
  signal: AbortSignal,
  patience = MEASURING
): Promise<RoundTripDocument> {
  if (from.equals(to)) {
    throw new Refused(400, 'a peer has no round trip to itself')
  }

  const { vivaldi } = places
  const known = { from: from.toString(), to: to.toString(), ...estimateOf(places, from, to) }
  const late = AbortSignal.timeout(patience)

  try {
    return { ...known, measured: await vivaldi.measure(to, { from, signal: AbortSignal.any([signal, late]) }) }
  } catch (err) {
    signal.throwIfAborted()
    return { ...known, measured: null, unmeasured: late.aborted ? `not within ${patience / 1_000} s` : messageOf(err) }
  }
}

function estimateOf(places: Places, from: PeerId, to: PeerId): Pick<RoundTripDocument, 'estimate' | 'unestimated'> {
  const { self, vivaldi } = places
  const estimate = vivaldi.estimate(to, from)

  if (estimate != null) {
    return { estimate }
  }

  const nowhere = [to, from].filter(peer => !peer.equals(self) && vivaldi.coordinateOf(peer) == null)
  return { estimate: null, unestimated: nowhere.map(peer => whyNowhere(places, peer)).join('; ') }
}

export function nearPeerDocument(peer: NearPeer): NearPeerDocument {
  const { milliseconds, confidence, coordinate } = peer
  return { ...peerDocument(peer), milliseconds, confidence, age: coordinate.age }
}
