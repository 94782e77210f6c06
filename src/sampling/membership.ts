import type { PeerTable } from '../gossip/peer-table.ts'
import type { Views } from '../gossip/views.ts'
import { SELF } from '../live/population.ts'
import type { VerifiedRecord } from '../live/records.ts'

const UNCHANGED: { entered: VerifiedRecord[]; left: VerifiedRecord[] } = { entered: [], left: [] }

/** Who came and went between two looks at the view. */
export class Membership {
  private readonly views: Views
  private readonly peers: PeerTable<VerifiedRecord>
  private members = new Map<number, VerifiedRecord>()

  constructor(views: Views, peers: PeerTable<VerifiedRecord>) {
    this.views = views
    this.peers = peers
  }

  get size(): number {
    return this.members.size
  }

  has(key: string): boolean {
    const peer = this.peers.number(key)
    return peer != null && this.members.has(peer)
  }

  /** The members with their ages, in the order of the view. */
  entries(): Array<{ record: VerifiedRecord; age: number }> {
    const entries = []

    for (let i = 0; i < this.views.size(SELF); i++) {
      const record = this.peers.get(this.views.peer(SELF, i))

      if (record != null) {
        entries.push({ record, age: this.views.age(SELF, i) })
      }
    }

    return entries
  }

  /** Looks at the view and tells the difference to the last look. */
  update(): { entered: VerifiedRecord[]; left: VerifiedRecord[] } {
    if (this.isCurrent()) {
      return UNCHANGED
    }

    const entered: VerifiedRecord[] = []
    const present = new Map<number, VerifiedRecord>()

    for (let i = 0; i < this.views.size(SELF); i++) {
      const peer = this.views.peer(SELF, i)
      const record = this.peers.get(peer)

      if (record == null) {
        continue
      }

      present.set(peer, record)

      if (!this.members.delete(peer)) {
        entered.push(record)
      }
    }

    const left = [...this.members.values()]
    this.members = present
    return { entered, left }
  }

  /** Most looks find the same members in another order: in a network not larger than a view, all of them do. */
  private isCurrent(): boolean {
    const size = this.views.size(SELF)

    for (let i = 0; i < size; i++) {
      if (!this.members.has(this.views.peer(SELF, i))) {
        return false
      }
    }

    return size === this.members.size
  }
}
