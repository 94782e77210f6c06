import { type Failure, type GossipProtocol, NOBODY } from '../gossip/exchange.ts'
import type { PeerSource } from '../gossip/peer-source.ts'
import { Quarantine } from '../gossip/quarantine.ts'
import type { Random } from '../gossip/random.ts'
import {
  INTEREST_LINKS,
  MAX_LINK_AGE,
  MAX_OFFERS,
  MAX_RING_LINKS,
  OLDEST_OF,
  PARTNER_POINTS,
  POINTS,
  QUARANTINE_ROUNDS,
  QUARANTINED_MEMBERS,
  RANDOM_EXCHANGES,
  RENEWAL,
  VARIETY
} from './constants.ts'
import { LinkSelection } from './link-selection.ts'
import { Links } from './links.ts'
import type { Members } from './members.ts'
import { LinkMessage } from './message.ts'
import { OpenPoints } from './open-points.ts'
import type { RecentEvents } from './recent-events.ts'
import type { Region } from './region.ts'

/** What a population of subscriptions is made of. */
export interface SubscriptionPopulation {
  /** How many there can be; their numbers are 0 to nodes - 1. */
  nodes: number
  /** What these and all others that they know ask for. */
  members: Members
  /** The layer below: random members. */
  source: PeerSource
  random: Random
  /** The events that these have had. */
  recent: RecentEvents
  /** A member lacks an event that it asks for and that another one has had. */
  onMissing?(node: number, from: number, event: string): void
}

/**
 * Sub-2-Sub: subscriptions find those that ask for the same. Each is a member of its own, with links to the next ones on a circle of ids at
 * every point of its region, both ways; to some that overlap it, and to some that do not. Twice a round it tells another member of those that are
 * of use to it.
 *
 * Source: S. Voulgaris, E. Riviere, A.-M. Kermarrec, M. van Steen, "Sub-2-Sub: Self-organizing content-based publish subscribe for dynamic large
 * scale collaborative networks", IPTPS 2006.
 */
export class SubscriptionProtocol implements GossipProtocol<LinkMessage> {
  readonly nodes: number
  readonly members: Members
  readonly links: Links
  readonly recent: RecentEvents
  readonly tries = 3
  /** Rounds of each member since it came. */
  readonly rounds: Int32Array
  private readonly source: PeerSource
  private readonly random: Random
  private readonly onMissing: SubscriptionPopulation['onMissing']
  private readonly quarantine: Quarantine
  private readonly selection: LinkSelection
  /** 1: the member has had its first turn in this round. */
  private readonly turned: Uint8Array
  private readonly points: OpenPoints
  /** Who is known to the receiver of a message, and since when it has not spoken. */
  private readonly had = new Map<number, number>()
  /** Where those of a member's links lie that may be of use to another one. */
  private readonly useful: number[] = []

  constructor({ nodes, members, source, random, recent, onMissing }: SubscriptionPopulation) {
    this.nodes = nodes
    this.members = members
    this.source = source
    this.random = random
    this.recent = recent
    this.onMissing = onMissing
    // what one message can bring is known for a moment beside what is kept
    this.links = new Links(nodes, MAX_RING_LINKS + INTEREST_LINKS + MAX_OFFERS + 1)
    this.quarantine = new Quarantine(nodes, QUARANTINED_MEMBERS, QUARANTINE_ROUNDS)
    this.rounds = new Int32Array(nodes)
    this.turned = new Uint8Array(nodes)
    this.points = new OpenPoints(POINTS, members, random)
    this.selection = new LinkSelection(members, this.links)
  }

  /** Bytes of all arrays that it holds for its population. */
  get stateBytes(): number {
    const { links, quarantine, rounds, turned } = this
    return links.stateBytes + quarantine.stateBytes + rounds.byteLength + turned.byteLength
  }

  createMessage(): LinkMessage {
    return new LinkMessage(MAX_OFFERS, MAX_RING_LINKS + INTEREST_LINKS)
  }

  /** A number is a new member's: what was known of the old one, by any of the population, says nothing of it. */
  reset(node: number): void {
    const { links, quarantine } = this

    for (let other = 0; other < this.nodes; other++) {
      // its place on the circle may be another one already
      links.keep(other, at => links.members[at] !== node)
      quarantine.lift(other, node)
    }

    this.links.clear(node)
    this.quarantine.clear(node)
    this.recent.clear(node)
    this.rounds[node] = 0
    this.turned[node] = 0
  }

  /** One exchange with the next or the last one on the circle, one with another. Asked as a round begins, also after one that was cut short. */
  turns(node: number): number {
    this.turned[node] = 0
    return 2
  }

