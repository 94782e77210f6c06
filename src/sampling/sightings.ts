import { SIGHTINGS_PER_HALF } from './constants.ts'

/** Cells of a half: twice as many as there are sightings, so that a search ends soon. */
const CELLS = 2 * SIGHTINGS_PER_HALF

/** A cell holds a tag of ten bits over a count of six: which peer, apart from where the cell is, and how often. */
const COUNT_BITS = 6
const MAX_COUNT = 2 ** COUNT_BITS - 1
const TAG_SHIFT = 32 - (16 - COUNT_BITS)

/** Words of a half's histogram: one for each count that there can be. */
const HISTOGRAM = MAX_COUNT + 1

/** From a median count of this on the median says more of how often a peer is to be expected than the rare ones do. */
const ENOUGH_TO_TAKE_MEDIAN = 3

/** Of a continuous distribution the median is about a third above the one of counts (Poisson, for large means). */
const MEDIAN_CORRECTION = 1 / 3

/**
 * How often each peer was lately seen in the answers to a node's own exchanges, for a population of nodes. How often is
 * in proportion to in-degree.
 *
 * A window of two halves: one is being filled; as it is full, the other one is emptied and filled next. A half is a hash
 * table of 16-bit cells (open addressing), so that a look at a peer costs two cache misses and a node 4 KiB.
 */
export class Sightings {
  private readonly cells: Uint16Array
  /** How many peers each half has seen how often. */
  private readonly histograms: Uint16Array
  /** Sightings in each half. */
  private readonly seen: Uint16Array
  /** Which half is being filled. */
  private readonly current: Uint8Array

  constructor(nodes: number) {
    this.cells = new Uint16Array(nodes * 2 * CELLS)
    this.histograms = new Uint16Array(nodes * 2 * HISTOGRAM)
    this.seen = new Uint16Array(nodes * 2)
    this.current = new Uint8Array(nodes)
  }

  get stateBytes(): number {
    const { cells, histograms, seen, current } = this
    return [cells, histograms, seen, current].reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** Sightings in the window of a node. */
  size(node: number): number {
    return this.seen[node * 2] + this.seen[node * 2 + 1]
  }

  /** Of the half that has more sightings: how many, and how many peers it has seen once, twice, and so on up to 63 times. */
  fullerHalf(node: number): { sightings: number; histogram: number[] } {
    const half = this.seen[node * 2] >= this.seen[node * 2 + 1] ? node * 2 : node * 2 + 1
    const first = half * HISTOGRAM
    return { sightings: this.seen[half], histogram: Array.from(this.histograms.subarray(first + 1, first + HISTOGRAM)) }
  }

  /** How often the peer with this hash was seen; each half counts up to 63. */
  count(node: number, hash: number): number {
    const { cells } = this
    const half = node * 2
    return (cells[this.find(half, hash)] & MAX_COUNT) + (cells[this.find(half + 1, hash)] & MAX_COUNT)
  }

  /** A peer was seen. */
  add(node: number, hash: number): void {
    const half = node * 2 + this.current[node]
    const at = this.find(half, hash)
    const count = this.cells[at] & MAX_COUNT
    const histogram = half * HISTOGRAM

    if (count > 0) {
      this.histograms[histogram + count]--
    }

    const next = Math.min(count + 1, MAX_COUNT)
    this.histograms[histogram + next]++
    this.cells[at] = ((hash >>> TAG_SHIFT) << COUNT_BITS) | next
    this.seen[half]++

    if (this.seen[half] === SIGHTINGS_PER_HALF) {
      this.turn(node)
    }
  }

  /**
   * How often a peer is to be expected in the window, by what most of them do: those that are seen far too often do not
   * count for much. Where peers are seen time and again, by the median; else by how many were seen twice for each that was
   * seen once (of a Poisson distribution half the mean), for which nobody need know how many peers there are.
   */
  expected(node: number): number {
    const larger = this.seen[node * 2] >= this.seen[node * 2 + 1] ? node * 2 : node * 2 + 1
    const median = this.median(larger)
    const ofHalf = median >= ENOUGH_TO_TAKE_MEDIAN ? median + MEDIAN_CORRECTION : this.ratioOfRare(node)
    return (ofHalf * this.size(node)) / this.seen[larger]
  }

  private ratioOfRare(node: number): number {
    const { histograms } = this
    const first = node * 2 * HISTOGRAM
    const second = first + HISTOGRAM
    const once = histograms[first + 1] + histograms[second + 1]
    const twice = histograms[first + 2] + histograms[second + 2]
    // one of each more: what is not known is not taken for zero
    return (2 * (twice + 1)) / (once + 1)
  }

  /** How many peers each half of a node's window has seen once, twice, and so on, both halves together. */
  histogram(node: number): number[] {
    const first = node * 2 * HISTOGRAM
    const second = first + HISTOGRAM
    return Array.from({ length: MAX_COUNT }, (_, i) => this.histograms[first + 1 + i] + this.histograms[second + 1 + i])
  }

  /** Of the counts of those that were seen. */
  private median(half: number): number {
    const first = half * HISTOGRAM
    let peers = 0

    for (let count = 1; count <= MAX_COUNT; count++) {
      peers += this.histograms[first + count]
    }

    let count = 0

    for (let below = 0; below * 2 < peers; below += this.histograms[first + count]) {
      count++
    }

    return count
  }

  /** The other half is next. */
  private turn(node: number): void {
    this.current[node] = 1 - this.current[node]
    const half = node * 2 + this.current[node]
    this.seen[half] = 0
    this.cells.fill(0, half * CELLS, (half + 1) * CELLS)
    this.histograms.fill(0, half * HISTOGRAM, (half + 1) * HISTOGRAM)
  }

  /** The cell of the peer with this hash, or the empty one where it belongs. A half is never full. */
  private find(half: number, hash: number): number {
    const { cells } = this
    const first = half * CELLS
    const tag = hash >>> TAG_SHIFT
    let at = hash & (CELLS - 1)

    while (cells[first + at] !== 0 && cells[first + at] >>> COUNT_BITS !== tag) {
      at = (at + 1) & (CELLS - 1)
    }

    return first + at
  }
}
