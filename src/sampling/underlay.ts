import type { Connection, PeerId } from '@libp2p/interface'
import { NOBODY } from '../gossip/exchange.ts'
import type { PeerTable } from '../gossip/peer-table.ts'
import type { ConnectionKeeper, ProtocolUse } from '../live/connection-keeper.ts'
import type { Listeners } from '../live/listeners.ts'
import { isListening, type ListeningComponents } from '../live/listening.ts'
import type { OwnRecord } from '../live/own-record.ts'
import { SELF } from '../live/population.ts'
import type { Records, VerifiedRecord } from '../live/records.ts'
import type { Underlay } from '../live/underlay.ts'
import type { Membership } from './membership.ts'
import type { Participation } from './participation.ts'
import type { Timing } from './profiles.ts'
import type { PeerSamplingProtocol } from './protocol.ts'

export interface SamplingUnderlayInit {
  records: Records
  own: OwnRecord
  timing: Timing
  protocol: PeerSamplingProtocol
  peers: PeerTable<VerifiedRecord>
  membership: Membership
  participation: Participation
  keeper: ConnectionKeeper
  /** Who is told of each peer with which an exchange went well. */
  watchers: Listeners<[peer: PeerId]>
  /** Who is told of each exchange that was timed, in milliseconds. */
  timers: Listeners<[peer: PeerId, roundTrip: number]>
  components: ListeningComponents
}

/** What peer sampling hands to the services that build on it. */
export class SamplingUnderlay implements Underlay {
  readonly records: Records
  readonly own: OwnRecord
  readonly timing: Timing
  private readonly init: SamplingUnderlayInit

  constructor(init: SamplingUnderlayInit) {
    this.init = init
    this.records = init.records
    this.own = init.own
    this.timing = init.timing
  }

  members(): VerifiedRecord[] {
    return this.init.membership.entries().map(({ record }) => record)
  }

  newest(key: string): VerifiedRecord | undefined {
    const { records, peers } = this.init
    const verified = records.newest(key)
    const peer = peers.number(key)
    const known = peer == null ? undefined : peers.get(peer)
    return verified == null || (known != null && known.seq > verified.seq) ? known : verified
  }

  sample(): VerifiedRecord | undefined {
    const peer = this.init.protocol.sample(SELF)
    return peer === NOBODY ? undefined : this.init.peers.get(peer)
  }

  watch(onMet: (peer: PeerId) => void): () => void {
    return this.init.watchers.add(onMet)
  }

  watchRoundTrips(onTimed: (peer: PeerId, roundTrip: number) => void): () => void {
    return this.init.timers.add(onTimed)
  }

  timed(peer: PeerId, roundTrip: number): void {
    this.init.timers.tell(peer, roundTrip)
  }

  get takesPart(): boolean {
    return this.init.participation.isUnderWay
  }

  participation(signal: AbortSignal): Promise<boolean> {
    return this.init.participation.isReady(signal)
  }

  listening(signal: AbortSignal): Promise<boolean> {
    return isListening(this.init.components, signal)
  }

  share(protocol: string, use: (connection: Connection) => ProtocolUse): () => void {
    return this.init.keeper.share(protocol, use)
  }

  isIdle(connection: Connection): boolean {
    return this.init.keeper.isIdle(connection)
  }
}
