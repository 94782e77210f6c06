import type { PeerSource } from '../../gossip/peer-source.ts'
import type { Random } from '../../gossip/random.ts'
import { ENTRIES, NAMED } from '../../pubsub/constants.ts'
import { EntrySearch } from '../../pubsub/entry-search.ts'
import type { SubscriptionProtocol } from '../../pubsub/protocol.ts'
import type { Region } from '../../pubsub/region.ts'
import type { Traffic } from './traffic.ts'

/** Looks for the members at which an event enters, as its publisher does. */
export class Entrances {
  private readonly protocol: SubscriptionProtocol
  private readonly source: PeerSource
  private readonly traffic: Traffic
  private readonly random: Random
  private readonly view: Int32Array

  /**
   * @param source - whom a publisher knows that has no links yet
   * @param view - most members that the source has
   */
  constructor(protocol: SubscriptionProtocol, source: PeerSource, view: number, traffic: Traffic, random: Random) {
    this.protocol = protocol
    this.source = source
    this.traffic = traffic
    this.random = random
    this.view = new Int32Array(view)
  }

  /** Members that hold the point and have taken the event, each found by a search of its own: none, if nobody was found. */
  find(publisher: number, point: Float64Array): number[] {
    const known = this.known(publisher)
    this.random.choose(known, known.length)
    const taken = new Set<number>()

    for (let i = 0; i < ENTRIES; i++) {
      const part = known.filter((_, j) => j % ENTRIES === i)
      const found = this.search(publisher, part.length === 0 ? known : part, point, taken)

      if (found !== undefined) {
        taken.add(found)
      }
    }

    return [...taken]
  }

  private known(publisher: number): number[] {
    const { links } = this.protocol
    const first = links.first(publisher)
    const linked = [...links.members.subarray(first, first + links.sizes[publisher])]
    return linked.length > 0 ? linked : [...this.view.subarray(0, this.source.members(publisher, this.view))]
  }

  /** @param taken - who has it already, and is not handed it again */
  private search(
    publisher: number,
    known: readonly number[],
    point: Float64Array,
    taken: ReadonlySet<number>
  ): number | undefined {
    const scaled = point.map(Math.asinh)
    const distance = (member: number) => (this.protocol.members.regions[member] as Region).distance(point, scaled)
    const search = new EntrySearch({ known, key: (member: number) => member, distance })

    for (;;) {
      const asked = search.next()

      if (asked !== undefined) {
        if (this.traffic.ask(publisher, asked, 'search')) {
          search.answered(this.near(asked, distance))
        }
      } else if (
        search.found === undefined ||
        taken.has(search.found) ||
        this.traffic.ask(publisher, search.found, 'handOffs')
      ) {
        return search.found
      } else {
        search.lost()
      }
    }
  }

  /** Whom a member names: the nearest that it knows, itself included. */
  private near(member: number, distance: (member: number) => number): number[] {
    const { links } = this.protocol
    const first = links.first(member)
    const known = [member, ...links.members.subarray(first, first + links.sizes[member])]
    const near = known.map(one => ({ one, distance: distance(one) })).sort((a, b) => a.distance - b.distance)
    return near.slice(0, NAMED).map(({ one }) => one)
  }
}
