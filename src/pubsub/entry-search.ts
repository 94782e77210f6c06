import { MAX_ASKED, MAX_VAIN } from './constants.ts'

/** How a search for a member that asks for an event ends. */
export type SearchOutcome =
  /** There is one. */
  | 'found'
  /** Nobody who was asked knows one. */
  | 'nobody'
  /** Nobody has answered, or there was nobody to ask, or there is one and it cannot be reached. */
  | 'unreachable'

export interface EntrySearchInit<T> {
  /** Whom to begin with. */
  known: Iterable<T>
  /** What tells one from others. */
  key(member: T): unknown
  /** Of the event from what the member asks for: 0 where it asks for it. */
  distance(member: T): number
}

/**
 * Looks for a member that asks for an event, from member to member: always to the nearest of all that were named and not asked yet, until one is
 * found, or so many in turn have named nobody nearer. Who searches asks {@link next} whom to ask, and says what came of it, until there is an
 * {@link outcome}.
 */
export class EntrySearch<T> {
  outcome: SearchOutcome | undefined
  /** The first that was found. */
  found: T | undefined
  /** Members that were asked. */
  asked = 0
  private readonly init: EntrySearchInit<T>
  private readonly named = new Map<unknown, { member: T; distance: number }>()
  private readonly heard = new Set<unknown>()
  private least = Number.POSITIVE_INFINITY
  private vain = 0
  private answers = 0
  private wasLost = false

  constructor(init: EntrySearchInit<T>) {
    this.init = init
    this.hear(init.known)
  }

  /** Whom to ask now, or undefined when it is over. */
  next(): T | undefined {
    const nearest = this.nearest()

    if (nearest?.distance === 0) {
      this.found = nearest.member
      this.outcome = 'found'
      return
    }

    const vain = nearest !== undefined && nearest.distance < this.least ? 0 : this.vain + 1

    if (nearest === undefined || vain >= MAX_VAIN || this.asked >= MAX_ASKED) {
      this.outcome = this.answers > 0 && !this.wasLost ? 'nobody' : 'unreachable'
      return
    }

    this.named.delete(this.init.key(nearest.member))
    this.asked++
    this.vain = vain
    this.least = Math.min(this.least, nearest.distance)
    return nearest.member
  }

  /** The member that was to be asked has answered: whom it knows. */
  answered(known: Iterable<T>): void {
    this.answers++
    this.hear(known)
  }

  /** The member that was found cannot be reached: another one is looked for. */
  lost(): void {
    if (this.found !== undefined) {
      this.named.delete(this.init.key(this.found))
      this.wasLost = true
      this.found = undefined
      this.outcome = undefined
    }
  }

  private hear(known: Iterable<T>): void {
    const { key, distance } = this.init

    for (const member of known) {
      if (!this.heard.has(key(member))) {
        this.heard.add(key(member))
        this.named.set(key(member), { member, distance: distance(member) })
      }
    }
  }

  private nearest() {
    let best: { member: T; distance: number } | undefined

    for (const named of this.named.values()) {
      if (best === undefined || named.distance < best.distance) {
        best = named
      }
    }

    return best
  }
}
