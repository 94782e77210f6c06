import type { PeerId } from '@libp2p/interface'
import type { PeerTable } from '../gossip/peer-table.ts'
import { SELF } from '../live/population.ts'
import type { VerifiedRecord } from '../live/records.ts'
import type { Suspect } from './index.ts'
import type { PeerSamplingProtocol } from './protocol.ts'
import type { Suspicion } from './reputations.ts'

/** Whom this peer suspects, by their ids. */
export class Suspicions {
  private readonly protocol: PeerSamplingProtocol
  private readonly peers: PeerTable<VerifiedRecord>
  /** The offences of each suspect at the last look. */
  private offences = new Map<number, number>()

  constructor(protocol: PeerSamplingProtocol, peers: PeerTable<VerifiedRecord>) {
    this.protocol = protocol
    this.peers = peers
  }

  all(): Suspect[] {
    return this.suspicions().map(suspicion => this.suspectOf(suspicion))
  }

  /** Those who have come under suspicion since the last look. */
  update(): Suspect[] {
    const suspicions = this.suspicions()
    const fresh = suspicions.filter(({ peer, offences }) => this.offences.get(peer) !== offences)
    this.offences = new Map(suspicions.map(({ peer, offences }) => [peer, offences]))
    return fresh.map(suspicion => this.suspectOf(suspicion))
  }

  clear(id: PeerId): boolean {
    const peer = this.peers.number(id.toString())
    return peer != null && this.suspicions().some(each => each.peer === peer) && this.protocol.clearSuspect(SELF, peer)
  }

  private suspicions(): Suspicion[] {
    const suspicions: Suspicion[] = []
    this.protocol.forEachSuspect(SELF, suspicion => suspicions.push(suspicion))
    return suspicions
  }

  private suspectOf({ peer, ...evidence }: Suspicion): Suspect {
    // whoever is suspected keeps its number
    const { id } = this.peers.get(peer) as VerifiedRecord
    return { id, ...evidence }
  }
}
