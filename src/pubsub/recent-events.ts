import type { Random } from '../gossip/random.ts'
import { MAX_COMPARED, MAX_RECENT, REMEMBERED_ROUNDS, REPAIR_ROUNDS } from './constants.ts'
import type { Members } from './members.ts'
import type { LinkMessage } from './message.ts'

/** An event that a member has had. */
interface Recent {
  point: Float64Array
  round: number
}

/** The events that each member of a population has had lately, by their ids: partners compare those of the last dozen rounds, and who lacks one asks for it. */
export class RecentEvents {
  private readonly members: Members
  private readonly byMember: Array<Map<string, Recent> | undefined> = []
  /** The round that each member is in. */
  private readonly rounds: number[] = []

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
    this.rounds[member] = round

    for (const [id, recent] of this.byMember[member] ?? []) {
      // in the order in which they came
      if (recent.round + REMEMBERED_ROUNDS >= round) {
        break
      }

      this.byMember[member]?.delete(id)
    }
  }

  /** Forgets all. */
  clear(member: number): void {
    this.byMember[member] = undefined
    this.rounds[member] = 0
  }

  /** Whether there are any of the last dozen rounds. */
  isTold(member: number): boolean {
    return this.compared(member).length > 0
  }

  /** Where one of the last dozen rounds is, at random, or undefined when there is none. */
  draw(member: number, random: Random): Float64Array | undefined {
    const compared = this.compared(member)
    return compared.length === 0 ? undefined : compared[random.below(compared.length)][1].point
  }

  /** Says which of the last dozen rounds the receiver asks for; of too many any. */
  tell(member: number, to: number, { events }: LinkMessage, random: Random): void {
    const wanted = this.compared(member)
      .filter(([, { point }]) => this.members.holds(to, point))
      .map(([id]) => id)

    if (wanted.length > MAX_COMPARED) {
      random.choose(wanted, MAX_COMPARED)
    }

    events.push(...wanted.slice(0, MAX_COMPARED))
  }

  private compared(member: number): Array<[string, Recent]> {
    const recent = this.byMember[member]

    if (recent === undefined || recent.size === 0) {
      return []
    }

    const since = (this.rounds[member] ?? 0) - REPAIR_ROUNDS
    return [...recent].filter(([, { round }]) => round >= since)
  }
}
