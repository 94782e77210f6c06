import type { Axis } from './figure.ts'
import { roundLogRange } from './log-ticks.ts'

/**
 * Numbers beyond this are taken for infinite, and on a linear axis those below its inverse for zero: what is left of a
 * number's range lets sums, differences and ratios of the numbers of an axis stay finite.
 */
const LIMIT = 1e100

/** Values whose difference is less than this part of them are one value. */
const EQUAL = 1e-9

/** What an axis spans. */
export type Range = [low: number, high: number]

/** Whether a value has a place on the axis. */
export function hasPlace(value: number, axis: Axis): boolean {
  return Math.abs(value) <= LIMIT && (axis.scale !== 'log' || value >= 1 / LIMIT)
}

/** Both made as wide as the wider one, around their middles. */
export function equalRanges(x: Range, y: Range): [x: Range, y: Range] {
  const half = Math.max(x[1] - x[0], y[1] - y[0]) / 2
  const around = ([low, high]: Range): Range => [(low + high) / 2 - half, (low + high) / 2 + half]
  return [around(x), around(y)]
}

/**
 * What the axis spans to show the values, all of which have a place on it.
 *
 * @param far - a linear axis takes in zero, unless the value nearest to it is more than this part of the farthest
 */
export function range(values: number[], axis: Axis, far: number): Range {
  let low = Infinity
  let high = -Infinity

  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }

  if (low > high) {
    return axis.scale === 'log' ? [1, 10] : [0, 1]
  }

  const largest = Math.max(Math.abs(low), Math.abs(high))
  const equal = high - low <= EQUAL * largest

  if (axis.scale === 'log') {
    return equal ? roundLogRange(low / 2, high * 2) : roundLogRange(low, high)
  }

  if (largest < 1 / LIMIT) {
    return [0, 1]
  }

  if (equal) {
    return [Math.min(0, 2 * low), Math.max(0, 2 * high)]
  }

  return [low > 0 && low <= far * high ? 0 : low, high < 0 && high >= far * low ? 0 : high]
}