  partner(node: number): number {
    this.turned[node] ^= 1

    if (this.turned[node] === 0) {
      return this.anotherPartner(node)
    }

    this.beginRound(node)
    const neighbour = this.neighbour(node)
    return neighbour === NOBODY ? this.anotherPartner(node) : neighbour
  }

  /** Mostly whoever is known, of some the one that has been silent for longest: the dead are found out. */
  anotherPartner(node: number): number {
    const { links, random } = this
    const size = links.sizes[node]

    if (size === 0 || random.below(RANDOM_EXCHANGES) === 0) {
      const member = this.source.sample(node)

      if (member !== NOBODY || size === 0) {
        return member
      }
    }

    const first = links.first(node)
    let oldest = first + random.below(size)

    for (let i = 1; i < OLDEST_OF; i++) {
      const at = first + random.below(size)
      oldest = links.ages[at] > links.ages[oldest] ? at : oldest
    }

    return links.members[oldest]
  }

  /** A round has passed. {@link partner} tells so itself; who starts no exchange is told. */
  beginRound(node: number): void {
    this.rounds[node]++
    this.links.grow(node, MAX_LINK_AGE)
    this.recent.tidy(node, this.rounds[node])
  }

  /**
   * Who is next on the circle at some point of the member's region, this way or that. Every other time that is where an event was lately: who should have
   * had it before and after this member is asked for it, or told.
   */
  private neighbour(node: number): number {
    const { members, points, random, recent } = this
    const region = members.regions[node]

    if (region === undefined) {
      return NOBODY
    }

    const clockwise = random.below(2) === 0
    const event = recent.isTold(node) && random.below(2) === 0 ? recent.draw(node, random) : undefined
    points.draw(region, event === undefined ? 1 : 0, () => this.acquaintance(node))
    return this.next(node, event ?? points.coordinates, clockwise)
  }

  /** The next member that is known to hold a point of the member's region, clockwise or the other way around, or {@link NOBODY}. */
  next(node: number, point: Float64Array, clockwise: boolean): number {
    const { links, members } = this
    const first = links.first(node)
    const size = links.sizes[node]

    for (let i = 0; i < size; i++) {
      const at = clockwise ? first + i : first + size - 1 - i

      if (links.near[at] === 1 && members.holds(links.members[at], point)) {
        return links.members[at]
      }
    }

    return NOBODY
  }

  private acquaintance(node: number): Region | undefined {
    const { links, members, random } = this
    const size = links.sizes[node]
    return size === 0 ? undefined : members.regions[links.members[links.first(node) + random.below(size)]]
  }

  request(node: number, partner: number, out: LinkMessage): void {
    this.fill(node, partner, out)
  }

  /** Never busy: nothing is swapped. */
  respond(node: number, from: number, request: LinkMessage, out: LinkMessage): boolean {
    this.fill(node, from, out, request)
    this.hear(node, from, request)
    return true
  }

  absorb(node: number, from: number, _request: LinkMessage, reply: LinkMessage): void {
    this.hear(node, from, reply)
  }

  abandon(node: number, partner: number, why: Failure): void {
    if (why !== 'busy' && why !== 'aborted' && partner !== NOBODY) {
      this.forget(node, partner)
      this.quarantine.add(node, partner, this.rounds[node])
    }
  }

  /** The member is no longer known to this one. */
  forget(node: number, member: number): void {
    this.links.remove(node, this.links.find(node, member, this.members.arc(node, member)))
  }

  /** Whether the member's state names another one, whose number must stay what it is. */
  knows(node: number, member: number): boolean {
    const { links, members, quarantine, rounds } = this
    return links.find(node, member, members.arc(node, member)) !== -1 || quarantine.holds(node, member, rounds[node])
  }

  /** Whom the member has links to on the circle: those that were of use last come first. */
  neighbours(node: number): number[] {
    const { links } = this
    const first = links.first(node)
    const places = Array.from({ length: links.sizes[node] }, (_, i) => first + i).filter(at => links.near[at] === 1)
    return places.sort((a, b) => links.idle[a] - links.idle[b]).map(at => links.members[at])
  }

  /** What a member says to those that know it when it goes: who is next once it is gone. */
  farewell(node: number, to: number, out: LinkMessage): void {
    this.fill(node, to, out, undefined, true)
  }

  private hear(node: number, from: number, message: LinkMessage): void {
    const { offers, offerAges, offered, leaving } = message
    this.quarantine.lift(node, from)

    if (leaving) {
      this.abandon(node, from, 'unreachable')
    } else {
      this.learn(node, from, 0)
    }

    for (let i = 0; i < offered; i++) {
      this.learn(node, offers[i], offerAges[i])
    }

    this.appraise(node)
    this.selection.trim(node)

    for (const event of message.events) {
      if (!this.recent.has(node, event)) {
        this.onMissing?.(node, from, event)
      }
    }
  }

