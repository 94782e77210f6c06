import type { Neighbour, Overlay, Route, TorusDirection } from '../overlay/index.ts'
import { type PeerDocument, peerDocument } from './status.ts'

export type Torus = Overlay<number[], TorusDirection>
export type Proximity = Overlay<number[], never>

/** One of the nearest in latency as JSON. */
export interface NearNeighbourDocument extends PeerDocument {
  /** The round trip that the coordinates predict. */
  milliseconds: number
}

/** A neighbour in the overlay as JSON. */
export interface NeighbourDocument extends PeerDocument {
  direction: string
  position: number[]
  distance: number
}

/** A peer's place in the overlay as JSON. Directions without a neighbour are left out. */
export interface OverlayDocument {
  space: string
  position: number[]
  neighbours: NeighbourDocument[]
}

/** A route as JSON. The first peer on the path is the one that was asked for it. */
export interface RouteDocument {
  to: number[]
  outcome: 'arrived' | 'nearest' | 'lost'
  hops: number
  /** From the end of the path to the point. */
  distance: number
  path: Array<{ peerId: string; position: number[]; distance: number; milliseconds: number }>
}

export function overlayDocument({ space, position, neighbours }: Torus): OverlayDocument {
  const found = space.directions.flatMap(direction => {
    const neighbour = neighbours[direction]
    return neighbour == null ? [] : [{ direction, ...neighbourDocument(neighbour) }]
  })
  return { space: space.name, position, neighbours: found }
}

export function neighbourDocument(neighbour: Neighbour<number[]>): Omit<NeighbourDocument, 'direction'> {
  const { position, distance } = neighbour
  return { ...peerDocument(neighbour), position, distance }
}

export function nearNeighbourDocument(neighbour: Neighbour<number[]>): NearNeighbourDocument {
  return { ...peerDocument(neighbour), milliseconds: neighbour.distance }
}

export function routeDocument({ target, outcome, hops, distance, path }: Route<number[]>): RouteDocument {
  return {
    to: target,
    outcome,
    hops,
    distance,
    path: path.map(({ id, position, distance, milliseconds = 0 }) => ({
      peerId: id.toString(),
      position,
      distance,
      milliseconds: Math.round(milliseconds * 1_000) / 1_000
    }))
  }
}
