import type { Random } from '../gossip/random.ts'
import { FANOUT, WITNESSES } from './constants.ts'
import type { SubscriptionProtocol } from './protocol.ts'

/** The whole circle of ids. */
export const CIRCLE = 2 ** 32

/** A member that is handed an event, and the arc of the circle, clockwise from its own id, in which it sees to everybody else. */
export interface Hop {
  member: number
  arc: number
}

/**
 * The way of an event among the members that ask for it. It enters at a few of them; each that takes it hands it to the next one on the circle and
 * to others beyond, who divide the rest of its arc among them: a tree, in which nobody is asked twice. What a tree alone would lose with every gap
 * in somebody's links is found from the other side: who has an event says so to the member before it, and to some others, and those that lack it
 * ask for it.
 *
 * Source: the arcs are those of S. El-Ansary et al., "Efficient broadcast in structured P2P networks", IPTPS 2003; what is told instead of sent is from
 * J. Leitao, J. Pereira, L. Rodrigues, "Epidemic broadcast trees", SRDS 2007.
 */
export class Dissemination {
  private readonly protocol: SubscriptionProtocol
  private readonly random: Random

  constructor(protocol: SubscriptionProtocol, random: Random) {
    this.protocol = protocol
    this.random = random
  }

  /** Members that hold a point, for an event to enter at: each has the circle up to the next one. */
  enter(entries: readonly number[]): Hop[] {
    const { members } = this.protocol
    const sorted = [...new Set(entries)].sort((a, b) => members.ids[a] - members.ids[b])
    return sorted.map((member, i) => ({
      member,
      // those of the same id are a whole circle apart
      arc: members.arc(member, sorted[(i + 1) % sorted.length]) || CIRCLE
    }))
  }

  /**
   * Whom a member hands an event to that it has taken for an arc.
   *
   * @param isBarred - who cannot be reached
   */
  spread(node: number, point: Float64Array, arc: number, isBarred: (member: number) => boolean): Hop[] {
    const { members } = this.protocol
    const inArc = this.matching(node, point, isBarred).filter(member => members.arc(node, member) < arc)
    // who has the same id would take this one to be in its own arc, and find that it has the event already: it sees to nobody
    const twins = inArc.filter(member => members.arc(node, member) === 0)
    const others = inArc.slice(twins.length)
    const count = Math.min(FANOUT, others.length)
    const chosen = Array.from({ length: count }, (_, i) => others[Math.floor((i * others.length) / count)])
    const starts = chosen.map(member => members.arc(node, member))
    return [
      ...twins.map(member => ({ member, arc: 0 })),
      ...chosen.map((member, i) => ({ member, arc: (starts[i + 1] ?? arc) - starts[i] }))
    ]
  }

  /** Who gets an arc instead of a member that cannot be reached: the next one that is known in it, if there is any. */
  instead(
    node: number,
    point: Float64Array,
    { member, arc }: Hop,
    isBarred: (member: number) => boolean
  ): Hop | undefined {
    const { members } = this.protocol
    const start = members.arc(node, member)
    const next = this.matching(node, point, isBarred).find(other => {
      const from = members.arc(node, other) - start
      return from >= 0 && from < arc && other !== member
    })
    return next === undefined ? undefined : { member: next, arc: arc - (members.arc(node, next) - start) }
  }

  /** Whom a member that has an event tells so: the one before it on the circle, and some others. */
  witnesses(node: number, point: Float64Array, isBarred: (member: number) => boolean): number[] {
    const matching = this.matching(node, point, isBarred)
    const last = matching.pop()

    if (last === undefined) {
      return []
    }

    this.random.choose(matching, WITNESSES)
    return [last, ...matching.slice(0, WITNESSES)]
  }

  /** The members that a node knows to hold a point, clockwise. */
  matching(node: number, point: Float64Array, isBarred: (member: number) => boolean): number[] {
    const { links, members } = this.protocol
    const first = links.first(node)
    const found: number[] = []

    for (let at = first; at < first + links.sizes[node]; at++) {
      const member = links.members[at]

      if (members.holds(member, point) && !isBarred(member)) {
        found.push(member)
      }
    }

    return found
  }
}
