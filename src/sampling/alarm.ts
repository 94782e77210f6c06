import type { Counter, PeerId } from '@libp2p/interface'
import type { PeerTable } from '../gossip/peer-table.ts'
import { SELF } from '../live/population.ts'
import type { VerifiedRecord } from '../live/records.ts'
import type { Suspect } from './index.ts'
import type { PeerSamplingProtocol } from './protocol.ts'
import type { Suspicion } from './reputations.ts'
import { type SightingsReport, sightingsReport } from './sightings-report.ts'
import type { Gathered } from './statistics.ts'

/** What the statistics of a live peer tell its owner, whatever the defence: what was seen, and whom it suspects. */
export class Alarm {
  private readonly protocol: PeerSamplingProtocol
  private readonly peers: PeerTable<VerifiedRecord>
  /** The offences of each suspect at the last look. */
  private offences = new Map<number, number>()
  private countedUnheeded = 0

  constructor(protocol: PeerSamplingProtocol, peers: PeerTable<VerifiedRecord>) {
    this.protocol = protocol
    this.peers = peers
  }

  suspects(): Suspect[] {
    return this.suspicions().map(suspicion => this.suspectOf(suspicion))
  }

  clear(id: PeerId): boolean {
    const peer = this.peers.number(id.toString())
    return peer != null && this.suspicions().some(each => each.peer === peer) && this.protocol.clearSuspect(SELF, peer)
  }

  report(): SightingsReport {
    const { protocol } = this
    return sightingsReport(this.gathered, protocol.views.size(SELF), {
      suspects: this.suspicions().length,
      refused: protocol.refusedPeers(SELF)
    })
  }

  /** Those who have come under suspicion since the last look. Counts what was not heeded since then. */
  update(counter?: Counter): Suspect[] {
    const { unheeded } = this.gathered
    counter?.increment(unheeded - this.countedUnheeded)
    this.countedUnheeded = unheeded

    const suspicions = this.suspicions()
    const fresh = suspicions.filter(({ peer, offences }) => this.offences.get(peer) !== offences)
    this.offences = new Map(suspicions.map(({ peer, offences }) => [peer, offences]))
    return fresh.map(suspicion => this.suspectOf(suspicion))
  }

  /** A live peer gathers sightings with every defence. */
  private get gathered(): Gathered {
    return this.protocol.sightings(SELF) as Gathered
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
