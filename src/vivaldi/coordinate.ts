import { MAX_ERROR, MAX_POSITION, MAX_ROUND_TRIP } from './constants.ts'

/** Where a peer is, as latencies go, and how sure it is of that. */
export interface Coordinate {
  /** A point, in milliseconds. */
  readonly position: readonly number[]
  /** What the peer's own access link adds to each of its round trips, in milliseconds. */
  readonly height: number
  /** Relative error of predictions from here, by experience: 0.1 means ten per cent. From 0.02 to 1.5. */
  readonly error: number
}

/** The round-trip time between two peers as their coordinates have it, in milliseconds. */
export function predict(a: Coordinate, b: Coordinate): number {
  return Math.sqrt(a.position.reduce((sum, x, i) => sum + (x - b.position[i]) ** 2, 0)) + a.height + b.height
}

/** Why a sample is not taken. */
export type SampleDefect = 'bad-time' | 'not-finite' | 'out-of-range'

/** Whether a round trip is one: longer than nothing, and up to ten seconds. */
export function isRoundTrip(milliseconds: number): boolean {
  return milliseconds > 0 && milliseconds <= MAX_ROUND_TRIP
}

/**
 * What is wrong with a coordinate that somebody claims, written as its position, its height and its error.
 *
 * @param at - where it begins
 */
export function defectOf(values: Float64Array, at: number, dimensions: number): SampleDefect | undefined {
  const height = values[at + dimensions]
  const error = values[at + dimensions + 1]
  // what is not a number is in no range
  let isInRange = height >= 0 && height <= MAX_ROUND_TRIP && error >= 0 && error <= MAX_ERROR

  for (let i = at; i < at + dimensions; i++) {
    isInRange &&= values[i] >= -MAX_POSITION && values[i] <= MAX_POSITION
  }

  if (isInRange) {
    return undefined
  }

  return values.subarray(at, at + dimensions + 2).every(Number.isFinite) ? 'out-of-range' : 'not-finite'
}
