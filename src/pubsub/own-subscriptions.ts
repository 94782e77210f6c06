import type { Logger, PeerId, PrivateKey } from '@libp2p/interface'
import { NOBODY } from '../gossip/exchange.ts'
import { ParameterError } from '../gossip/parameters.ts'
import type { Event } from './event.ts'
import type { Filter } from './filter.ts'
import { FilterIndex } from './filter-index.ts'
import { FAREWELLS, MAX_SUBSCRIPTIONS } from './limits.ts'
import type { LocalMembers } from './local-members.ts'
import type { Members } from './members.ts'
import type { SubscriptionProtocol } from './protocol.ts'
import type { PublishedEvent } from './signed-events.ts'
import { type DeliveredEvent, LocalSubscription } from './subscription.ts'
import type { SubscriptionRecords, VerifiedSubscription } from './subscription-records.ts'

/** Milliseconds by which the clocks of honest peers differ. Our choice. */
const CLOCKS_APART = 2_000

export interface OwnSubscriptionsInit {
  peerId: PeerId
  privateKey: PrivateKey
  log: Logger
  records: SubscriptionRecords
  members: Members
  local: LocalMembers
  protocol: SubscriptionProtocol
  /** Whether there is somebody who can be told of the end of a subscription. */
  isStarted(): boolean
  /** Milliseconds since 1970. */
  clock(): number
  /** Tells a member of another peer that one of this peer's goes. */
  bidFarewell(member: number): Promise<unknown>
}

/** How a subscription is to be. */
export interface Asked {
  filter: Filter
  queue: number
  handler: ((event: DeliveredEvent) => unknown) | undefined
  signal: AbortSignal | undefined
}

/** What this peer asks for: its subscriptions, as those who asked know them, and as members among others. */
export class OwnSubscriptions {
  private readonly init: OwnSubscriptionsInit
  /** Which of them an event matches, by their places in the index. */
  private readonly index = new FilterIndex()
  private readonly byPlace = new Map<number, LocalSubscription>()
  private readonly byMember = new Map<number, LocalSubscription>()
  private readonly asked = new Set<LocalSubscription>()
  /** Events that subscriptions have lost that are over. */
  private missedBefore = 0

  constructor(init: OwnSubscriptionsInit) {
    this.init = init
  }

  get all(): LocalSubscription[] {
    return [...this.asked]
  }

  /** Events that slow handlers have lost. */
  get missed(): number {
    return this.all.reduce((sum, { missed }) => sum + missed, this.missedBefore)
  }

  /** @throws ParameterError `filter` when there are as many as there may be */
  add(asked: Asked): LocalSubscription {
    const { log, protocol } = this.init

    if (this.asked.size >= MAX_SUBSCRIPTIONS) {
      throw new ParameterError('filter', `this peer has ${MAX_SUBSCRIPTIONS} subscriptions already`)
    }

    const place = this.index.add(asked.filter)
    const subscription: LocalSubscription = new LocalSubscription({
      ...asked,
      since: this.init.clock(),
      log,
      links: () => (subscription.member == null ? 0 : protocol.links.sizes[subscription.member]),
      onEnd: () => this.remove(subscription, place)
    })
    this.asked.add(subscription)
    this.byPlace.set(place, subscription)
    this.enter(subscription).catch(err => log.error('a subscription cannot be signed - %e', err))
    return subscription
  }

  /** Makes it a member. What is published here reaches it before. */
  private async enter(subscription: LocalSubscription): Promise<void> {
    const { privateKey, peerId, records } = this.init
    const [number] = crypto.getRandomValues(new Uint32Array(1))
    subscription.record = await records.seal(privateKey, peerId, Math.max(1, number), subscription.filter)

    if (!subscription.isOver) {
      this.admit(subscription, subscription.record)
    }
  }

  /** Those that had to wait for a number are members now, if there is one. */
  admitWaiting(): void {
    for (const subscription of this.asked) {
      if (subscription.record != null && subscription.member == null) {
        this.admit(subscription, subscription.record)
      }
    }
  }

  /** The numbers of those that part are free only when that is over: it may have to wait for a round. */
  private admit(subscription: LocalSubscription, { id, region }: VerifiedSubscription): void {
    const { local, members } = this.init
    const member = local.vacancy

    if (member !== NOBODY) {
      subscription.member = member
      this.byMember.set(member, subscription)
      members.set(member, id, region)
      local.enter(member)
    }
  }

  private async remove(subscription: LocalSubscription, place: number): Promise<void> {
    const { local, members, isStarted, bidFarewell } = this.init
    const { member } = subscription
    // its number may soon be another's
    subscription.member = undefined
    this.asked.delete(subscription)
    this.byPlace.delete(place)
    this.index.remove(place)
    this.missedBefore += subscription.missed

    if (member == null) {
      return
    }

    const told = local.leave(member, isStarted() ? FAREWELLS : 0)
    await Promise.all(told.map(bidFarewell))
    local.remove(member)
    this.byMember.delete(member)
    members.set(member, 0, undefined)
  }

  async endAll(): Promise<void> {
    await Promise.all(this.all.map(subscription => subscription.unsubscribe()))
  }

  /** How many ask for the event. */
  count(event: Event): number {
    return this.index.match(event).length
  }

  /**
   * Hands an event to those that ask for it, whatever their filters are made of, and returns how many they are.
   *
   * @param isLate - it was fetched from others afterwards: whoever asks for the future does not get what was before
   */
  handOver(published: PublishedEvent, isLate: boolean): number {
    let count = 0

    for (const place of this.index.match(published.event)) {
      const subscription = this.byPlace.get(place)

      if (subscription !== undefined && !(isLate && published.time < subscription.since - CLOCKS_APART)) {
        subscription.push(published)
        count++
      }
    }

    return count
  }

  /** What others get to see of a member. */
  record(member: number): VerifiedSubscription | undefined {
    return this.byMember.get(member)?.record
  }

  /** The member with that number of a subscription, or NOBODY. */
  memberOf(number: number): number {
    for (const [member, { record }] of this.byMember) {
      if (record?.number === number && this.init.local.present.has(member)) {
        return member
      }
    }

    return NOBODY
  }
}
