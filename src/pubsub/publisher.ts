import type { Random } from '../gossip/random.ts'
import type { Fate } from './batches.ts'
import { ENTRIES } from './constants.ts'
import type { Courier } from './courier.ts'
import type { Delivery } from './delivery.ts'
import { CIRCLE, type Dissemination } from './dissemination.ts'
import type { StoredEvent } from './event-store.ts'
import type { KnownMember, KnownMembers } from './known-members.ts'
import { MAX_SEARCHES } from './limits.ts'
import type { LocalMembers } from './local-members.ts'
import type { Members } from './members.ts'
import type { SubscriptionProtocol } from './protocol.ts'
import type { Search } from './search.ts'

/** A member of this peer is a good entry when it has had so many rounds to find its links. */
const FORMED_ROUNDS = 5

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
    const { event } = stored.published
    const formed = this.enterHere(stored)
    const known = search.matching(event)
    random.choose(known, ENTRIES)
    const chosen = known.slice(0, ENTRIES)
    let handed = await this.enter(stored, chosen)

    if ((formed && here > 0) || handed >= ENTRIES) {
      return { outcome: 'handed', handed: handed + here }
    }

    signal.throwIfAborted()

    if (handed + here > 0) {
      this.searchLater(stored, chosen, ENTRIES - handed, stopped)
      return { outcome: 'handed', handed: handed + here }
    }

    const { outcome, members } = await this.find(stored, chosen, ENTRIES, signal)
    handed = await this.enter(stored, members)

    if (handed > 0) {
      return { outcome: 'handed', handed }
    }

    // those who ask for it may have been found, and not have taken it
    return { outcome: chosen.length + members.length > 0 ? 'unreachable' : outcome, handed: 0 }
  }

  /** This peer's own members whose regions hold it: they see to the whole circle. Returns whether one of them has formed its links. */
  private enterHere(stored: StoredEvent): boolean {
    const { local, members, delivery, protocol } = this.init
    const holding = [...local.present].filter(member => members.holds(member, stored.point))

    for (const member of holding) {
      delivery.arrive(member, stored, CIRCLE)
    }

    return holding.some(member => protocol.rounds[member] >= FORMED_ROUNDS)
  }

  /** Hands an event to members elsewhere. Returns how many have it. */
  private async enter(stored: StoredEvent, entries: readonly KnownMember[]): Promise<number> {
    const { courier, dissemination, known, delivery } = this.init
    const numbers = entries.map(({ peer, subscription }) => known.learn(peer, subscription))
    const hops = dissemination.enter(numbers)
    const fates = await Promise.all(
      hops.map(async ({ member, arc }) => {
        const receiver = known.get(member)
        const fate: Fate = receiver == null ? 'gone' : await courier.hand(receiver, stored, arc)
        delivery.blame(member, fate)
        return fate
      })
    )
    return fates.filter(fate => fate === 'taken' || fate === 'had').length
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
    if (this.late.size >= MAX_SEARCHES) {
      return
    }

    const run = this.find(stored, except, count, stopped)
      .then(async ({ members }) => {
        await this.enter(stored, members)
      })
      // it is stopping
      .catch(() => {})
      .finally(() => this.late.delete(run))
    this.late.add(run)
  }
}

/** Waits for the work no longer than until the signal is aborted. The work goes on, or ends by itself. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort)
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function keyOf({ peer, subscription }: KnownMember): string {
  return `${peer.key}/${subscription?.number ?? 0}`
}