  /** Takes note of one member that is known from elsewhere, while there is room. */
  consider(node: number, member: number, age: number): void {
    if (this.links.sizes[node] < MAX_RING_LINKS + INTEREST_LINKS) {
      this.learn(node, member, age)
    }
  }

  /** Takes note of a member, unless it asks for nothing, is too old, or did not answer lately. */
  learn(node: number, member: number, age: number): void {
    const { links, members } = this

    if (member === node || age > MAX_LINK_AGE || members.regions[member] === undefined) {
      return
    }

    const arc = members.arc(node, member)
    const at = links.find(node, member, arc)

    if (at !== -1) {
      links.ages[at] = Math.min(links.ages[at], age)
    } else if (!this.quarantine.holds(node, member, this.rounds[node])) {
      if (links.sizes[node] === links.capacity) {
        this.selection.trim(node)
      }

      links.insert(node, { member, arc, age, near: members.overlap(node, member) })
    }
  }

  /** Finds out who is next at fresh points of the member's region, both ways: those links are of use. */
  private appraise(node: number): void {
    const { links, members, points } = this
    const region = members.regions[node]

    if (region === undefined) {
      return
    }

    const first = links.first(node)
    const last = first + links.sizes[node] - 1
    points.draw(region, POINTS, () => this.acquaintance(node))

    for (let at = first; at <= last && points.open > 0; at++) {
      this.closeWith(at)
    }

    // where nobody was met one way, nobody is the other way
    points.openClosed()

    for (let at = last; at >= first && points.open > 0; at--) {
      this.closeWith(at)
    }
  }

  private closeWith(at: number): void {
    const { links, members, points } = this

    if (links.near[at] === 1 && points.close(members.regions[links.members[at]] as Region)) {
      links.idle[at] = 0
    }
  }

  /**
   * Writes what is of use to another member: those next to it on the circle at points of its region, and a few others.
   *
   * @param request - what it has said of whom it knows
   * @param leaving - whether this one is about to go
   */
  private fill(node: number, to: number, out: LinkMessage, request?: LinkMessage, leaving = false): void {
    const { links, useful, random, had } = this
    out.clear(node, to)
    out.leaving = leaving
    this.recent.tell(node, to, out, this.random)
    const first = links.first(node)
    const end = first + links.sizes[node]
    had.clear()
    useful.length = 0

    for (let at = first; at < end; at++) {
      if (links.near[at] === 1) {
        out.know(links.members[at], links.ages[at])
      }
    }

    for (let i = 0; i < (request?.knowing ?? 0); i++) {
      had.set((request as LinkMessage).known[i], (request as LinkMessage).knownAges[i])
    }

    had.set(to, 0)
    this.findUseful(node, to, leaving)
    random.choose(useful, MAX_OFFERS - VARIETY)

    for (const at of useful.slice(0, MAX_OFFERS - VARIETY)) {
      this.offer(at, out)
    }

    // whoever asks for nothing can use anybody
    for (let left = useful.length === 0 ? MAX_OFFERS : VARIETY; left > 0 && end > first; left--) {
      this.offer(first + random.below(end - first), out)
    }
  }

  /** Nobody is offered twice. */
  private offer(at: number, out: LinkMessage): void {
    const { links, had } = this

    if (this.isNews(at)) {
      had.set(links.members[at], links.ages[at])
      out.offer(links.members[at], links.ages[at])
    }
  }

  /** Whether the receiver does not know the member, or knows it as much older. */
  private isNews(at: number): boolean {
    const age = this.had.get(this.links.members[at])
    return age === undefined || this.links.ages[at] + RENEWAL <= age
  }

  /** Goes around the circle from the other member, both ways, over all that this one knows, and itself unless it is about to go. */
  private findUseful(node: number, to: number, leaving: boolean): void {
    const { members, links, points, useful } = this
    const region = members.regions[to]

    if (region === undefined) {
      return
    }

    const first = links.first(node)
    const places = links.sizes[node] + 1
    const own = leaving ? undefined : members.regions[node]
    // the place behind the last link is this member's own
    const start = links.seek(node, members.arc(node, to)) - first
    points.draw(region, PARTNER_POINTS, () => this.acquaintance(node))

    for (const way of [1, -1]) {
      for (let step = way === 1 ? 0 : 1; step < places + (way === 1 ? 0 : 1) && points.open > 0; step++) {
        const place = (start + way * step + places) % places
        const at = first + place
        const candidate = place === places - 1 ? own : members.regions[links.members[at]]

        if (
          candidate === undefined ||
          (place < places - 1 && links.members[at] === to) ||
          !candidate.overlaps(region)
        ) {
          continue
        }

        if (points.close(candidate) && place < places - 1 && this.isNews(at) && !useful.includes(at)) {
          useful.push(at)
        }
      }

      points.openClosed()
    }
  }
}
