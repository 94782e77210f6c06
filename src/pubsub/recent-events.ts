import type { Random } from '../gossip/random.ts'
import { MAX_COMPARED, MAX_RECENT, REPAIR_ROUNDS } from './constants.ts'
import type { Members } from './members.ts'
import type { LinkMessage } from './message.ts'

/** An event that a member has had. */
interface Recent {
  point: Float64Array
  round: number
}

/** The events that each member of a population has had in the last dozen rounds, by their ids: partners compare them, and who lacks one asks for it. */
export class RecentEvents {
  private readonly members: Members
  private readonly byMember: Array<Map<string, Recent> | undefined> = []

  constructor(members: Members) {
    this.members = members
  }

  has(member: number, id: string): boolean {
    return this.byMember[member]?.has(id) === true
  }

  /** The member has had the event in this round of its own, unless it had it before. Of more than {@link MAX_RECENT} the first is forgotten. */
  add(member: number, id: string, point: Float64Array, round: number): void {
    this.byMember[member] ??= new Map()
    const recent = this.byMember[member]

    if (recent.has(id)) {
      return
    }

    recent.set(id, { point, round })

    if (recent.size > MAX_RECENT) {
      recent.delete(recent.keys().next().value as string)
    }
  }

  /** Forgets those of long ago. */
  tidy(member: number, round: number): void {
    for (const [id, recent] of this.byMember[member] ?? []) {
      // in the order in which they came
      if (recent.round + REPAIR_ROUNDS >= round) {
        break
      }

      this.byMember[member]?.delete(id)
    }
  }

  /** Forgets all. */
  clear(member: number): void {
    this.byMember[member] = undefined
  }

  size(member: number): number {
    return this.byMember[member]?.size ?? 0
  }

  /** Where one of them is, at random. There is one. */
  draw(member: number, random: Random): Float64Array {
    const recent = [...(this.byMember[member] as Map<string, Recent>).values()]
    return recent[random.below(recent.length)].point
  }

  /** Says which ones the receiver asks for; of too many any. */
  tell(member: number, to: number, { events }: LinkMessage, random: Random): void {
    const recent = this.byMember[member]

    if (recent === undefined || recent.size === 0) {
      return
    }

    const wanted = [...recent].filter(([, { point }]) => this.members.holds(to, point)).map(([id]) => id)

    if (wanted.length > MAX_COMPARED) {
      random.choose(wanted, MAX_COMPARED)
    }

    events.push(...wanted.slice(0, MAX_COMPARED))
  }
}
