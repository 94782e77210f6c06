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
const ENOUGH_TO_TAKE_MEDIAN = 2.5

/** The mean of a Poisson distribution is so much above its median, for large means: a sixth of its third cumulant over the
 * second (E. A. Cornish, R. A. Fisher, "Moments and cumulants in the specification of distributions", 1938). */
const MEDIAN_CORRECTION = 1 / 6

/**
 * How often each peer was lately seen in the answers to a node's own exchanges, for a population of nodes. How often is
 * in proportion to in-degree.
 *
 * A window of two halves: one is being filled; as it is full, the other one is emptied and filled next. A half is a hash
 * table of 16-bit cells (open addressing), the two cells of an index side by side, so that a look at a peer costs one cache
 * miss and a node 4 KiB.
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

  /** Reads where the peer's count begins to be looked for, so that it is at hand when it is. What it returns means nothing. */
  touch(node: number, hash: number): number {
    return this.cells[node * 2 * CELLS + (hash & (CELLS - 1)) * 2]
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
   * count for much. Where peers are seen time and again, by the medians of both halves; else by how many were seen twice
   * for each that was seen once (of a Poisson distribution half the mean), for which nobody need know how many peers there
   * are. 0 while nobody was seen.
   */
  expected(node: number): number {
    const { seen } = this
    const larger = seen[node * 2] >= seen[node * 2 + 1] ? node * 2 : node * 2 + 1
    const smaller = larger ^ 1
    const median = this.median(larger)

    if (seen[larger] === 0) {
      return 0
    }

    if (median < ENOUGH_TO_TAKE_MEDIAN) {
      return this.size(node) * this.ratioOfRare(larger, smaller)
    }

    const other = this.median(smaller)
    return other < ENOUGH_TO_TAKE_MEDIAN
      ? ((median + MEDIAN_CORRECTION) * this.size(node)) / seen[larger]
      : median + other + 2 * MEDIAN_CORRECTION
  }

  /**
   * How often a peer is to be expected for each sighting: m, where in a half of s sightings 2 x twice / once is m x s. Once
   * is weighed by s, so that it is m for both together however full the second one is.
   */
  private ratioOfRare(larger: number, smaller: number): number {
    const { histograms, seen } = this
    const onceOfHalf = (half: number) => histograms[half * HISTOGRAM + 1] * seen[half]
    const twice = histograms[larger * HISTOGRAM + 2] + histograms[smaller * HISTOGRAM + 2]
    // one of each more: what is not known is not taken for zero
    return (2 * (twice + 1)) / (onceOfHalf(larger) + onceOfHalf(smaller) + seen[larger])
  }

  /** How many peers each half of a node's window has seen once, twice, and so on, both halves together. */
  histogram(node: number): number[] {
    const first = node * 2 * HISTOGRAM
    const second = first + HISTOGRAM
    return Array.from({ length: MAX_COUNT }, (_, i) => this.histograms[first + 1 + i] + this.histograms[second + 1 + i])
  }

  /** Of the counts of those that were seen, as if each count were spread evenly over the half before and after it. */
  private median(half: number): number {
    const { histograms } = this
    const first = half * HISTOGRAM
    let peers = 0

    for (let count = 1; count <= MAX_COUNT; count++) {
      peers += histograms[first + count]
    }

    let count = 1
    let below = 0

    while ((below + histograms[first + count]) * 2 < peers) {
      below += histograms[first + count++]
    }

    return peers === 0 ? 0 : count - 1 / 2 + (peers / 2 - below) / histograms[first + count]
  }

  /** The other half is next. */
  private turn(node: number): void {
    this.current[node] = 1 - this.current[node]
    const half = node * 2 + this.current[node]
    this.seen[half] = 0
    const first = firstCell(half)

    for (let at = 0; at < 2 * CELLS; at += 2) {
      this.cells[first + at] = 0
    }

    this.histograms.fill(0, half * HISTOGRAM, (half + 1) * HISTOGRAM)
  }

  /** The cell of the peer with this hash, or the empty one where it belongs. A half is never full. */
  private find(half: number, hash: number): number {
    const { cells } = this
    const first = firstCell(half)
    const tag = hash >>> TAG_SHIFT
    let at = (hash & (CELLS - 1)) * 2

    while (cells[first + at] !== 0 && cells[first + at] >>> COUNT_BITS !== tag) {
      at = (at + 2) & (2 * CELLS - 1)
    }

    return first + at
  }
}

/** Where the cells of a half begin; they are every second one from there on. */
function firstCell(half: number): number {
  const which = half & 1
  return (half - which) * CELLS + which
}
