import type { Random } from '../gossip/random.ts'
import type { Views } from '../gossip/views.ts'
import { UNPROVEN_AGE } from './constants.ts'
import { PeerIndex } from './peer-index.ts'
import type { Places } from './places.ts'

/**
 * Distances that differ by less than 2^-32 of their size count as equal, and which of them is the nearer is drawn anew each
 * time. Were it always the same, the torus would tear along a seam. What 32 random bits are multiplied by:
 */
const TIE = 2 ** -64

/** Makes a difference between those at no distance at all, and to no other. */
const LEAST_DISTANCE = 2 ** -1000

/** Peers without duplicates, of whom those nearest to one of them are chosen. One for a population. */
export class Candidates<P> {
  readonly peers: Int32Array
  readonly ages: Uint16Array
  size = 0
  /** Which of them are {@link chosen}: indices of {@link peers}. */
  readonly order: Uint16Array
  chosen = 0
  /** How many of the chosen, the last of them, are there for a direction in which nobody lies the short way. */
  far = 0
  /** Whether there is no room left, and nothing lacks to the shape. */
  private isFull = false
  private readonly places: Places<P>
  private readonly random: Random
  private readonly index: PeerIndex
  private readonly distances: Float64Array
  /** Distances of the chosen, ties broken. */
  private readonly nearest: Float64Array
  /** Which of the chosen is the nearest in each direction, while one of them must go. */
  private readonly keepers: Int32Array
  /** All directions, a bit for each. */
  private readonly shape: number

  /** @param capacity - most peers, up to 256 */
  constructor(capacity: number, places: Places<P>, random: Random) {
    this.peers = new Int32Array(capacity)
    this.ages = new Uint16Array(capacity)
    this.order = new Uint16Array(capacity)
    this.places = places
    this.random = random
    this.index = new PeerIndex(this.peers)
    this.distances = new Float64Array(capacity)
    this.nearest = new Float64Array(capacity)
    this.keepers = new Int32Array(places.directions)
    this.shape = (1 << places.directions) - 1
  }

  /** Begins with the entries of a view that are not too old, but for one peer. */
  load(views: Views, node: number, maxAge: number, except: number): void {
    const { peers, ages, index } = this
    const { words, halves } = views
    const firstPeer = views.firstPeer(node)
    const firstAge = views.firstAge(node)
    const inView = words[firstPeer - 1]
    let size = 0
    index.clear()

    for (let i = 0; i < inView; i++) {
      const peer = words[firstPeer + i]
      const age = halves[firstAge + i]

      if (age <= maxAge && peer !== except) {
        index.put(peer, size)
        peers[size] = peer
        ages[size++] = age
      }
    }

    this.size = size
  }

  /** Appends a peer. Of two entries the younger one stays, at the place of the first. */
  add(peer: number, age: number): void {
    const { ages, index, size } = this
    const at = index.find(peer, size)

    if (at === -1) {
      index.put(peer, size)
      this.peers[size] = peer
      ages[size] = age
      this.size = size + 1
    } else if (age < ages[at]) {
      ages[at] = age
    }
  }

  /**
   * Chooses the `limit` nearest to a peer, in no order, the nearest in each direction of the shape among them if there is room for
   * more than those: where there is a hole in the shape, or a crowd at one point, the neighbour beyond it would else be forgotten.
   */
  choose(to: number, limit: number): void {
    this.select(to, limit)
    this.seeToShape(to, limit)
  }

  /** The same, the very nearest first, and last those that are chosen for their direction. */
  rank(to: number, limit: number): void {
    this.sort(to, limit)
    this.seeToShape(to, limit)
  }

  /** A distance, so that those at the same one are in random order. */
  private tell(distance: number): number {
    return (distance + LEAST_DISTANCE) * (1 + this.random.next() * TIE)
  }

  /** The farthest of the chosen gives way to each that is nearer: mostly there is none, as most come from far away. */
  private select(to: number, limit: number): void {
    const { distances, nearest, order, size } = this
    const chosen = Math.min(size, limit)
    this.places.distances(to, this.peers, size, distances)
    this.chosen = chosen

    for (let i = 0; i < chosen; i++) {
      // where there is no choice, ties need not be broken
      nearest[i] = size > limit ? this.tell(distances[i]) : distances[i]
      order[i] = i
    }

    let farthest = this.farthestOf(chosen)

    for (let i = chosen; i < size; i++) {
      // whom chance cannot bring in needs no draw
      if (distances[i] < nearest[farthest]) {
        const distance = this.tell(distances[i])

        if (distance < nearest[farthest]) {
          nearest[farthest] = distance
          order[farthest] = i
          farthest = this.farthestOf(chosen)
        }
      }
    }
  }

  private farthestOf(count: number): number {
    const { nearest } = this
    let farthest = 0
    let most = nearest[0]

    for (let i = 1; i < count; i++) {
      if (nearest[i] > most) {
        most = nearest[i]
        farthest = i
      }
    }

    return farthest
  }

