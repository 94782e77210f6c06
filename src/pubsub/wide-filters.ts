import { FIRST_CODE, type IndexAxis, MAX_POINTS } from './index-axis.ts'
import { nextUp } from './ordering.ts'
import { Thresholds } from './thresholds.ts'

/** Rows of a lane: who holds at the start of each cell and at the end of the last one, without a value, and at a value. */
const CELLS = MAX_POINTS + 1
const ABSENT_ROW = CELLS + 1
const PRESENT_ROW = CELLS + 2
const ROWS = CELLS + 3

/** Axes of one set of filters. */
const LANES = 8

/** Lanes that are looked at together. */
const FIRST_LANES = 4

/** Bounds of a filter in one lane; ends are closed. */
export interface LaneBounds {
  lane: number
  axis: IndexAxis
  low: number
  high: number
}

/** A bit that is in no use, and the lane in which it is nowhere one. */
interface FreeBit {
  bit: number
  lane: number
}

/**
 * Filters without a narrow range, a bit each. For each lane there is a row of bits for the start of each cell of its axis, with a one for
 * who holds there or does not name the axis; from there to an event's value, or back from the start of the next cell, the bits of those
 * few turn around that begin or end to hold in between. So a row is exact, and the filters that match are those that have a one in all.
 */
export class WideFilters {
  /** Axes that have lanes. */
  private readonly axes: IndexAxis[] = []
  /** The last event that was looked for. */
  private turn = 0
  /** Words of a row. */
  private stride = 1
  private rows = new Int32Array(0)
  /** By lane and cell, where there are any. */
  private readonly thresholds: (Thresholds | undefined)[] = []
  /** What each bit stands for. */
  private references = new Int32Array(32)
  private readonly free: FreeBit[] = []
  private used = 0

  /** The lane of an axis, which is given one if there is any left, or -1. */
  lane(axis: IndexAxis): number {
    const lane = this.axes.indexOf(axis)

    if (lane !== -1 || this.axes.length === LANES) {
      return lane
    }

    this.axes.push(axis)
    this.arrange(this.stride)
    return this.axes.length - 1
  }

  /**
   * @param reference - what it is found by, not negative if it is to be sure
   * @param bounds - in at least one lane
   * @returns its bit
   */
  add(reference: number, bounds: readonly LaneBounds[]): number {
    const free = this.free.pop()
    const bit = free?.bit ?? this.used++

    if (free !== undefined) {
      this.fill(free.lane, bit, 0, PRESENT_ROW, true)
    }

    if (bit >> 5 >= this.stride) {
      this.arrange(Math.ceil(1.5 * this.stride))
    }

    this.references[bit] = reference

    for (const bound of bounds) {
      const { first, end } = this.span(bound)
      this.fill(bound.lane, bit, 0, first, false)
      this.fill(bound.lane, bit, end, PRESENT_ROW, false)
      this.eachThreshold(bound, (thresholds, value) => thresholds.add(value, bit))
    }

    return bit
  }

  /** @param bounds - those that it was added with */
  remove(bit: number, bounds: readonly LaneBounds[]): void {
    const { lane } = bounds[0]

    for (const bound of bounds) {
      const { first, end } = this.span(bound)

      if (bound.lane === lane) {
        this.fill(lane, bit, first, end, false)
      } else {
        this.fill(bound.lane, bit, 0, first, true)
        this.fill(bound.lane, bit, end, PRESENT_ROW, true)
      }

      this.eachThreshold(bound, (thresholds, value) => thresholds.remove(value, bit))
    }

    this.free.push({ bit, lane })
  }

