import { ParameterError, wholeNumber } from '../gossip/parameters.ts'
import { DEFAULT_LATENCY_DIMENSIONS } from './constants.ts'
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
  return createSpace(`euclidean ${dimensions}`, dimensions, false)
}

/**
 * Network coordinates: points, and behind their numbers a height, which is added to every distance. Distances are milliseconds (see
 * `gossip-peer/vivaldi`), and neighbours the nearest in latency.
 *
 * @param dimensions - without the height. Default: 8
 * @throws ParameterError unless the dimensions are a whole number from 1 to 16
 */
export function latency(dimensions = DEFAULT_LATENCY_DIMENSIONS): Space<number[], never> {
  wholeNumber('dimensions', dimensions, 1, MAX_DIMENSIONS)
  return createSpace(`latency ${dimensions}`, dimensions, true)
}

function createSpace(name: string, dimensions: number, hasHeight: boolean): Space<number[], never> {
  const count = dimensions + (hasHeight ? 1 : 0)

  return {
    name,
    directions: [],
    check: position => checkCoordinates(position, count, hasHeight),
    distance: (a, b) => {
      const square = a.slice(0, dimensions).reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0)
      return Math.sqrt(square) + (hasHeight ? a[dimensions] + b[dimensions] : 0)
    },
    encode: encodeNumbers,
    decode: bytes => decodeNumbers(bytes, count),
    places: peers => new EuclideanPlaces(count, hasHeight, peers)
  }
}

function checkCoordinates(position: number[], count: number, hasHeight: boolean): number[] {
  const fits =
    Array.isArray(position) &&
    position.length === count &&
    Array.from(position).every(value => Number.isFinite(value) && Math.abs(value) <= MAX_COORDINATE) &&
    !(hasHeight && position[count - 1] < 0)

  if (!fits) {
    const wanted = `${count} finite numbers${hasHeight ? ', the last of which is at least 0' : ''}`
    throw new ParameterError('position', `${JSON.stringify(position)} is not ${wanted}`)
  }

  // as on the other spaces: -0 is written as 0
  return position.map(value => value + 0)
}

class EuclideanPlaces extends Coordinates {
  readonly directions = 0
  /** Numbers of a position, and how many of them are of the point. */
  private readonly width: number
  private readonly pointWidth: number

  constructor(width: number, hasHeight: boolean, peers: number) {
    super(width, peers)
    this.width = width
    this.pointWidth = hasHeight ? width - 1 : width
  }

  distances(from: number, peers: Int32Array, count: number, out: Float64Array): void {
    const { values, width, pointWidth } = this
    const first = from * width
    const hasHeight = pointWidth < width

    for (let i = 0; i < count; i++) {
      const other = peers[i] * width
      let sum = 0

      for (let k = 0; k < pointWidth; k++) {
        const difference = values[other + k] - values[first + k]
        sum += difference * difference
      }

      const heights = hasHeight ? values[other + pointWidth] + values[first + pointWidth] : 0
      out[i] = Math.sqrt(sum) + heights
    }
  }

  sides(): number {
    return 0
  }

  reach(): number {
    return Number.POSITIVE_INFINITY
  }
}
