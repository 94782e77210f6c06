import { ParameterError, wholeNumber } from '../gossip/parameters.ts'
import type { Random } from '../gossip/random.ts'
import { DEFAULT_DIMENSIONS, MAX_DIMENSIONS, MAX_ERROR, MAX_POSITION, MIN_ERROR } from './constants.ts'
import { type Coordinate, defectOf, isRoundTrip, predict } from './coordinate.ts'
import { type Fit, type Fix, multilaterate } from './multilateration.ts'
import { checkEnough, checkRow, isMissing, type MaybeRoundTrip, symmetric } from './round-trips.ts'

/** Most landmarks. To place so many in 16 dimensions takes ten seconds, 15 in 8 dimensions less than half a second. */
export const MAX_LANDMARKS = 32

/** Random arrangements that the landmarks are placed from, times dimensions: the best that comes of them counts. The fewer the
 * dimensions, the less room there is for a landmark to pass by others, and the quicker an arrangement is tried. */
const ARRANGEMENTS = 32

/** Places elsewhere that each landmark tries in each sweep, times dimensions: it may be caught between others. */
const HOPS = 8

/** Sweeps go on until one gains less than this share, and no longer than so many. */
const LEAST_GAIN = 0.01
const MAX_SWEEPS = 30

/** Searches for a node, times dimensions; from how many of the nearest landmarks they start; and most simplices of each, one where
 * the last one ended. */
const NODE_STARTS = 24
const NEAREST = 3
const NODE_SIMPLICES = 3

export interface NodeOptions {
  /** Draws where searches start: the same seed gives the same positions. */
  random: Random
}

export interface LandmarkOptions extends NodeOptions {
  /** Dimensions of the space, from 1 to 16. Default: 8. */
  dimensions?: number
}

/**
 * Places landmarks by the round trips between them, so that the sum of squared relative errors is small:
 * ((measured - predicted) / measured)^2 over all pairs that were measured. They have no heights, and their centre is the origin.
 *
 * A simplex does not find its way in the space of all positions together (15 landmarks in 7 dimensions are 105 numbers), so
 * that landmarks move one after the other, in sweeps. How groups lie to each other between which nothing was measured is chance. In a
 * single dimension landmarks may still get caught between others: use two at least.
 *
 * Source: T. S. E. Ng, H. Zhang, "Predicting Internet network distance with coordinates-based approaches" (GNP), INFOCOM 2002.
 *
 * @param roundTrips - entry [a][b] is what landmark a measured to b, in milliseconds, greater than 0 and up to 10,000. Where a and b
 *   measured each other the shorter counts, so that half of the matrix will do. The diagonal has no meaning. Up to 32 landmarks
 * @returns their coordinates; the error of each is its mean relative error to the others, from 0.02 to 1.5
 * @throws ParameterError if an entry is out of range, or a landmark has fewer than dimensions + 1 round trips: more than one
 *   point would fit
 */
export function placeLandmarks(
  roundTrips: readonly ArrayLike<MaybeRoundTrip>[],
  { dimensions = DEFAULT_DIMENSIONS, random }: LandmarkOptions
): Coordinate[] {
  wholeNumber('dimensions', dimensions, 1, MAX_DIMENSIONS)
  checkCount(roundTrips.length)
  const pairs = symmetric(roundTrips)

  for (const [landmark, row] of pairs.entries()) {
    checkEnough(row, dimensions, `landmark ${landmark}`)
  }

  const starts = Math.ceil(ARRANGEMENTS / dimensions)
  const best = Array.from({ length: starts }, () => arrange(pairs, dimensions, random)).reduce(better)
  const points = centred(best.points).map(withinBounds)
  return points.map((point, i) => coordinate(point, fixes(points, pairs[i])))
}

/**
 * Places a node by its round trips to landmarks, or to some of them, likewise.
 *
 * @param landmarks - coordinates of {@link placeLandmarks}
 * @param roundTrips - entry [a] is what the node measured to landmark a, in milliseconds, greater than 0 and up to 10,000
 * @returns its coordinate; the error is its mean relative error to the landmarks, from 0.02 to 1.5
 * @throws ParameterError if an entry is out of range, if there are fewer than dimensions + 1, or a landmark is none
 */
export function placeByLandmarks(
  landmarks: readonly Coordinate[],
  roundTrips: ArrayLike<MaybeRoundTrip>,
  { random }: NodeOptions
): Coordinate {
  checkLandmarks(landmarks)
  checkRow(roundTrips, landmarks.length, 'the node')
  const points = landmarks.map(({ position }) => position)
  const dimensions = points[0].length
  checkEnough(roundTrips, dimensions, 'the node')
  const known = fixes(points, roundTrips)
  const nearest = known.toSorted((a, b) => a.roundTrip - b.roundTrip).slice(0, NEAREST)
  const fits = Array.from({ length: Math.ceil(NODE_STARTS / dimensions) }, (_, i) => {
    const { point, roundTrip } = nearest[i % nearest.length]
    return multilaterateAgain(near(point, roundTrip, random), known)
  })
  return coordinate(withinBounds(fits.reduce(better).point), known)
}

