/** The code of an axis that an event lacks. Those of values lie above, and bounds of filters that name an axis too. */
export const ABSENT = 1
export const FIRST_CODE = 2

/** Bounds that every code is strictly between: those of a filter that does not name the axis. */
export const LOWEST_CODE = 0
export const HIGHEST_CODE = 127

/** Points that part an axis: codes have seven bits, and the last one must stay below the highest. */
export const MAX_POINTS = HIGHEST_CODE - FIRST_CODE - 1

/** Ends of filters that points are chosen from. */
const SAMPLE = 4_096

/**
 * One axis of an index: cut at up to 124 points, so that a number has a code of seven bits. Of two numbers the greater one never has
 * the lower code; numbers of different codes are in the same order as these.
 */
export class IndexAxis {
  /** Filters that name the axis, and how many did when it was last cut. */
  filters = 0
  filtersWhenCut = 0
  /** The present event's number on the axis and its code, if `turn` is that of the event. */
  value = 0
  code = ABSENT
  turn = 0
  private readonly points: Float64Array

  /** @param ends - ends of filters, in no order */
  constructor(ends: readonly number[]) {
    this.points = cut(ends)
  }

  /** Codes that numbers may have. */
  get codes(): number {
    return this.points.length + 1
  }

  codeOf(value: number): number {
    const { points } = this
    let low = 0
    let high = points.length

    while (low < high) {
      const middle = (low + high) >> 1

      if (points[middle] <= value) {
        low = middle + 1
      } else {
        high = middle
      }
    }

    return FIRST_CODE + low
  }

  /** Says where the event of this turn lies. */
  place(value: number, turn: number): void {
    this.value = value
    this.code = this.codeOf(value)
    this.turn = turn
  }
}

/** Points with about as many ends between any two of them. */
function cut(ends: readonly number[]): Float64Array {
  const finite = ends.filter(Number.isFinite)
  // odd, since low and high ends take turns
  const step = Math.ceil(finite.length / SAMPLE) | 1
  const sample = Float64Array.from({ length: Math.ceil(finite.length / step) }, (_, i) => finite[i * step]).sort()
  const values = sample.filter((value, i) => i === 0 || value !== sample[i - 1])

  if (values.length <= MAX_POINTS) {
    return values
  }

  const points = Float64Array.from(
    { length: MAX_POINTS },
    (_, i) => sample[Math.floor(((i + 0.5) * sample.length) / MAX_POINTS)]
  )
  return points.filter((value, i) => i === 0 || value !== points[i - 1])
}
