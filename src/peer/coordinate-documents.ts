import type { PeerId } from '@libp2p/interface'
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
  /** Null when one of the two has no coordinate that is known here. */
  estimate: Estimate | null
  /** Milliseconds, or null and why. */
  measured: number | null
  unmeasured?: string
}

/** A peer and how far it is, as JSON. */
export interface NearPeerDocument extends PeerDocument, Estimate {
  /** Milliseconds since its coordinate was signed. */
  age: number
}

/** @throws Refused where no coordinate of the peer is known */
export function coordinateOf(vivaldi: NetworkCoordinates, self: PeerId, peer: PeerId): CoordinateDocument {
  if (peer.equals(self)) {
    const { samples, moves } = vivaldi.statistics()
    return { ...coordinateDocument(peer, vivaldi.coordinate), samples, moves }
  }

  const coordinate = vivaldi.coordinateOf(peer)

  if (coordinate == null) {
    throw new Refused(404, `no coordinate of ${peer} is known here`)
  }

  return coordinateDocument(peer, coordinate)
}

function coordinateDocument(id: PeerId, coordinate: Coordinate): CoordinateDocument {
  return { peerId: id.toString(), ...coordinate, position: [...coordinate.position] }
}

/** Predicts the round trip between two peers, and has it measured. */
export async function roundTrip(
  vivaldi: NetworkCoordinates,
  from: PeerId,
  to: PeerId,
  signal: AbortSignal
): Promise<RoundTripDocument> {
  if (from.equals(to)) {
    throw new Refused(400, 'to: a peer has no round trip to itself')
  }

  const estimate = vivaldi.estimate(to, from) ?? null
  const both = { from: from.toString(), to: to.toString(), estimate }

  try {
    return { ...both, measured: await vivaldi.measure(to, { from, signal }) }
  } catch (err) {
    signal.throwIfAborted()
    return { ...both, measured: null, unmeasured: messageOf(err) }
  }
}

export function nearPeerDocument(peer: NearPeer): NearPeerDocument {
  const { milliseconds, confidence, coordinate } = peer
  return { ...peerDocument(peer), milliseconds, confidence, age: coordinate.age }
}
