import type { PeerInfo } from '@libp2p/interface'
import { NOBODY } from '../gossip/exchange.ts'
import { SELF } from '../live/population.ts'
import type { VerifiedRecord } from '../live/records.ts'
import type { KnownPeers } from './known-peers.ts'
import type { Positions } from './positions.ts'
import type { OverlayProtocol } from './protocol.ts'

/** Another peer in the overlay, where its newest signed record says that it is. */
export interface Neighbour<P> extends PeerInfo {
  position: P
  /** From this peer, or from the point that was asked for. */
  distance: number
}

/** Another peer has become the neighbour in a direction, or there is none any more. */
export interface NeighbourChange<P, D extends string = string> {
  direction: D
  neighbour?: Neighbour<P>
  previous?: Neighbour<P>
}

/** Other peers have become the nearest. */
export interface NeighboursChange<P> {
  entered: Neighbour<P>[]
  left: Neighbour<P>[]
}

export interface NeighbourhoodInit<P, D extends string> {
  directions: readonly D[]
  protocol: OverlayProtocol<P>
  peers: KnownPeers<P>
  positions: Positions<P>
  /** Where this peer is. */
  position(): P
  onNeighbour(change: NeighbourChange<P, D>): void
  onNeighbours(change: NeighboursChange<P>): void
}

/** Who the neighbours are, as of the last look at the view, and what has changed since the one before. */
export class Neighbourhood<P, D extends string> {
  /** The neighbour in each direction that has one. */
  readonly byDirection = new Map<D, Neighbour<P>>()
  /** Where there are no directions: all of the view, the nearest first. */
  list: Neighbour<P>[] = []
  private readonly init: NeighbourhoodInit<P, D>

  constructor(init: NeighbourhoodInit<P, D>) {
    this.init = init
  }

  /** Looks at the view. Each change is told when it is made, so that whoever is told may move this peer at once. */
  update(): void {
    const { directions } = this.init

    for (const [i, direction] of directions.entries()) {
      this.updateDirection(direction, i)
    }

    if (directions.length === 0) {
      this.updateNearest()
    }
  }

  /** @param from - the point to which distances are */
  describe(record: VerifiedRecord, from: P): Neighbour<P> {
    const { positions } = this.init
    const position = positions.of(record)
    return { id: record.id, multiaddrs: record.multiaddrs, position, distance: positions.distance(from, position) }
  }

  /** Of all that are known, in the view and below, those nearest to a point, the nearest first. */
  nearestTo(point: P, count: number): VerifiedRecord[] {
    const { protocol, peers, positions } = this.init
    const known = new Set<VerifiedRecord>()
    protocol.forEachKnown(SELF, peer => {
      const record = peers.record(peer)

      if (record != null) {
        known.add(record)
      }
    })
    return [...known]
      .map(record => ({ record, distance: positions.distance(positions.of(record), point) }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, count)
      .map(({ record }) => record)
  }

  private updateDirection(direction: D, index: number): void {
    const { protocol, peers, position, onNeighbour } = this.init
    const previous = this.byDirection.get(direction)
    const settled = previous == null ? NOBODY : peers.number(previous.id.toString())
    const record = peers.record(protocol.neighbour(SELF, index, settled))
    const neighbour = record == null ? undefined : this.describe(record, position())

    if (neighbour == null) {
      this.byDirection.delete(direction)
    } else {
      this.byDirection.set(direction, neighbour)
    }

    if (previous == null ? neighbour != null : neighbour?.id.equals(previous.id) !== true) {
      onNeighbour({ direction, ...(neighbour && { neighbour }), ...(previous && { previous }) })
    }
  }

  private updateNearest(): void {
    const { protocol, peers, position, onNeighbours } = this.init
    const { views } = protocol
    const previous = this.list
    const records = Array.from({ length: views.size(SELF) }, (_, i) => peers.record(views.peer(SELF, i)))
    this.list = records
      .filter(record => record != null)
      .map(record => this.describe(record, position()))
      .sort((a, b) => a.distance - b.distance)
    const entered = missingFrom(previous, this.list)
    const left = missingFrom(this.list, previous)

    if (entered.length > 0 || left.length > 0) {
      onNeighbours({ entered, left })
    }
  }
}

/** Those of the second list that are not in the first. */
function missingFrom<P>(list: Neighbour<P>[], of: Neighbour<P>[]): Neighbour<P>[] {
  const keys = new Set(list.map(({ id }) => id.toString()))
  return of.filter(({ id }) => !keys.has(id.toString()))
}
