import type { PeerId } from '@libp2p/interface'
import { wholeNumber } from '../gossip/parameters.ts'
import type { VerifiedRecord } from '../live/records.ts'
import { GreedySearch, type RouteOutcome } from './greedy.ts'
import type { KnownPeers } from './known-peers.ts'
import { DEFAULT_MAX_HOPS, MAX_HOPS, MAX_VAIN } from './limits.ts'
import type { Positions } from './positions.ts'
import type { RouteProtocol } from './route-protocol.ts'

/** A peer on a route. */
export interface RouteHop<P> {
  id: PeerId
  position: P
  /** From the target. */
  distance: number
  /** From question to answer, over a stream that was open. Absent for this peer itself, the first on the path. */
  milliseconds?: number
}

/** Where a route led. */
export interface Route<P> {
  target: P
  outcome: RouteOutcome
  /** This peer, then each one that was asked and answered, and is nearer to the target than the one before. */
  path: RouteHop<P>[]
  /** Peers on the path beside this one. */
  hops: number
  /** From the end of the path to the target. */
  distance: number
}

export interface RoutingInit<P> {
  id: PeerId
  positions: Positions<P>
  peers: KnownPeers<P>
  protocol: RouteProtocol<P>
  /** The peers that this one knows nearest to the point, the nearest first. */
  nearest(point: P, count: number): VerifiedRecord[]
}

/** A peer that was named or has answered. */
interface Waypoint {
  record: VerifiedRecord
  milliseconds?: number
}

/** Finds the way to points, hop by hop, asking one peer after the other. */
export class Routing<P> {
  private readonly init: RoutingInit<P>

  constructor(init: RoutingInit<P>) {
    this.init = init
  }

  /**
   * @param here - where this peer is
   * @throws ParameterError `position` or `maxHops`; the reason of the signal when it is aborted
   */
  async route(point: P, here: P, signal: AbortSignal, maxHops = DEFAULT_MAX_HOPS): Promise<Route<P>> {
    const { id, positions, nearest } = this.init
    const written = positions.encode(point)
    const target = positions.decode(written)
    const from = positions.distance(here, target)
    wholeNumber('maxHops', maxHops, 1, MAX_HOPS)
    signal.throwIfAborted()

    const search = new GreedySearch<Waypoint>({
      from,
      known: nearest(target, MAX_VAIN).map(record => ({ record })),
      distance: ({ record }) => positions.distance(positions.of(record), target),
      key: ({ record }) => record.key,
      maxHops,
      maxVain: MAX_VAIN
    })

    for (let next = search.next(); next != null; next = search.next()) {
      const answer = await this.ask(next.record, written, signal)

      if (answer == null) {
        search.silent()
      } else {
        search.answered(answer.peer, answer.known)
      }
    }

    const hops = search.steps.map(({ peer: { record, milliseconds }, distance }) => ({
      id: record.id,
      position: positions.of(record),
      distance,
      milliseconds
    }))
    const path = [{ id, position: here, distance: from }, ...hops]
    return {
      target,
      outcome: search.outcome as RouteOutcome,
      path,
      hops: hops.length,
      distance: path[path.length - 1].distance
    }
  }

  private async ask(record: VerifiedRecord, point: Uint8Array<ArrayBuffer>, signal: AbortSignal) {
    const { protocol } = this.init
    const answer = await protocol.ask(record, point, signal)

    if (answer == null) {
      return
    }

    const [peer] = this.current([answer.peer])
    const known = this.current(answer.known).map(record => ({ record }))
    return peer == null ? undefined : { peer: { record: peer, milliseconds: answer.milliseconds }, known }
  }

  /** Those that are still in the space as far as is known, by their newest records, and others than this peer. */
  private current(records: VerifiedRecord[]): VerifiedRecord[] {
    const { id, peers, positions } = this.init
    const latest = records.filter(record => !record.id.equals(id)).map(record => peers.latest(record))
    return latest.filter(record => positions.has(record) && record.multiaddrs.length > 0)
  }
}
