import type { VerifiedRecord } from '../../live/records.ts'
import type { Refusal } from '../../live/refusal.ts'
import { MAX_DOUBLINGS, MAX_KNOWN, MAX_TRIES, PROFILE } from './limits.ts'
import { decodeMarks } from './topic.ts'

/** A member that shares a topic with this peer, as its record says. */
export interface KnownMember {
  record: VerifiedRecord
  /** The marks of its topics. */
  marks: ReadonlySet<number>
  /** Contacts since it was last found among the subscribers, or said something new of itself. */
  tries: number
  /** The earliest time of the next contact, by the clock of whoever looks. */
  notBefore: number
}

/** Members that share a topic: met lately, and remembered for as long as there is room, since small topics of large networks are met
 * rarely. */
export class KnownMembers {
  private readonly onRefused: (reason: Refusal) => void
  /** By key; those that were seen longest ago first. */
  private readonly members = new Map<string, KnownMember>()
  private readonly read = new WeakMap<VerifiedRecord, ReadonlySet<number>>()

  /** @param onRefused - called once for each record whose marks cannot be read */
  constructor(onRefused: (reason: Refusal) => void) {
    this.onRefused = onRefused
  }

  /** Notes those of the view that share a topic, and what they say of themselves now. */
  meet(view: VerifiedRecord[], wanted: ReadonlySet<number>): void {
    for (const record of view) {
      const marks = this.marksOf(record)
      const known = this.members.get(record.key)

      if (known != null || shares(marks, wanted)) {
        this.members.delete(record.key)
        this.members.set(record.key, known == null ? { record, marks, tries: 0, notBefore: 0 } : known)
      }
    }

    for (const longestAgo of this.members.keys()) {
      if (this.members.size <= MAX_KNOWN) {
        break
      }

      this.members.delete(longestAgo)
    }
  }

  /**
   * Looks up what each has said of itself meanwhile, and forgets those that share no topic any more, and those that cannot be
   * reached and are in nobody's view that this peer sees.
   */
  refresh(
    newest: (key: string) => VerifiedRecord | undefined,
    view: ReadonlySet<string>,
    wanted: ReadonlySet<number>
  ): void {
    for (const [key, member] of this.members) {
      const record = newest(key)

      if (record != null && record.seq > member.record.seq) {
        Object.assign(member, { record, marks: this.marksOf(record), tries: 0, notBefore: 0 })
      }

      if (!shares(member.marks, wanted) || (member.tries >= MAX_TRIES && !view.has(key))) {
        this.members.delete(key)
      }
    }
  }

  all(): KnownMember[] {
    return [...this.members.values()]
  }

  /**
   * A contact with the member begins: the next one has to wait, twice as long each time.
   *
   * @param pause - milliseconds, for the first time
   */
  contacted(member: KnownMember, now: number, pause: number): void {
    member.notBefore = now + pause * 2 ** Math.min(member.tries, MAX_DOUBLINGS)
    member.tries++
  }

  /** The member is connected, and subscribes to something that is wanted here. */
  reached(key: string): void {
    const member = this.members.get(key)

    if (member != null) {
      member.tries = 0
      member.notBefore = 0
    }
  }

  private marksOf(record: VerifiedRecord): ReadonlySet<number> {
    let marks = this.read.get(record)

    if (marks == null) {
      const shown = record.profiles.get(PROFILE)
      const decoded = shown == null ? new Set<number>() : decodeMarks(shown)

      if (decoded == null) {
        this.onRefused('bad-profile')
      }

      marks = decoded ?? new Set()
      this.read.set(record, marks)
    }

    return marks
  }
}

function shares(marks: ReadonlySet<number>, wanted: ReadonlySet<number>): boolean {
  for (const mark of marks) {
    if (wanted.has(mark)) {
      return true
    }
  }

  return false
}
