/** Rounds since a link was of use that are still counted: what was never is as long ago. */
export const NEVER = 255

/** A link as it is added. */
export interface Link {
  member: number
  /** Clockwise from the node. */
  arc: number
  /** Rounds since the member spoke for itself. */
  age: number
  /** Whether it asks for a point that the node asks for too. */
  near: boolean
}

/**
 * Whom each node of a population knows: members in the order of their ids, clockwise from the node's own, so that the next one that
 * holds a point is the first in the table that does, and the one before the last.
 */
export class Links {
  readonly capacity: number
  readonly sizes: Int32Array
  readonly members: Int32Array
  /** Clockwise from the node. */
  readonly arcs: Uint32Array
  /** Rounds since the member spoke for itself. */
  readonly ages: Uint16Array
  /** Rounds since it was a neighbour on the circle at some point of the node's region. */
  readonly idle: Uint8Array
  /** 1: it asks for a point that the node asks for too. */
  readonly near: Uint8Array

  constructor(nodes: number, capacity: number) {
    this.capacity = capacity
    this.sizes = new Int32Array(nodes)
    this.members = new Int32Array(nodes * capacity)
    this.arcs = new Uint32Array(nodes * capacity)
    this.ages = new Uint16Array(nodes * capacity)
    this.idle = new Uint8Array(nodes * capacity)
    this.near = new Uint8Array(nodes * capacity)
  }

  get stateBytes(): number {
    const { sizes, members, arcs, ages, idle, near } = this
    return [sizes, members, arcs, ages, idle, near].reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** Where the links of a node begin. */
  first(node: number): number {
    return node * this.capacity
  }

  clear(node: number): void {
    this.sizes[node] = 0
  }

  /** A round has passed. Links older than `maxAge` go. */
  grow(node: number, maxAge: number): void {
    const { ages, idle } = this
    const first = this.first(node)
    let oldest = 0

    for (let at = first; at < first + this.sizes[node]; at++) {
      oldest = Math.max(oldest, ++ages[at])
      idle[at] = Math.min(NEVER, idle[at] + 1)
    }

    if (oldest > maxAge) {
      this.keep(node, at => ages[at] <= maxAge)
    }
  }

  /** @param at - where it lies, or -1 */
  remove(node: number, at: number): void {
    if (at !== -1) {
      this.keep(node, other => other !== at)
    }
  }

  /** Where the first link lies whose arc is not less. */
  seek(node: number, arc: number): number {
    const first = node * this.capacity
    let low = first
    let high = first + this.sizes[node]

    while (low < high) {
      const middle = (low + high) >>> 1

      if (this.arcs[middle] < arc) {
        low = middle + 1
      } else {
        high = middle
      }
    }

    return low
  }

  /** Where the link to a member lies, or -1. */
  find(node: number, member: number, arc: number): number {
    const end = node * this.capacity + this.sizes[node]

    for (let i = this.seek(node, arc); i < end && this.arcs[i] === arc; i++) {
      if (this.members[i] === member) {
        return i
      }
    }

    return -1
  }

  /** Adds a link where its arc belongs. There is room for it. */
  insert(node: number, { member, arc, age, near }: Link): void {
    const at = this.seek(node, arc)
    const end = node * this.capacity + this.sizes[node]
    this.members.copyWithin(at + 1, at, end)
    this.arcs.copyWithin(at + 1, at, end)
    this.ages.copyWithin(at + 1, at, end)
    this.idle.copyWithin(at + 1, at, end)
    this.near.copyWithin(at + 1, at, end)
    this.members[at] = member
    this.arcs[at] = arc
    this.ages[at] = age
    this.idle[at] = NEVER
    this.near[at] = near ? 1 : 0
    this.sizes[node]++
  }

  /** Keeps the links of which that is true. */
  keep(node: number, isKept: (at: number) => boolean): void {
    const first = node * this.capacity
    const end = first + this.sizes[node]
    let to = first

    for (let i = first; i < end; i++) {
      if (isKept(i)) {
        this.members[to] = this.members[i]
        this.arcs[to] = this.arcs[i]
        this.ages[to] = this.ages[i]
        this.idle[to] = this.idle[i]
        this.near[to++] = this.near[i]
      }
    }

    this.sizes[node] = to - first
  }
}
