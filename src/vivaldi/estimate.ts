import { ParameterError } from '../gossip/parameters.ts'
import { MIN_ERROR } from './constants.ts'
import { type Coordinate, predict } from './coordinate.ts'
import type { Estimate } from './index.ts'

/** What two coordinates say of the round trip between them. */
export function estimateBetween(a: Coordinate, b: Coordinate): Estimate {
  // nobody is surer than one can be, whatever is claimed
  const [ofA, ofB] = [a, b].map(({ error }) => Math.max(MIN_ERROR, error))
  return { milliseconds: predict(a, b), confidence: Math.max(0, 1 - (ofA + ofB) / 2) }
}

/**
 * A coordinate that an application brings.
 *
 * @throws ParameterError unless distances to it can be told
 */
export function checkCoordinate(coordinate: Coordinate, dimensions: number): Coordinate {
  const { position, height, error } = coordinate
  const fits = Array.isArray(position) && position.length === dimensions

  if (!fits || ![...position, height, error].every(Number.isFinite)) {
    const wanted = `a position of ${dimensions} finite numbers, a height and an error`
    throw new ParameterError('coordinate', `${JSON.stringify(coordinate)} is not ${wanted}`)
  }

  return coordinate
}
