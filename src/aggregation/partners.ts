import type { PeerId } from '@libp2p/interface'
import { NOBODY } from '../gossip/exchange.ts'
import type { PeerSource } from '../gossip/peer-source.ts'
import { PeerTable } from '../gossip/peer-table.ts'
import { Quarantine } from '../gossip/quarantine.ts'
import type { Random } from '../gossip/random.ts'
import type { PartnerFailure } from '../live/gossip-round.ts'
import { SELF } from '../live/population.ts'
import type { VerifiedRecord } from '../live/records.ts'
import type { Underlay } from '../live/underlay.ts'
import { MAX_KNOWN_PEERS, UNSUPPORTED_PEERS, UNSUPPORTED_ROUNDS } from './limits.ts'

export interface PartnersInit {
  underlay(): Underlay
  random: Random
  /** Whether the core, or an exchange under way, still names the peer by its number. */
  inUse(peer: number): boolean
  /** Rounds of this peer so far. */
  round(): number
}

/** Whom a live peer aggregates with: random members of its view, but for those who are known not to speak the protocol. */
export class Partners implements PeerSource {
  private readonly init: PartnersInit
  /** Of whoever has only asked, nothing but its id is known. */
  private readonly peers: PeerTable<VerifiedRecord | undefined>
  private readonly unsupported = new Quarantine(1, UNSUPPORTED_PEERS, UNSUPPORTED_ROUNDS)
  /** Drawn last: whom the core may be about to ask again. */
  private latest = NOBODY

  constructor(init: PartnersInit) {
    this.init = init
    this.peers = new PeerTable(
      MAX_KNOWN_PEERS,
      peer => peer === this.latest || init.inUse(peer) || this.isUnsupported(peer)
    )
  }

  /** Peers that have a number. */
  get size(): number {
    return this.peers.size
  }

  sample(): number {
    const record = this.draw()
    this.latest = record == null ? NOBODY : this.peers.set(record.key, record)
    return this.latest
  }

  members(_node: number, out: Int32Array): number {
    const members = this.speakers().slice(0, out.length)
    out.set(members.map(record => this.peers.set(record.key, record)))
    return members.length
  }

  recordOf(peer: number): VerifiedRecord | undefined {
    return this.peers.get(peer)
  }

  /** The number of a peer that speaks the protocol, known or not. */
  numberOf(id: PeerId): number {
    const key = id.toString()
    const known = this.peers.number(key)
    const peer = this.peers.set(key, known == null ? undefined : this.peers.get(known))
    this.unsupported.lift(SELF, peer)
    return peer
  }

  failed(peer: number, why: PartnerFailure): void {
    if (why === 'unsupported') {
      this.unsupported.add(SELF, peer, this.init.round())
    }
  }

  private draw(): VerifiedRecord | undefined {
    const drawn = this.init.underlay().sample()

    if (drawn == null || this.speaks(drawn)) {
      return drawn
    }

    const speakers = this.speakers()
    return speakers.length === 0 ? undefined : speakers[this.init.random.below(speakers.length)]
  }

  private speakers(): VerifiedRecord[] {
    return this.init
      .underlay()
      .members()
      .filter(record => this.speaks(record))
  }

  private speaks({ key }: VerifiedRecord): boolean {
    const peer = this.peers.number(key)
    return peer == null || !this.isUnsupported(peer)
  }

  private isUnsupported(peer: number): boolean {
    return this.unsupported.holds(SELF, peer, this.init.round())
  }
}
