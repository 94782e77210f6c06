import { NOBODY } from '../gossip/exchange.ts'
import type { PeerSource } from '../gossip/peer-source.ts'
import { PeerTable } from '../gossip/peer-table.ts'
import type { VerifiedRecord } from '../live/records.ts'
import type { Underlay } from '../live/underlay.ts'
import { MAX_KNOWN_MEMBERS, MAX_SUBSCRIPTIONS } from './limits.ts'
import type { Members } from './members.ts'
import { circleId, type VerifiedSubscription } from './subscription-records.ts'

/** Numbers of members at this peer: itself, which asks for nothing, and its subscriptions. */
export const OBSERVER = 0
export const LOCAL_MEMBERS = MAX_SUBSCRIPTIONS + 1

/** A member at another peer. */
export interface KnownMember {
  peer: VerifiedRecord
  /** Absent for a peer that is not known to ask for anything: it may know others that do. */
  subscription: VerifiedSubscription | undefined
}

export interface KnownMembersInit {
  members: Members
  /** Absent before the first start. */
  underlay(): Underlay | undefined
  /** Whether the core, or an exchange under way, still names the member by its number. */
  inUse(member: number): boolean
}

/** The members that this peer knows at others, by numbers beyond those of its own. */
export class KnownMembers implements PeerSource {
  private readonly init: KnownMembersInit
  private readonly table: PeerTable<KnownMember>
  /** Numbers by ids on the circle: mostly one each. Those that were taken back are left out when they are looked up. */
  private readonly byId = new Map<number, number[]>()

  constructor(init: KnownMembersInit) {
    this.init = init
    this.table = new PeerTable(MAX_KNOWN_MEMBERS, init.inUse, LOCAL_MEMBERS)
  }

  get size(): number {
    return this.table.size
  }

  get(member: number): KnownMember | undefined {
    return this.table.get(member)
  }

  /** The number of a subscription at a peer, or of the peer itself (0), or NOBODY. */
  number(peer: string, subscription: number): number {
    return this.table.number(keyOf(peer, subscription)) ?? NOBODY
  }

  /** Where the member's peer can be reached, as far as is known. */
  recordOf(member: number): VerifiedRecord | undefined {
    const known = this.table.get(member)?.peer
    return known == null ? undefined : this.latest(known)
  }

  /** Where a peer can be reached of which no member need be known. */
  newest(peer: string): VerifiedRecord | undefined {
    return this.init.underlay()?.newest(peer)
  }

  /** Takes note of a member and returns its number. */
  learn(peer: VerifiedRecord, subscription?: VerifiedSubscription): number {
    const { members } = this.init
    const key = keyOf(peer.key, subscription?.number ?? 0)
    const known = this.table.get(this.table.number(key) ?? NOBODY)
    // a second subscription of the same number is none: links stand by the first one
    const member = this.table.set(key, { peer: this.latest(peer), subscription: known?.subscription ?? subscription })

    if (known == null) {
      const id = subscription?.id ?? circleId(peer.id, 0)
      members.set(member, id, subscription?.region)
      this.byId.set(id, [...new Set([...this.withId(id), member])])
      this.tidy()
    }

    return member
  }

  /** The members with that id on the circle. */
  withId(id: number): number[] {
    return (this.byId.get(id) ?? []).filter(member => this.init.members.ids[member] === id)
  }

  /** Forgets ids of those that are long gone. */
  private tidy(): void {
    if (this.byId.size > 2 * MAX_KNOWN_MEMBERS) {
      for (const id of this.byId.keys()) {
        if (this.withId(id).length === 0) {
          this.byId.delete(id)
        }
      }
    }
  }

  sample(): number {
    const record = this.init.underlay()?.sample()
    return record == null ? NOBODY : this.learn(record)
  }

  members(_node: number, out: Int32Array): number {
    const records = this.init.underlay()?.members() ?? []
    const numbers = records.slice(0, out.length).map(record => this.learn(record))
    out.set(numbers)
    return numbers.length
  }

  private latest(record: VerifiedRecord): VerifiedRecord {
    const newest = this.init.underlay()?.newest(record.key)
    return newest != null && newest.seq > record.seq ? newest : record
  }
}

function keyOf(peer: string, subscription: number): string {
  return `${peer}/${subscription}`
}
