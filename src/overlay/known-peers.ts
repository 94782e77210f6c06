import { NOBODY } from '../gossip/exchange.ts'
import type { PeerSource } from '../gossip/peer-source.ts'
import { PeerTable } from '../gossip/peer-table.ts'
import type { VerifiedRecord } from '../live/records.ts'
import type { Underlay } from '../live/underlay.ts'
import { MAX_KNOWN_PEERS } from './limits.ts'
import type { Places } from './places.ts'
import type { Positions } from './positions.ts'

export interface KnownPeersInit<P> {
  positions: Positions<P>
  places: Places<P>
  /** Absent before the first start. */
  underlay(): Underlay | undefined
  /** Whether the core, or an exchange under way, still names the peer by its number. */
  inUse(peer: number): boolean
  /** The peer has left the space. */
  onGone(peer: number): void
  /** The peer has signed a newer record than the one that was known. */
  onNews(peer: number): void
}

/** The peers that this one knows, by the overlay's own numbers: their newest records, and where they are by these. */
export class KnownPeers<P> implements PeerSource {
  private readonly init: KnownPeersInit<P>
  private readonly table: PeerTable<VerifiedRecord>

  constructor(init: KnownPeersInit<P>) {
    this.init = init
    this.table = new PeerTable(MAX_KNOWN_PEERS, init.inUse)
  }

  get size(): number {
    return this.table.size
  }

  /** The number of a peer that is known, or NOBODY. */
  number(key: string): number {
    return this.table.number(key) ?? NOBODY
  }

  record(peer: number): VerifiedRecord | undefined {
    return this.table.get(peer)
  }

  /** Of this record and the one at hand the newer one. */
  latest(record: VerifiedRecord): VerifiedRecord {
    const known = this.table.get(this.number(record.key))
    return known != null && known.seq >= record.seq ? known : record
  }

  /**
   * Takes note of a record.
   *
   * @returns the peer's number, or NOBODY when it is in no place of this space, or no longer
   */
  learn(record: VerifiedRecord): number {
    const { positions, places, onGone, onNews } = this.init
    const number = this.number(record.key)
    const known = this.table.get(number)
    const latest = this.latest(record)

    if (positions.has(latest)) {
      const peer = this.table.set(latest.key, latest)

      if (peer !== number || latest === record) {
        places.set(peer, positions.of(latest))
      }

      if (known != null && latest.seq > known.seq) {
        onNews(peer)
      }

      return peer
    }

    // its newest record is kept: by an older one that comes along it would be back in its place
    if (number !== NOBODY) {
      this.table.set(latest.key, latest)
      onGone(number)
    }

    return NOBODY
  }

  sample(): number {
    const record = this.init.underlay()?.sample()
    return record == null ? NOBODY : this.learn(record)
  }

  members(_node: number, out: Int32Array): number {
    let count = 0

    for (const record of this.init.underlay()?.members() ?? []) {
      const peer = this.learn(record)

      if (peer !== NOBODY && count < out.length) {
        out[count++] = peer
      }
    }

    return count
  }
}