/** Somewhere about a point. */
function near(point: readonly number[], roundTrip: number, random: Random): number[] {
  return point.map(x => x + (random.fraction() - 0.5) * 2 * roundTrip)
}

function better<T extends { readonly cost: number }>(a: T, b: T): T {
  return b.cost < a.cost ? b : a
}

interface Arrangement {
  readonly points: number[][]
  /** Of every pair twice. */
  readonly cost: number
}

/** Places the landmarks anywhere, and then each again and again where it fits the others best. */
function arrange(pairs: readonly Float64Array[], dimensions: number, random: Random): Arrangement {
  const measured = pairs.flatMap(row => [...row.filter(isRoundTrip)])
  const typical = measured.reduce((sum, roundTrip) => sum + roundTrip, 0) / measured.length
  const points = pairs.map(() => Array.from({ length: dimensions }, () => (random.fraction() - 0.5) * typical))
  const hops = Math.ceil(HOPS / dimensions)
  let cost = Number.POSITIVE_INFINITY

  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    const before = cost
    cost = 0

    for (let i = 0; i < points.length; i++) {
      const known = fixes(points, pairs[i])
      let fit = multilaterate(points[i], known)

      for (let hop = 0; hop < hops; hop++) {
        const { point, roundTrip } = known[random.below(known.length)]
        fit = better(fit, multilaterate(near(point, roundTrip, random), known))
      }

      points[i] = fit.point
      cost += fit.cost
    }

    // nor is it a gain when both are infinite, as round trips of next to nothing make them
    if (!(cost < before * (1 - LEAST_GAIN))) {
      break
    }
  }

  return { points, cost }
}

/** A simplex that has become flat converges where there is no minimum: a new one goes on. */
function multilaterateAgain(start: readonly number[], known: readonly Fix[]): Fit {
  let fit = multilaterate(start, known)

  for (let i = 1; i < NODE_SIMPLICES; i++) {
    const before = fit.cost
    fit = multilaterate(fit.point, known)

    if (!(fit.cost < before * (1 - LEAST_GAIN))) {
      break
    }
  }

  return fit
}

/** The points that there is a round trip to. */
function fixes(points: readonly (readonly number[])[], roundTrips: ArrayLike<MaybeRoundTrip>): Fix[] {
  return points.flatMap((point, i) => {
    const roundTrip = roundTrips[i]
    return isMissing(roundTrip) ? [] : [{ point, roundTrip }]
  })
}

function coordinate(position: readonly number[], known: readonly Fix[]): Coordinate {
  const bare = { position, height: 0, error: 0 }
  const errors = known.map(({ point, roundTrip }) => {
    const predicted = predict(bare, { position: point, height: 0, error: 0 })
    return Math.abs(predicted - roundTrip) / roundTrip
  })
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
  return { ...bare, error: Math.max(MIN_ERROR, Math.min(MAX_ERROR, mean)) }
}

function centred(points: readonly number[][]): number[][] {
  const centre = points[0].map((_, i) => points.reduce((sum, point) => sum + point[i], 0) / points.length)
  return points.map(point => point.map((x, i) => x - centre[i]))
}

/** Others refuse what is farther out. */
function withinBounds(point: readonly number[]): number[] {
  return point.map(x => Math.max(-MAX_POSITION, Math.min(MAX_POSITION, x)))
}

function checkCount(landmarks: number): void {
  if (landmarks === 0 || landmarks > MAX_LANDMARKS) {
    throw new ParameterError('landmarks', `${landmarks}, but there must be 1 to ${MAX_LANDMARKS}`)
  }
}

function checkLandmarks(landmarks: readonly Coordinate[]): void {
  checkCount(landmarks.length)
  const dimensions = wholeNumber('dimensions', landmarks[0].position.length, 1, MAX_DIMENSIONS)

  for (const [i, { position, height, error }] of landmarks.entries()) {
    if (position.length !== dimensions) {
      throw new ParameterError('landmarks', `${i} has ${position.length} dimensions, but 0 has ${dimensions}`)
    }

    const defect = defectOf(Float64Array.of(...position, height, error), 0, dimensions)

    if (defect != null || height !== 0) {
      throw new ParameterError('landmarks', `${i} is ${defect ?? 'not a landmark: it has a height'}`)
    }
  }
}
