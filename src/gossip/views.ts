import type { Random } from './random.ts'

/** The oldest that a descriptor gets, in exchanges: ages are held in 16 bits and stop growing here. */
export const MAX_AGE = 65_535

/** What a cache line holds, in bytes: a record takes whole ones, so that as few as possible hold parts of two. */
const CACHE_LINE = 64

/**
 * The partial views of a population: for each node an ordered list of at most `capacity` descriptors (peer, age).
 *
 * One packed record a node, so that a visit to a random node of a million costs as few cache misses as possible:
 * the size, the peer numbers (32 bits), the ages (16 bits). The order of the entries has a meaning to protocols.
 */
export class Views {
  readonly nodes: number
  readonly capacity: number
  /**
   * Sizes and peers of all records, and their ages, over the same bytes. Loops over a view go through these: a record's
   * size stands before {@link firstPeer}, its peers from there on, its ages from {@link firstAge} on.
   */
  readonly words: Int32Array
  readonly halves: Uint16Array
  private readonly stride: number
  private readonly ageOffset: number

  constructor(nodes: number, capacity: number) {
    const bytes = Math.ceil((4 + capacity * 6) / CACHE_LINE) * CACHE_LINE
    const buffer = new ArrayBuffer(nodes * bytes)
    this.nodes = nodes
    this.capacity = capacity
    this.stride = bytes / 4
    this.ageOffset = 2 + capacity * 2
    this.words = new Int32Array(buffer)
    this.halves = new Uint16Array(buffer)
  }

  /** Where in `words` the node's peers begin. */
  firstPeer(node: number): number {
    return node * this.stride + 1
  }

  /** Where in `halves` their ages begin. */
  firstAge(node: number): number {
    return node * this.stride * 2 + this.ageOffset
  }

  size(node: number): number {
    return this.words[node * this.stride]
  }

  peer(node: number, at: number): number {
    return this.words[node * this.stride + 1 + at]
  }

  age(node: number, at: number): number {
    return this.halves[node * this.stride * 2 + this.ageOffset + at]
  }

  /**
   * Reads something of every cache line of the node's record, so that it is at hand when it is worked on. What it returns
   * means nothing; to use it keeps the reads from being left out.
   */
  touch(node: number): number {
    const { words, stride } = this
    const first = node * stride
    const end = first + stride
    // a record may begin inside a line, as the buffer does
    let read = words[end - 1]

    for (let i = first; i < end; i += CACHE_LINE / 4) {
      read += words[i]
    }

    return read | 0
  }

  /** Where the peer stands in the node's view, or -1. */
  indexOf(node: number, peer: number): number {
    const first = node * this.stride + 1
    const end = first + this.words[first - 1]

    for (let i = first; i < end; i++) {
      if (this.words[i] === peer) {
        return i - first
      }
    }

    return -1
  }

  /** Where the oldest entry stands (of equals the first), or -1 in an empty view. */
  indexOfOldest(node: number): number {
    const base = node * this.stride * 2 + this.ageOffset
    const size = this.size(node)
    let oldest = -1
    let age = -1

    for (let i = 0; i < size; i++) {
      if (this.halves[base + i] > age) {
        age = this.halves[base + i]
        oldest = i
      }
    }

    return oldest
  }

  /** Appends an entry. The caller has made sure that there is room and that the peer is not there yet. */
  append(node: number, peer: number, age: number): void {
    const base = node * this.stride
    const at = this.words[base]++
    this.words[base + 1 + at] = peer
    this.halves[base * 2 + this.ageOffset + at] = age
  }

  set(node: number, at: number, peer: number, age: number): void {
    const base = node * this.stride
    this.words[base + 1 + at] = peer
    this.halves[base * 2 + this.ageOffset + at] = age
  }

  swap(node: number, i: number, j: number): void {
    const peers = node * this.stride + 1
    const ages = node * this.stride * 2 + this.ageOffset
    const peer = this.words[peers + i]
    const age = this.halves[ages + i]
    this.words[peers + i] = this.words[peers + j]
    this.halves[ages + i] = this.halves[ages + j]
    this.words[peers + j] = peer
    this.halves[ages + j] = age
  }

  /** Removes an entry; those behind it move up. */
  removeAt(node: number, at: number): void {
    const base = node * this.stride
    const size = --this.words[base]
    const ages = base * 2 + this.ageOffset

    for (let i = at; i < size; i++) {
      this.words[base + 1 + i] = this.words[base + 2 + i]
      this.halves[ages + i] = this.halves[ages + i + 1]
    }
  }

  /** Removes a peer if it is there. */
  remove(node: number, peer: number): boolean {
    const at = this.indexOf(node, peer)

    if (at === -1) {
      return false
    }

    this.removeAt(node, at)
    return true
  }

  clear(node: number): void {
    this.words[node * this.stride] = 0
  }

  /** Makes every entry older, by one exchange or as much as is said. */
  grow(node: number, by = 1): void {
    const { halves } = this
    const first = this.firstAge(node)
    const end = first + this.size(node)

    for (let i = first; i < end; i++) {
      const age = halves[i] + by
      halves[i] = age < MAX_AGE ? age : MAX_AGE
    }
  }

  /** Makes every entry older by one, and removes a peer if it is there. */
  growAndRemove(node: number, peer: number): boolean {
    const { words, halves } = this
    const firstPeer = this.firstPeer(node)
    const firstAge = this.firstAge(node)
    const size = this.size(node)
    let kept = 0

    for (let i = 0; i < size; i++) {
      const other = words[firstPeer + i]
      const age = halves[firstAge + i] + 1
      words[firstPeer + kept] = other
      halves[firstAge + kept] = age < MAX_AGE ? age : MAX_AGE
      kept += other === peer ? 0 : 1
    }

    words[firstPeer - 1] = kept
    return kept < size
  }

  /** Replaces the entries by those of two lists from `first` to before `end`, each so much older. */
  replace(node: number, peers: Int32Array, ages: Uint16Array, first: number, end: number, older: number): void {
    const { words, halves } = this
    const firstPeer = this.firstPeer(node)
    const firstAge = this.firstAge(node)
    const size = end - first
    words[firstPeer - 1] = size

    for (let i = 0; i < size; i++) {
      const age = ages[first + i] + older
      words[firstPeer + i] = peers[first + i]
      halves[firstAge + i] = age < MAX_AGE ? age : MAX_AGE
    }
  }

  /** Puts the entries in random order (Fisher and Yates). */
  shuffle(node: number, random: Random): void {
    this.moveRandomToEnd(node, Math.max(0, this.size(node) - 1), random)
  }

  /** Brings so many entries, chosen at random and in random order, to the end; the first one chosen comes last. */
  moveRandomToEnd(node: number, count: number, random: Random): void {
    const { words, halves } = this
    const peers = node * this.stride + 1
    const ages = node * this.stride * 2 + this.ageOffset
    const size = words[peers - 1]
    const stop = size - count
    let draw = random.prepare(count)

    for (let last = size - 1; last >= stop; last--) {
      const at = random.drawn(draw++, last + 1)
      const peer = words[peers + at]
      const age = halves[ages + at]
      words[peers + at] = words[peers + last]
      halves[ages + at] = halves[ages + last]
      words[peers + last] = peer
      halves[ages + last] = age
    }

    random.skip(count)
  }

  /** A random peer of the view, or -1 when it is empty. */
  randomPeer(node: number, random: Random): number {
    const size = this.size(node)
    return size === 0 ? -1 : this.peer(node, random.below(size))
  }
}
