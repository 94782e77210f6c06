import { ParameterError, wholeNumber } from '../gossip/parameters.ts'
import { Coordinates, decodeNumbers, encodeNumbers } from './coordinates.ts'
import type { Space } from './space.ts'

/** Most dimensions. Their numbers must fit in a profile. */
export const MAX_DIMENSIONS = 16

/** Largest coordinate either way: the square of a distance stays finite. */
const MAX_COORDINATE = 1e150

/**
 * Positions of some numbers, at the distance that a ruler tells. It has no shape: neighbours are the nearest.
 *
 * @throws ParameterError unless the dimensions are a whole number from 1 to 16
 */
export function euclidean(dimensions: number): Space<number[], never> {
  wholeNumber('dimensions', dimensions, 1, MAX_DIMENSIONS)

  return {
    name: `euclidean ${dimensions}`,
    directions: [],
    check: position => checkCoordinates(position, dimensions),
    distance: (a, b) => Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0)),
    encode: encodeNumbers,
    decode: bytes => decodeNumbers(bytes, dimensions),
    places: peers => new EuclideanPlaces(dimensions, peers)
  }
}

function checkCoordinates(position: number[], dimensions: number): number[] {
  const fits =
    Array.isArray(position) &&
    position.length === dimensions &&
    Array.from(position).every(value => Number.isFinite(value) && Math.abs(value) <= MAX_COORDINATE)

  if (!fits) {
    throw new ParameterError('position', `${JSON.stringify(position)} is not ${dimensions} finite numbers`)
  }

  // as on the other spaces: -0 is written as 0
  return position.map(value => value + 0)
}

class EuclideanPlaces extends Coordinates {
  readonly directions = 0
  private readonly width: number

  constructor(dimensions: number, peers: number) {
    super(dimensions, peers)
    this.width = dimensions
  }

  distances(from: number, peers: Int32Array, count: number, out: Float64Array): void {
    const { values, width } = this
    const first = from * width

    for (let i = 0; i < count; i++) {
      const other = peers[i] * width
      let sum = 0

      for (let k = 0; k < width; k++) {
        const difference = values[other + k] - values[first + k]
        sum += difference * difference
      }

      out[i] = Math.sqrt(sum)
    }
  }

  sides(): number {
    return 0
  }

  reach(): number {
    return Number.POSITIVE_INFINITY
  }
}
