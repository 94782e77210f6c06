import type { PeerSource } from '../../gossip/peer-source.ts'
import type { Random } from '../../gossip/random.ts'
import { REPAIR_ROUNDS } from '../../pubsub/constants.ts'
import type { Links } from '../../pubsub/links.ts'
import type { World } from '../world.ts'
import { type FloodingMeasures, measureFlooding } from './flooding.ts'
import type { PublishedEvent, Publishing } from './publishing.ts'
import type { MessageCounts } from './traffic.ts'

/**
 * How events come to those that ask for them, of those that were published after this round. Ratios are of members that were there from the start
 * or for 20 rounds, where nothing else is said. What there is none of is NaN (null in JSON).
 */
export interface PubSubMeasures {
  /** Members that live. */
  living: number
  /** Share of the matching members that an event came to at once, without any gossip. */
  hitRatio: number
  /** The same of the events of twelve rounds ago, and of those that live still, with what was repaired since. */
  hitRatioAfterRepair: number
  /** As `hitRatio`, newcomers included. */
  hitRatioAll: number
  /** Share of the events that came to all members that match, at once, and by repair of those of twelve rounds ago. */
  completeEvents: number
  completeEventsAfterRepair: number
  /** Times that an event came to a member that does not match, per event. */
  spam: number
  /** Times that one came to a member that had it, per delivery. */
  duplicatesPerDelivery: number
  /** From the publisher to the last member, searches apart: mean over the events, and most. */
  hops: { mean: number; max: number }
  /** Members asked by the searches for entries, per event. */
  asked: { mean: number }
  messagesPerEvent: number
  /** What these are, per event. Pulls are those at once, not of repair. */
  messages: MessageCounts
  /** Messages that a living member got, per event; and how many got so many of all. */
  load: { mean: number; max: number; histogram: number[] }
  /** Links of a living member. */
  links: { mean: number; p99: number; max: number }
  /** Yardsticks. */
  flooding: FloodingMeasures
  /** A broker tree at its best: one message for each member that matches. */
  tree: { messagesPerEvent: number }
}

/** Events that are flooded, to compare: each goes to everybody, so that they hardly differ. */
const FLOODED = 4

/** Says what has come of events. Changes nothing. */
export class PubSubMeter {
  private readonly world: World
  private readonly publishing: Publishing
  private readonly links: Links
  private readonly source: PeerSource
  private readonly view: number

  /** @param view - most members that the source has */
  constructor(world: World, publishing: Publishing, links: Links, source: PeerSource, view: number) {
    this.world = world
    this.publishing = publishing
    this.links = links
    this.source = source
    this.view = view
  }

  /** @param random - what losses of flooding are drawn from */
  measure(round: number, random: Random): PubSubMeasures {
    const { publishing, world } = this
    const events = publishing.after(round)
    const count = events.length
    const sum = (value: (event: PublishedEvent) => number) => events.reduce((total, event) => total + value(event), 0)
    const matches = sum(({ matching }) => matching.length)
    const missed = sum(({ missing }) => missing.size)
    const counts = publishing.traffic.counts
    const messages = Object.fromEntries(
      Object.entries(counts).map(([kind, total]) => [kind, total / count])
    ) as unknown as MessageCounts

    return {
      living: world.count,
      ...this.delivered(round),
      hitRatioAll: (matches - missed) / matches,
      spam: publishing.spam / count,
      duplicatesPerDelivery: sum(({ duplicates }) => duplicates) / (matches - missed),
      hops: { mean: sum(({ hops }) => hops) / count, max: Math.max(...events.map(({ hops }) => hops)) },
      asked: { mean: messages.search },
      messagesPerEvent: Object.values(messages).reduce((total, one) => total + one, 0),
      messages,
      load: this.load(count),
      links: this.linkCounts(),
      flooding: measureFlooding(events.slice(0, FLOODED), this.source, this.view, world, random),
      tree: { messagesPerEvent: matches / count }
    }
  }

  private delivered(
    round: number
  ): Pick<PubSubMeasures, 'hitRatio' | 'hitRatioAfterRepair' | 'completeEvents' | 'completeEventsAfterRepair'> {
    const [now, then] = [this.ratios(round, 0), this.ratios(round, REPAIR_ROUNDS)]
    return {
      hitRatio: now.hits,
      hitRatioAfterRepair: then.hits,
      completeEvents: now.complete,
      completeEventsAfterRepair: then.complete
    }
  }

  /** What has come of the events of so many rounds ago. One that nobody who counts asks for does not count. */
  private ratios(round: number, ago: number): { hits: number; complete: number } {
    const { publishing, world } = this
    const isCounted = (member: number) => world.alive[member] === 1 && publishing.wasSettled(member, ago)
    let wanted = 0
    let missed = 0
    let events = 0
    let complete = 0

    for (const { matching, missing } of publishing.after(round - ago)) {
      const wanting = matching.reduce((sum, member) => sum + (isCounted(member) ? 1 : 0), 0)
      const lacking = [...missing].filter(isCounted).length
      wanted += wanting
      missed += lacking
      events += wanting > 0 ? 1 : 0
      complete += wanting > 0 && lacking === 0 ? 1 : 0
    }

    return { hits: (wanted - missed) / wanted, complete: complete / events }
  }

  private load(events: number): PubSubMeasures['load'] {
    const { living, count } = this.world
    const histogram: number[] = []
    let sum = 0
    let max = 0

    for (const member of living.subarray(0, count)) {
      const load = this.publishing.traffic.load[member]
      sum += load
      max = Math.max(max, load)
      histogram[load] = (histogram[load] ?? 0) + 1
    }

    return { mean: sum / count / events, max: max / events, histogram: Array.from(histogram, members => members ?? 0) }
  }

  private linkCounts(): PubSubMeasures['links'] {
    const { living, count } = this.world
    const sizes = Int32Array.from(living.subarray(0, count), member => this.links.sizes[member]).sort()
    const sum = sizes.reduce((total, size) => total + size, 0)
    return {
      mean: sum / count,
      p99: sizes[Math.max(0, Math.ceil(0.99 * count) - 1)] ?? Number.NaN,
      max: sizes[count - 1] ?? Number.NaN
    }
  }
}
