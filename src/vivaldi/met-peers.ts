import { PeerTable } from '../gossip/peer-table.ts'
import type { VerifiedRecord } from '../live/records.ts'
import { MAX_KNOWN_PEERS } from './limits.ts'

/** The peers that this one has met, by numbers of their own, and when. */
export class MetPeers {
  private readonly peers: PeerTable<VerifiedRecord>
  /** When each of them was met last, in that order, by `performance.now()`. */
  private readonly metAt = new Map<string, number>()

  /** @param inUse - whether an exchange under way still names the peer by its number */
  constructor(inUse: (peer: number) => boolean) {
    this.peers = new PeerTable(MAX_KNOWN_PEERS, inUse)
  }

  /** The peer's number, new or not. */
  numberOf(record: VerifiedRecord): number {
    return this.peers.set(record.key, record)
  }

  record(peer: number): VerifiedRecord | undefined {
    return this.peers.get(peer)
  }

  meet({ key }: VerifiedRecord, now: number): void {
    this.metAt.delete(key)
    this.metAt.set(key, now)

    if (this.metAt.size > MAX_KNOWN_PEERS) {
      for (const longestAgo of this.metAt.keys()) {
        this.metAt.delete(longestAgo)
        break
      }
    }
  }

  /** The ids, as text, of those that were met since then. */
  since(then: number): string[] {
    return [...this.metAt].filter(([, metAt]) => metAt >= then).map(([key]) => key)
  }
}
