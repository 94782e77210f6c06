import { ParameterError } from '../gossip/parameters.ts'
import { MAX_ROUND_TRIP } from './constants.ts'
import { isRoundTrip } from './coordinate.ts'

/** A round trip in milliseconds; undefined or NaN where there is none. */
export type MaybeRoundTrip = number | undefined

/** The checked matrix, with the shorter of both directions, and NaN where there is neither and on the diagonal. */
export function symmetric(roundTrips: readonly ArrayLike<MaybeRoundTrip>[]): Float64Array[] {
  const count = roundTrips.length
  const pairs = roundTrips.map(() => new Float64Array(count).fill(Number.NaN))

  for (const [a, row] of roundTrips.entries()) {
    checkRow(row, count, `landmark ${a}`, a)

    for (let b = 0; b < row.length; b++) {
      const there = row[b]

      if (a !== b && !isMissing(there)) {
        const known = pairs[a][b]
        pairs[a][b] = pairs[b][a] = Number.isNaN(known) ? there : Math.min(known, there)
      }
    }
  }

  return pairs
}

/** Whether there was no measurement. */
export function isMissing(roundTrip: MaybeRoundTrip): roundTrip is undefined {
  return roundTrip === undefined || Number.isNaN(roundTrip)
}

/**
 * @param self - which entry has no meaning
 * @throws ParameterError unless there are no more round trips than landmarks, and each is one or missing
 */
export function checkRow(row: ArrayLike<MaybeRoundTrip>, landmarks: number, who: string, self = -1): void {
  if (row.length > landmarks) {
    throw new ParameterError('roundTrips', `${who} has ${row.length}, but there are ${landmarks} landmarks`)
  }

  for (let i = 0; i < row.length; i++) {
    const roundTrip = row[i]

    if (i !== self && !isMissing(roundTrip) && !isRoundTrip(roundTrip)) {
      throw new ParameterError('roundTrips', `${who} to ${i}: ${roundTrip} is not above 0 and up to ${MAX_ROUND_TRIP}`)
    }
  }
}

/** @throws ParameterError unless a point of so many dimensions is the only one that fits */
export function checkEnough(row: ArrayLike<MaybeRoundTrip>, dimensions: number, who: string): void {
  const count = Array.from(row).filter(roundTrip => !isMissing(roundTrip)).length

  if (count <= dimensions) {
    throw new ParameterError('roundTrips', `${who} has ${count}, but ${dimensions} dimensions need ${dimensions + 1}`)
  }
}
