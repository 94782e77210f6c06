import { plainMatch } from '../pubsub/plain-match.ts'
import type { Attributes } from './drawn-interests.ts'
import type { SubscribingPeer, Taken } from './subscriber-crowd.ts'

interface Published {
  attributes: Attributes
  outcome: string | undefined
  /** Under way when peers were killed: if nobody else had it by then, it is lost with them. */
  atRisk: boolean
}

/** All that was published, by number, and who is to have got it. */
export class PublishedEvents {
  private readonly events: Published[] = []
  /** The first event that a subscription is to get, if it asks for it. */
  private readonly counted = new Map<string, number>()

  get count(): number {
    return this.events.length
  }

  /** An event is about to be published. Its number. */
  add(attributes: Attributes): number {
    return this.events.push({ attributes, outcome: undefined, atRisk: false }) - 1
  }

  settle(number: number, outcome: string): void {
    this.events[number].outcome = outcome
  }

  /** Peers are killed while the events from this one on may still be on their way. */
  endanger(from: number): void {
    for (const event of this.events.slice(Math.max(0, from))) {
      event.atRisk = true
    }
  }

  /**
   * From now on, subscriptions that have been there for so many rounds are to get what they ask for.
   *
   * @returns whether that is true of all
   */
  expect(peers: readonly SubscribingPeer[], rounds: number): boolean {
    const all = subscriptionsOf(peers)

    for (const { key, peer, taken } of all) {
      if (peer.rounds >= taken.since + rounds && !this.counted.has(key)) {
        this.counted.set(key, this.count)
      }
    }

    return all.every(({ key }) => this.counted.has(key))
  }

  /** How many deliveries living subscriptions are to get. */
  owed(living: readonly SubscribingPeer[]): number {
    return subscriptionsOf(living)
      .map(({ key, taken }) => {
        const from = this.counted.get(key) ?? this.count
        return this.events.slice(from).filter(({ attributes }) => plainMatch(taken.filter, attributes)).length
      })
      .reduce((sum, count) => sum + count, 0)
  }

  /** What living subscriptions lack, as far as anybody could still bring it to them. */
  missing(living: readonly SubscribingPeer[]): string[] {
    const all = subscriptionsOf(living)
    const had = new Set(all.flatMap(({ taken }) => taken.events))

    return all.flatMap(({ key, taken }) => {
      const got = new Set(taken.events)
      const from = this.counted.get(key) ?? this.count
      return this.events.flatMap(({ attributes, atRisk }, number) =>
        number < from || got.has(number) || (atRisk && !had.has(number)) || !plainMatch(taken.filter, attributes)
          ? []
          : [`event ${number} at ${JSON.stringify(taken.filter)}`]
      )
    })
  }

  /** Events that came twice, or to somebody who had not asked for them. */
  wrong(peers: readonly SubscribingPeer[]): string[] {
    return subscriptionsOf(peers).flatMap(({ taken: { filter, events } }) =>
      events.flatMap((number, i) => [
        ...(events.indexOf(number) < i ? [`event ${number} twice at ${JSON.stringify(filter)}`] : []),
        ...(plainMatch(filter, this.events[number].attributes) ? [] : [`event ${number} at ${JSON.stringify(filter)}`])
      ])
    )
  }

  /** Publishers that were told something else than what became of the event. */
  misreported(living: readonly SubscribingPeer[]): string[] {
    const all = subscriptionsOf(living)
    const asking = (event: Attributes, number: number) =>
      all.filter(({ key, taken }) => number >= (this.counted.get(key) ?? this.count) && plainMatch(taken.filter, event))
    return this.events.flatMap(({ attributes, outcome, atRisk }, number) =>
      outcome !== 'handed' && !atRisk && asking(attributes, number).length > 0 ? [`event ${number}: ${outcome}`] : []
    )
  }
}

function subscriptionsOf(
  peers: readonly SubscribingPeer[]
): Array<{ key: string; peer: SubscribingPeer; taken: Taken }> {
  return peers.flatMap(peer => peer.subscriptions.map((taken, i) => ({ key: `${peer.id} ${i}`, peer, taken })))
}
