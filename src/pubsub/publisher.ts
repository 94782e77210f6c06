import type { Random } from '../gossip/random.ts'
import { unlessAborted } from '../live/unless-aborted.ts'
import { ENTRIES } from './constants.ts'
import type { Courier } from './courier.ts'
import type { Delivery } from './delivery.ts'
import type { Dissemination } from './dissemination.ts'
import type { StoredEvent } from './event-store.ts'
import { type KnownMember, type KnownMembers, LOCAL_MEMBERS } from './known-members.ts'
import { MAX_SEARCHES } from './limits.ts'
import type { LocalMembers } from './local-members.ts'
import type { Members } from './members.ts'
import type { SubscriptionProtocol } from './protocol.ts'
import type { Search } from './search.ts'

/** A member of this peer is a good entry when it has had so many rounds to find its links. */
const FORMED_ROUNDS = 5

/** Searches for those who ask for an event, while whoever was found cannot be reached. Our choice. */
const SEARCHES = 2

/** Milliseconds for which no other way into a group is looked for after none was found: most groups that are small stay so. Our choice. */
const LATE_REST = 1_000

export interface PublisherInit {
  protocol: SubscriptionProtocol
  members: Members
  local: LocalMembers
  known: KnownMembers
  delivery: Delivery
  dissemination: Dissemination
  courier: Courier
  search: Search
  random: Random
}

/** What became of an event, as far as its publisher can tell. */
export interface Handed {
  /**
   * - `handed`: at least one subscription has taken it, and passes it on
   * - `nobody`: nobody who was asked knows one that asks for it
   * - `unreachable`: nobody could be asked, or whoever asks for it could not be reached
   */
  outcome: 'handed' | 'nobody' | 'unreachable'
  /** Subscriptions that this peer has handed it to itself, and its own ones that ask for it. */
  handed: number
}

/** Brings events in: to members here, and to a few of those that ask for them elsewhere. */
export class Publisher {
  private readonly init: PublisherInit
  /** Searches that go on after their event was handed over. */
  private readonly late = new Set<Promise<void>>()
  /** By `performance.now()`: until then no such search begins. */
  private restsUntil = 0

  constructor(init: PublisherInit) {
    this.init = init
  }

  async stop(): Promise<void> {
    await Promise.all(this.late)
  }

  /**
   * @param here - how many of this peer's subscriptions ask for the event, and have it
   * @throws the reason of the signal when it is aborted; the event may have been handed to some by then
   */
  async publish(stored: StoredEvent, here: number, signal: AbortSignal, stopped: AbortSignal): Promise<Handed> {
    return await unlessAborted(this.bring(stored, here, signal, stopped), signal)
  }

  private async bring(stored: StoredEvent, here: number, signal: AbortSignal, stopped: AbortSignal): Promise<Handed> {
    const { search, random } = this.init
    const { formed, holding } = this.membersHere(stored)
    const known = search.matching(stored.published.event)
    random.choose(known, ENTRIES)
    const chosen = known.slice(0, Math.max(0, ENTRIES - formed))
    const entered = await this.enter(stored, chosen, holding)
    const elsewhere = entered.has
    const handed = here + elsewhere
    signal.throwIfAborted()

    if (handed > 0) {
      if (formed === 0 && elsewhere < ENTRIES) {
        this.searchLater(stored, chosen, ENTRIES - elsewhere, stopped)
      }

      return { outcome: 'handed', handed }
    }

    const tried = [...chosen]
    let { failed } = entered
    let isAnswered = false

    for (let tries = SEARCHES; tries > 0; tries--) {
      const { outcome, members } = await this.find(stored, tried, ENTRIES, signal)
      const { has, failed: more } = await this.enter(stored, members)

      if (has > 0) {
        return { outcome: 'handed', handed: has }
      }

      failed += more
      isAnswered ||= outcome === 'nobody' || members.length > more
      tried.push(...members)

      if (members.length === 0) {
        break
      }
    }

    return { outcome: isAnswered && failed === 0 ? 'nobody' : 'unreachable', handed: 0 }
  }

  /** This peer's own members whose regions hold the event, and how many of them have their links by now. */
  private membersHere(stored: StoredEvent): { holding: number[]; formed: number } {
    const { local, members, protocol } = this.init
    const holding = [...local.present].filter(member => members.holds(member, stored.point))
    return { holding, formed: holding.filter(member => protocol.rounds[member] >= FORMED_ROUNDS).length }
  }

  /**
   * Hands an event to members elsewhere, and to some here.
   *
   * @returns how many elsewhere have it, and how many ask for it and did not take it; those that are gone do not ask any more
   */
  private async enter(
    stored: StoredEvent,
    entries: readonly KnownMember[],
    here: number[] = []
  ): Promise<{ has: number; failed: number }> {
    const { courier, dissemination, known, delivery } = this.init
    const numbers = entries.map(({ peer, subscription }) => known.learn(peer, subscription))
    const hops = dissemination.enter([...numbers, ...here])

    for (const { member, arc } of hops.filter(({ member }) => member < LOCAL_MEMBERS)) {
      delivery.arrive(member, stored, arc)
    }

    const fates = await Promise.all(
      hops.map(async ({ member, arc }) => {
        if (member < LOCAL_MEMBERS) {
          return
        }

        const receiver = known.get(member)

        if (receiver == null) {
          return
        }

        const fate = await courier.hand(receiver, stored, arc)
        delivery.blame(receiver, fate)
        return fate
      })
    )
    const has = fates.filter(fate => fate === 'taken' || fate === 'had').length
    return { has, failed: fates.filter(fate => fate != null && fate !== 'gone').length - has }
  }

  /** Looks in as many ways as entries are needed, each from other contacts: one way may lead to a corner that nobody else knows. */
  private async find(stored: StoredEvent, except: readonly KnownMember[], count: number, signal: AbortSignal) {
    const { search, random } = this.init
    const { event } = stored.published
    const keys = new Set(except.map(keyOf))
    const contacts = search.acquaintances().filter(contact => !keys.has(keyOf(contact)))
    random.choose(contacts, contacts.length)
    const ways = Math.min(count, contacts.length)
    const results = await Promise.all(
      Array.from({ length: ways }, (_, way) =>
        search.find(
          event,
          contacts.filter((_, i) => i % ways === way),
          signal
        )
      )
    )
    const found = results.flatMap(({ member }) => (member == null || keys.has(keyOf(member)) ? [] : [member]))
    const distinct = [...new Map(found.map(member => [keyOf(member), member])).values()]
    const nobody = results.some(({ outcome }) => outcome === 'nobody')
    return { outcome: nobody ? ('nobody' as const) : ('unreachable' as const), members: distinct }
  }

  /** Few ways lead into a group of which only one or two are known: others are looked for when the event is on its way. */
  private searchLater(stored: StoredEvent, except: readonly KnownMember[], count: number, stopped: AbortSignal): void {
    if (this.late.size >= MAX_SEARCHES || performance.now() < this.restsUntil) {
      return
    }

    const run = this.find(stored, except, count, stopped)
      .then(async ({ members }) => {
        if (members.length === 0) {
          this.restsUntil = performance.now() + LATE_REST
        }

        await this.enter(stored, members)
      })
      // it is stopping
      .catch(() => {})
      .finally(() => this.late.delete(run))
    this.late.add(run)
  }
}

function keyOf({ peer, subscription }: KnownMember): string {
  return `${peer.key}/${subscription?.number ?? 0}`
}
