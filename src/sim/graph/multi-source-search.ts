import { give, giveListing, take, takeTwoAway } from './neighbour-bits.ts'
import type { UndirectedGraph } from './undirected-graph.ts'

/** Most sources of one search: each has a bit in the words of all nodes. */
export const MAX_SOURCES = 32

/** While fewer than one slot in so many is at the front, a push lists whom it touches; beyond that, all are looked at. */
const SWEEP_FROM = 16

/** While fewer than one slot in so many is at the front, the front pushes; beyond that, the others pull. */
const PULL_FROM = 4

/**
 * Breadth-first searches from up to 32 sources at once, links taken in both directions (M. Then et al., "The more the
 * merrier: efficient multi-source graph traversal", PVLDB 8(4), 2014). Short fronts push what they know to their
 * neighbours; before long ones, those who lack something pull it from theirs and stop when they have all (S. Beamer et
 * al., "Direction-optimizing breadth-first search", SC 2012).
 */
export class MultiSourceSearch {
  private readonly graph: UndirectedGraph
  /** Every slot in order: what is looked at when nobody made a list. */
  private readonly all: Int32Array
  /** By which sources each node has been reached. Bits without a source are set, and so are all bits of the dead. */
  private readonly reached: Int32Array
  /** By which sources each was reached in the last level, and in this one. */
  private latest: Int32Array
  private next: Int32Array
  /** The nodes of which `latest` is not 0, and those of which `next` is not. */
  private front: Int32Array
  private nextFront: Int32Array
  private frontSize = 0
  private nextFrontSize = 0
  private onceFrom = 0
  private twiceFrom = 0
  /** Paths found in this level, and those not found in the levels before. */
  private found = 0
  private left = 0

  constructor(graph: UndirectedGraph) {
    const { nodes } = graph.views
    this.graph = graph
    this.all = Int32Array.from({ length: nodes }, (_, node) => node)
    this.reached = new Int32Array(nodes)
    this.latest = new Int32Array(nodes)
    this.next = new Int32Array(nodes)
    this.front = new Int32Array(nodes)
    this.nextFront = new Int32Array(nodes)
  }

  /**
   * The shortest paths from some sources: how many there are, and their lengths together. By the number of the node
   * where it ends, a path counts not at all, from one number on once, and from another on twice, because the way back is
   * as long.
   *
   * @param sources - distinct living nodes, at most {@link MAX_SOURCES}
   * @param most - how many paths there are when the graph is connected, counted so: with them the search ends
   */
  run(sources: Int32Array, onceFrom: number, twiceFrom: number, most: number): { paths: number; length: number } {
    this.start(sources)
    this.onceFrom = onceFrom
    this.twiceFrom = twiceFrom
    this.left = most
    let length = 0

    for (let level = 1; this.frontSize > 0 && this.left > 0; level++) {
      const ends = this.advance()
      this.left -= this.found
      length += level * this.found

      if (ends) {
        length += (level + 1) * this.left
        this.left = 0
      }
    }

    return { paths: most - this.left, length }
  }

  private start(sources: Int32Array): void {
    const { front, latest, next, reached } = this
    const { alive } = this.graph
    const unused = sources.length < MAX_SOURCES ? -1 << sources.length : 0

    for (let node = 0; node < reached.length; node++) {
      reached[node] = alive[node] === 1 ? unused : -1
    }

    latest.fill(0)
    next.fill(0)

    for (let i = 0; i < sources.length; i++) {
      front[i] = sources[i]
      latest[sources[i]] = 1 << i
      reached[sources[i]] |= 1 << i
    }

    this.frontSize = sources.length
  }

  /** Goes one level further. @returns whether it is known that all that is left ends in the level after it */
  private advance(): boolean {
    const { all, front, frontSize, latest, next, nextFront, onceFrom } = this
    const slots = all.length
    this.found = 0
    this.nextFrontSize = 0

    if (frontSize * SWEEP_FROM < slots) {
      this.settle(nextFront, 0, this.pushListing())
    } else if (frontSize * PULL_FROM < slots) {
      this.push()
      this.settle(all, 0, slots)
    } else {
      this.pull(onceFrom, slots)
      this.settle(all, onceFrom, slots)

      // those before are only needed to go on from
      if (this.found < this.left) {
        if (onceFrom > 0 && this.endsInNextLevel()) {
          return true
        }

        this.pull(0, onceFrom)
        this.settle(all, 0, onceFrom)
      }
    }

    for (let i = 0; i < frontSize; i++) {
      latest[front[i]] = 0
    }

    this.latest = next
    this.next = latest
    this.front = nextFront
    this.nextFront = front
    this.frontSize = this.nextFrontSize
    return false
  }

  private push(): void {
    const { front, frontSize, graph, latest, next } = this

    for (let i = 0; i < frontSize; i++) {
      give(graph, front[i], next, latest[front[i]])
    }
  }

  /** Pushes, and lists in `nextFront` to whom. @returns how many they are */
  private pushListing(): number {
    const { front, frontSize, graph, latest, next, nextFront } = this
    let count = 0

    for (let i = 0; i < frontSize; i++) {
      count = giveListing(graph, front[i], next, latest[front[i]], nextFront, count)
    }

    return count
  }

  private pull(from: number, to: number): void {
    const { graph, latest, next, reached } = this

    for (let node = from; node < to; node++) {
      if (reached[node] !== -1) {
        next[node] = take(graph, node, latest, reached[node])
      }
    }
  }

  /**
   * Whether all who still lack something after this level would have it after the next. What a neighbour has after this
   * one, one of its own neighbours has had before, so that nobody else needs to be brought up to date. Mostly few lack
   * anything; the first who would still do so ends the question.
   */
  private endsInNextLevel(): boolean {
    const { graph, latest, onceFrom, reached } = this

    for (let node = onceFrom; node < reached.length; node++) {
      if (reached[node] !== -1 && takeTwoAway(graph, node, latest, reached[node]) !== -1) {
        return false
      }
    }

    return true
  }

  /** Of what some nodes were given, keeps what is new to them, counts it, and puts them on the next front. */
  private settle(nodes: Int32Array, from: number, to: number): void {
    const { next, nextFront, onceFrom, reached, twiceFrom } = this
    let size = this.nextFrontSize
    let found = 0

    for (let i = from; i < to; i++) {
      const node = nodes[i]
      const fresh = next[node] & ~reached[node]
      next[node] = fresh

      if (fresh !== 0) {
        reached[node] |= fresh
        nextFront[size++] = node

        if (node >= onceFrom) {
          found += node >= twiceFrom ? 2 * bitCount(fresh) : bitCount(fresh)
        }
      }
    }

    this.nextFrontSize = size
    this.found += found
  }
}

/** How many bits are set (H. Warren, "Hacker's Delight", section 5-1). */
function bitCount(word: number): number {
  let sum = word - ((word >>> 1) & 0x55555555)
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333)
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
