import { LEAD, MAX_LEAD } from './axes.ts'
import type { Box } from './boxes.ts'
import { nextDown, nextUp } from './ordering.ts'

/**
 * The boxes of one subscription on numbered axes, in typed arrays: what is compared a thousand times in an exchange. Ends are closed: an open
 * one is moved to the next double.
 */
export class Region {
  /** Where each box begins among the intervals, and after the last one where it ends. */
  readonly starts: Uint32Array
  /** Of each interval. Within a box in ascending order. */
  readonly axes: Uint16Array
  readonly lows: Float64Array
  readonly highs: Float64Array
  /** The same ends where distances are told, see {@link toScale}. */
  readonly scaledLows: Float64Array
  readonly scaledHighs: Float64Array

  /** @param numberOf - the number of an axis, or -1 for one that is not told apart: it does not matter to the region then */
  constructor(boxes: readonly Box[], numberOf: (axis: string) => number) {
    const numbered = boxes.map(box =>
      [...box]
        .map(([axis, interval]) => ({ axis, number: numberOf(axis), interval }))
        .filter(({ number }) => number !== -1)
        .sort((a, b) => a.number - b.number)
    )
    const parts = numbered.flat()
    this.starts = new Uint32Array(boxes.length + 1)
    this.axes = Uint16Array.from(parts, ({ number }) => number)
    this.lows = Float64Array.from(parts, ({ interval: { low, lowOpen } }) => (lowOpen ? inside(low, nextUp) : low))
    this.highs = Float64Array.from(parts, ({ interval: { high, highOpen } }) =>
      highOpen ? inside(high, nextDown) : high
    )
    this.scaledLows = Float64Array.from(this.lows, (low, i) => toScale(parts[i].axis, low))
    this.scaledHighs = Float64Array.from(this.highs, (high, i) => toScale(parts[i].axis, high))

    for (const [i, box] of numbered.entries()) {
      this.starts[i + 1] = this.starts[i] + box.length
    }
  }

  /** How many boxes: at least one. */
  get size(): number {
    return this.starts.length - 1
  }

  /** Whether the point that begins at an index holds; NaN where it has nothing on an axis. */
  holds(points: Float64Array, at: number): boolean {
    const { starts, axes, lows, highs } = this
    const boxes = starts.length - 1

    for (let box = 0; box < boxes; box++) {
      const end = starts[box + 1]
      let i = starts[box]

      while (i < end) {
        const value = points[at + axes[i]]

        if (!(value >= lows[i] && value <= highs[i])) {
          break
        }

        i++
      }

      if (i === end) {
        return true
      }
    }

    return false
  }

  /** Whether there is a point that both hold. */
  overlaps(other: Region): boolean {
    if (this.size === 1 && other.size === 1) {
      return this.meets(0, other, 0)
    }

    for (let box = 0; box < this.size; box++) {
      for (let theirs = 0; theirs < other.size; theirs++) {
        if (this.meets(box, other, theirs)) {
          return true
        }
      }
    }

    return false
  }

  private meets(box: number, other: Region, theirs: number): boolean {
    const { axes, lows, highs } = this
    let j = other.starts[theirs]
    const end = other.starts[theirs + 1]

    for (let i = this.starts[box]; i < this.starts[box + 1]; i++) {
      while (j < end && other.axes[j] < axes[i]) {
        j++
      }

      if (j < end && other.axes[j] === axes[i] && !(lows[i] <= other.highs[j] && other.lows[j] <= highs[i])) {
        return false
      }
    }

    return true
  }

  /**
   * How far the nearest box is from a point, squared: 0 if and only if it holds it. An axis that the point lacks counts as {@link ABSENT}.
   *
   * @param scaled - the same point where distances are told, see {@link toScale}: too coarse to tell whether an open end is met
   */
  distance(point: Float64Array, scaled: Float64Array): number {
    const { starts, axes, lows, highs, scaledLows, scaledHighs } = this
    let least = Number.POSITIVE_INFINITY

    for (let box = 0; box < starts.length - 1; box++) {
      let sum = 0

      for (let i = starts[box]; i < starts[box + 1]; i++) {
        const value = point[axes[i]]

        if (value < lows[i]) {
          sum += Math.max(LEAST_GAP, scaledLows[i] - scaled[axes[i]]) ** 2
        } else if (value > highs[i]) {
          sum += Math.max(LEAST_GAP, scaled[axes[i]] - scaledHighs[i]) ** 2
        } else if (!(value >= lows[i])) {
          sum += ABSENT
        }
      }

      least = Math.min(least, sum)
    }

    return least
  }

  /** How far apart the nearest two boxes are, squared: 0 where they overlap. */
  separation(other: Region): number {
    let least = Number.POSITIVE_INFINITY

    for (let box = 0; box < this.size; box++) {
      for (let theirs = 0; theirs < other.size; theirs++) {
        least = Math.min(least, this.gap(box, other, theirs))
      }
    }

    return least
  }

  private gap(box: number, other: Region, theirs: number): number {
    const { axes, scaledLows, scaledHighs } = this
    const end = other.starts[theirs + 1]
    let j = other.starts[theirs]
    let sum = 0

    for (let i = this.starts[box]; i < this.starts[box + 1]; i++) {
      while (j < end && other.axes[j] < axes[i]) {
        j++
      }

      if (j < end && other.axes[j] === axes[i]) {
        const gap = Math.max(0, other.scaledLows[j] - scaledHighs[i], scaledLows[i] - other.scaledHighs[j])
        sum += gap * gap
      }
    }

    return sum
  }
}

/** How far off whoever asks for an attribute is from an event that does not have it, squared. Our choice: farther than any value of a usual range. */
export const ABSENT = 1_000

/** How far apart numbers are that the scale does not tell apart. */
const LEAST_GAP = Number.EPSILON

/**
 * Where a place on an axis is when distances are told: attributes may be shares or billions, and none is to count alone. Numbers lie at their
 * inverse hyperbolic sine: where they are near 0, and at their logarithm beyond. The first six bytes of strings lie within 64, the next ones within an
 * eighth of that, and so on.
 */
export function toScale(axis: string, place: number): number {
  const [, digits] = /:(?:text|reversed)(\d*)$/.exec(axis) ?? []
  return digits === undefined ? Math.asinh(place) : (place / MAX_LEAD) * 8 ** (2 - Number(digits) / LEAD)
}

/** The nearest number within an open end. An infinite one stays what it is: no value is there. */
function inside(end: number, next: (end: number) => number): number {
  return Number.isFinite(end) ? next(end) : end
}
