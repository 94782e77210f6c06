import { PeerFilter } from '../gossip/peer-filter.ts'
import type { Random } from '../gossip/random.ts'
import type { Views } from '../gossip/views.ts'
import type { Places } from './places.ts'

/**
 * Lowest bits of a distance that give way to chance: distances that differ by less than 2^-32 of their size count as equal,
 * and which of them is the nearer is drawn anew each time. Were it always the same, the torus would tear along a seam.
 */
const TIE_BITS = 20

/** Peers without duplicates, of whom those nearest to one of them are chosen. One for a population. */
export class Candidates<P> {
  readonly peers: Int32Array
  readonly ages: Uint16Array
  size = 0
  /** Which of them are {@link chosen}: indices of {@link peers}, the very nearest first. */
  readonly order: Uint16Array
  chosen = 0
  /** How many of the chosen, the last of them, are not among the nearest, but the nearest in some direction. */
  far = 0
  private readonly places: Places<P>
  private readonly random: Random
  private readonly filter: PeerFilter
  private readonly distances: Float64Array
  /** The lower and the upper halves of the distances. */
  private readonly halves: Uint32Array
  /** Distances of the chosen. */
  private readonly nearest: Float64Array
  /** All directions, a bit for each. */
  private readonly shape: number

  constructor(capacity: number, places: Places<P>, random: Random) {
    this.peers = new Int32Array(capacity)
    this.ages = new Uint16Array(capacity)
    this.order = new Uint16Array(capacity)
    this.places = places
    this.random = random
    this.filter = new PeerFilter(capacity)
    this.distances = new Float64Array(capacity)
    this.halves = new Uint32Array(this.distances.buffer)
    this.nearest = new Float64Array(capacity)
    this.shape = (1 << places.directions) - 1
  }

  /** Begins with the entries of a view that are not too old. */
  load(views: Views, node: number, maxAge: number): void {
    const { peers, ages, filter } = this
    const { words, halves } = views
    const firstPeer = views.firstPeer(node)
    const firstAge = views.firstAge(node)
    const inView = views.size(node)
    let size = 0

    for (let i = 0; i < inView; i++) {
      const age = halves[firstAge + i]
      peers[size] = words[firstPeer + i]
      ages[size] = age
      size += age > maxAge ? 0 : 1
    }

    filter.fill(peers, 0, size)
    this.size = size
  }

  /** Appends a peer. Of two entries the younger one stays, at the place of the first. */
  add(peer: number, age: number): void {
    if (this.filter.add(peer)) {
      const at = this.indexOf(peer)

      if (at !== -1) {
        this.ages[at] = Math.min(this.ages[at], age)
        return
      }
    }

    this.peers[this.size] = peer
    this.ages[this.size++] = age
  }

  remove(peer: number): void {
    const at = this.indexOf(peer)

    if (at !== -1) {
      this.size--
      this.peers[at] = this.peers[this.size]
      this.ages[at] = this.ages[this.size]
    }
  }

  private indexOf(peer: number): number {
    for (let i = 0; i < this.size; i++) {
      if (this.peers[i] === peer) {
        return i
      }
    }

    return -1
  }

  /**
   * Chooses the `limit` nearest to a peer, the nearest in each direction of the shape among them: where there is a hole in the
   * shape, or a crowd at one point, the neighbour beyond it would else be forgotten.
   */
  choose(to: number, limit: number): void {
    this.rank(to, limit)
    this.far = 0

    if (this.shape !== 0) {
      const covered = this.coveredSides(to)

      if (covered !== this.shape) {
        this.cover(to, limit, this.shape & ~covered)
      }
    }
  }

  private rank(to: number, limit: number): void {
    const { distances, nearest, order, size } = this
    this.places.distances(to, this.peers, size, distances)
    this.drawTies()
    let chosen = 0

    for (let i = 0; i < size; i++) {
      const distance = distances[i]

      if (chosen === limit) {
        if (distance >= nearest[chosen - 1]) {
          continue
        }

        chosen--
      }

      let at = chosen++

      for (; at > 0 && nearest[at - 1] > distance; at--) {
        nearest[at] = nearest[at - 1]
        order[at] = order[at - 1]
      }

      nearest[at] = distance
      order[at] = i
    }

    this.chosen = chosen
  }

  private drawTies(): void {
    const { halves, random, size } = this
    const first = random.prepare(size)
    const { draws } = random

    for (let i = 0; i < size; i++) {
      halves[i * 2] = ((halves[i * 2] >>> TIE_BITS) << TIE_BITS) | (draws[first + i] >>> (32 - TIE_BITS))
    }

    random.skip(size)
  }

  /** Directions whose nearest peer is among the chosen for sure: it lies there the short way, and nobody left out is as near. */
  private coveredSides(to: number): number {
    const { places, order, peers, chosen, shape } = this
    let sides = 0

    for (let i = 0; i < chosen && sides !== shape; i++) {
      sides |= places.sides(to, peers[order[i]])
    }

    return sides
  }

  /** Sees to it that the nearest in these directions are chosen, and stand last. */
  private cover(to: number, limit: number, sides: number): void {
    const { order, places } = this
    const { directions } = places
    let { chosen } = this
    let far = 0

    for (let direction = 0; direction < directions; direction++) {
      const best = (sides & (1 << direction)) === 0 ? -1 : this.nearestAlong(direction, to)

      if (best === -1 || far === limit || this.isAmong(best, chosen - far, chosen)) {
        continue
      }

      const at = order.indexOf(best)

      if (at !== -1 && at < chosen) {
        order.copyWithin(at, at + 1, chosen)
      } else if (chosen < limit) {
        chosen++
      } else {
        // the farthest of the others gives way
        order.copyWithin(chosen - far - 1, chosen - far, chosen)
      }

      order[chosen - 1] = best
      far++
    }

    this.chosen = chosen
    this.far = far
  }

  private isAmong(candidate: number, from: number, to: number): boolean {
    for (let i = from; i < to; i++) {
      if (this.order[i] === candidate) {
        return true
      }
    }

    return false
  }

  private nearestAlong(direction: number, to: number): number {
    let best = -1
    let least = Number.POSITIVE_INFINITY

    for (let i = 0; i < this.size; i++) {
      const reach = this.places.reach(direction, to, this.peers[i])

      if (reach < least) {
        least = reach
        best = i
      }
    }

    return best
  }
}