  /** By insertion: what comes out of a view is nearly in order. */
  private sort(to: number, limit: number): void {
    const { distances, nearest, order, size } = this
    this.places.distances(to, this.peers, size, distances)
    let chosen = 0
    let farthest = Number.POSITIVE_INFINITY

    for (let i = 0; i < size; i++) {
      // whom chance cannot bring in needs no draw
      const distance = distances[i] < farthest ? this.tell(distances[i]) : farthest

      if (distance >= farthest) {
        continue
      }

      let at = chosen < limit ? chosen++ : chosen - 1

      for (; at > 0 && nearest[at - 1] > distance; at--) {
        nearest[at] = nearest[at - 1]
        order[at] = order[at - 1]
      }

      nearest[at] = distance
      order[at] = i

      if (chosen === limit) {
        farthest = nearest[limit - 1]
      }
    }

    this.chosen = chosen
  }

  /** Who is farther than that would not have been chosen, had it been a candidate too. */
  bound(): number {
    return this.isFull ? this.nearest[this.farthestOf(this.chosen)] : Number.POSITIVE_INFINITY
  }

  private seeToShape(to: number, limit: number): void {
    const shape = limit > this.places.directions ? this.shape : 0
    const lacking = shape & ~this.coveredSides(to, shape)
    this.far = 0
    this.isFull = this.chosen === limit && lacking === 0

    if (lacking !== 0) {
      this.cover(to, lacking)
    }
  }

  /** Directions whose nearest peer is among the chosen for sure: it lies there the short way, and nobody left out is nearer. */
  private coveredSides(to: number, shape: number): number {
    const { places, order, peers, chosen } = this
    let sides = 0

    for (let i = 0; i < chosen && sides !== shape; i++) {
      sides |= places.sides(to, peers[order[i]])
    }

    return sides
  }

  /**
   * Sees to it that the nearest in these directions are chosen, and stand last. Where one may be dead, the nearest that lately
   * spoke is, too: with many of the dead in a hole, nobody would else be left to ask for who is beyond it.
   */
  private cover(to: number, sides: number): void {
    const { ages, places } = this
    let doubtful = 0

    for (let direction = 0; direction < places.directions; direction++) {
      const best = (sides & (1 << direction)) === 0 ? -1 : this.nearestAlong(direction, to)

      if (best !== -1) {
        this.insist(best, to, sides)
        doubtful |= ages[best] >= UNPROVEN_AGE ? 1 << direction : 0
      }
    }

    // not at the cost of who is near
    for (let direction = 0; doubtful >> direction !== 0 && this.far * 2 < this.chosen; direction++) {
      const proven = (doubtful & (1 << direction)) === 0 ? -1 : this.nearestAlong(direction, to, UNPROVEN_AGE - 1)

      if (proven !== -1) {
        this.insist(proven, to, sides)
      }
    }
  }

  /** The candidate is to be among the last of the chosen, for one of these directions. */
  private insist(candidate: number, to: number, sides: number): void {
    const { order, nearest, chosen } = this
    const at = this.placeOf(candidate)
    const others = chosen - this.far

    // it stands for another direction already
    if (at >= others) {
      return
    }

    const gone = at === -1 ? this.leastNeeded(to, others, sides) : at

    // everybody else is the nearest in some direction
    if (gone === -1) {
      return
    }

    order.copyWithin(gone, gone + 1, chosen)
    nearest.copyWithin(gone, gone + 1, chosen)
    order[chosen - 1] = candidate
    this.far++
  }

  /** Where among the chosen a candidate is, or -1. */
  private placeOf(candidate: number): number {
    const { order, chosen } = this

    for (let i = 0; i < chosen; i++) {
      if (order[i] === candidate) {
        return i
      }
    }

    return -1
  }

  /**
   * The farthest of the first of the chosen, but for the nearest in each of the other directions than these; -1 when they all are
   * that. How far one is in a direction may be the long way round.
   */
  private leastNeeded(to: number, count: number, sides: number): number {
    const { places, order, peers, nearest, keepers } = this

    for (let direction = 0; direction < keepers.length; direction++) {
      const kept = (sides & (1 << direction)) === 0 ? count : 0
      let keeper = -1
      let least = Number.POSITIVE_INFINITY

      for (let i = 0; i < kept; i++) {
        const reach = places.reach(direction, to, peers[order[i]])

        if (reach < least) {
          least = reach
          keeper = i
        }
      }

      keepers[direction] = keeper
    }

    let farthest = -1

    for (let i = 0; i < count; i++) {
      if (!keepers.includes(i) && (farthest === -1 || nearest[i] > nearest[farthest])) {
        farthest = i
      }
    }

    return farthest
  }

  /** Ties at random here too: over the edge of a hole, of two that are as near only one may know who is nearer. */
  private nearestAlong(direction: number, to: number, maxAge = Number.POSITIVE_INFINITY): number {
    const { places, peers, ages, size } = this
    let best = -1
    let least = Number.POSITIVE_INFINITY

    for (let i = 0; i < size; i++) {
      const reach = ages[i] <= maxAge ? places.reach(direction, to, peers[i]) : Number.POSITIVE_INFINITY

      if (reach < least) {
        const told = this.tell(reach)

        if (told < least) {
          least = told
          best = i
        }
      }
    }

    return best
  }
}
