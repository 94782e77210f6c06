import type { PeerId } from '@libp2p/interface'
import type { Coordinate, Estimate, NearPeer, NetworkCoordinates } from '../vivaldi/index.ts'
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

export function ownCoordinateDocument(id: PeerId, coordinates: NetworkCoordinates): CoordinateDocument {
  const { samples, moves } = coordinates.statistics()
  return { ...coordinateDocument(id, coordinates.coordinate), samples, moves }
}

export function coordinateDocument(id: PeerId, coordinate: Coordinate): CoordinateDocument {
  return { peerId: id.toString(), ...coordinate, position: [...coordinate.position] }
}

export function nearPeerDocument(peer: NearPeer): NearPeerDocument {
  const { milliseconds, confidence, coordinate } = peer
  return { ...peerDocument(peer), milliseconds, confidence, age: coordinate.age }
}
