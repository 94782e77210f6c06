import { fitSimplex } from 'dfoptim'

/** A known point, and the measured round trip between it and the point that is sought. */
export interface Fix {
  readonly point: readonly number[]
  /** Milliseconds, greater than zero. */
  readonly roundTrip: number
}

/** A point, and the sum of its squared relative errors: ((measured - distance) / measured)^2. */
export interface Fit {
  readonly point: number[]
  readonly cost: number
}

/** Edge of the first simplex, as a share of the mean round trip: wide enough to step out of a small dip. */
const FIRST_EDGE = 0.5

/** Edge in the same measure, and change of the cost, at which a simplex has converged. */
const TOLERANCE = 1e-4

/** Most steps of a simplex, for each dimension. */
const STEPS_PER_DIMENSION = 100

/**
 * Goes from a start to where the sum of squared relative errors is least nearby, with the simplex of J. A. Nelder and R. Mead
 * (The Computer Journal, 1965). The result is never worse than the start.
 *
 * @param fixes - at least one
 */
export function multilaterate(start: readonly number[], fixes: readonly Fix[]): Fit {
  // in shares of the mean round trip from the start, so that neither a unit nor a place is special
  const unit = fixes.reduce((sum, { roundTrip }) => sum + roundTrip, 0) / fixes.length
  const origin = start.map(() => 0)

  const cost = (moves: number[]) => {
    let total = 0

    for (const { point, roundTrip } of fixes) {
      let square = 0

      for (let i = 0; i < moves.length; i++) {
        const difference = start[i] + moves[i] * unit - point[i]
        square += difference * difference
      }

      const error = (roundTrip - Math.sqrt(square)) / roundTrip
      total += error * error
    }

    return total
  }

  const best = fitSimplex(cost, origin, { deltaZero: FIRST_EDGE, tolerance: TOLERANCE }, STEPS_PER_DIMENSION)
  return { point: start.map((x, i) => x + best.location[i] * unit), cost: best.value }
}