  /**
   * Finds who holds the event of a turn, unless that was done; see `Entries.find`. What is referred to by a negative number is not sure.
   */
  find(turn: number, sure: Int32Array, unsure: Int32Array, counts: Int32Array): void {
    if (this.turn === turn || this.used === this.free.length) {
      return
    }

    this.turn = turn
    const { axes, references, rows } = this
    const lanes = axes.length
    const row0 = this.face(0, turn)
    // a row again changes nothing
    const start = (lane: number) => (lane < lanes ? this.face(lane, turn) : row0)
    const row1 = start(1)
    const row2 = start(2)
    const row3 = start(3)
    const row4 = start(4)
    const row5 = start(5)
    const row6 = start(6)
    const row7 = start(7)
    const words = (this.used + 31) >> 5
    let sureCount = counts[0]
    let unsureCount = counts[1]

    for (let i = 0; i < words; i++) {
      let bits = rows[row0 + i] & rows[row1 + i] & rows[row2 + i] & rows[row3 + i]

      if (bits !== 0 && lanes > FIRST_LANES) {
        bits &= rows[row4 + i] & rows[row5 + i] & rows[row6 + i] & rows[row7 + i]
      }

      if (i === words - 1) {
        // what is beyond the last one is a one everywhere
        bits &= -1 >>> (32 * words - this.used)
      }

      while (bits !== 0) {
        const reference = references[(i << 5) + 31 - Math.clz32(bits & -bits)]
        bits &= bits - 1

        if (reference >= 0) {
          sure[sureCount++] = reference
        } else {
          unsure[unsureCount++] = reference
        }
      }
    }

    counts[0] = sureCount
    counts[1] = unsureCount
  }

  /** Where the row of a lane begins that is right for the event. */
  private face(lane: number, turn: number): number {
    const axis = this.axes[lane]

    if (axis.turn !== turn) {
      return this.rowStart(lane, ABSENT_ROW)
    }

    const { rows, stride } = this
    const cell = axis.code - FIRST_CODE
    const thresholds = this.thresholds[lane * CELLS + cell]

    if (thresholds === undefined || thresholds.size === 0) {
      return this.rowStart(lane, cell)
    }

    const passed = thresholds.countUpTo(axis.value)
    const present = this.rowStart(lane, PRESENT_ROW)
    const back = 2 * passed > thresholds.size
    const from = this.rowStart(lane, back ? cell + 1 : cell)
    rows.copyWithin(present, from, from + stride)
    thresholds.flip(back ? passed : 0, back ? thresholds.size : passed, rows, present)
    return present
  }

  /** The first row of cells at whose start a filter holds, and the one after the last. */
  private span({ axis, low, high }: LaneBounds): { first: number; end: number } {
    return {
      first: low === -Infinity ? 0 : axis.codeOf(low) - FIRST_CODE + 1,
      end: high === Infinity ? ABSENT_ROW : axis.codeOf(nextUp(high)) - FIRST_CODE + 1
    }
  }

  private eachThreshold(bound: LaneBounds, visit: (thresholds: Thresholds, value: number) => void): void {
    const ends = [
      ...(bound.low === -Infinity ? [] : [bound.low]),
      ...(bound.high === Infinity ? [] : [nextUp(bound.high)])
    ]

    for (const value of ends) {
      const at = bound.lane * CELLS + bound.axis.codeOf(value) - FIRST_CODE
      this.thresholds[at] ??= new Thresholds()
      visit(this.thresholds[at], value)
    }
  }

  private rowStart(lane: number, row: number): number {
    return (lane * ROWS + row) * this.stride
  }

  /** Sets a bit in some rows of a lane. */
  private fill(lane: number, bit: number, first: number, end: number, holds: boolean): void {
    const { rows, stride } = this
    const mask = 1 << (bit & 31)
    let word = this.rowStart(lane, first) + (bit >> 5)

    for (let row = first; row < end; row++) {
      rows[word] = holds ? rows[word] | mask : rows[word] & ~mask
      word += stride
    }
  }

  /** Makes room for all lanes, and rows of so many words. What is new is named by nobody. */
  private arrange(stride: number): void {
    const rows = new Int32Array(this.axes.length * ROWS * stride).fill(-1)

    for (let row = 0; (row + 1) * this.stride <= this.rows.length; row++) {
      rows.set(this.rows.subarray(row * this.stride, (row + 1) * this.stride), row * stride)
    }

    const references = new Int32Array(stride * 32)
    references.set(this.references)
    this.references = references
    this.rows = rows
    this.stride = stride
  }
}
