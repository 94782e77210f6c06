import { wholeNumber } from '../gossip/parameters.ts'
import { Coordinates, checkNumbers, decodeNumbers, encodeNumbers, onwards, shareOf } from './coordinates.ts'
import type { Space } from './space.ts'

const NORTH = 0
const EAST = 1
const SOUTH = 2
const WEST = 3

/** The directions of a torus, in their order. */
export const TORUS_DIRECTIONS = ['north', 'east', 'south', 'west'] as const
export type TorusDirection = (typeof TORUS_DIRECTIONS)[number]

/** Smallest and largest width and height. Our choice. */
export const MIN_TORUS_SIDE = 2
export const MAX_TORUS_SIDE = 1_000_000

/**
 * Points [x, y] of a plane of `width` x `height` whose edges meet: d = d1 + d2 with di = min(N - |ai - bi|, |ai - bi|). x grows
 * to the east, y to the north.
 *
 * @throws ParameterError unless width and height are whole numbers from 2 to 1,000,000
 */
export function torus(width: number, height: number): Space<number[], TorusDirection> {
  const sides = [
    wholeNumber('width', width, MIN_TORUS_SIDE, MAX_TORUS_SIDE),
    wholeNumber('height', height, MIN_TORUS_SIDE, MAX_TORUS_SIDE)
  ]

  return {
    name: `torus ${width}x${height}`,
    directions: TORUS_DIRECTIONS,
    check: position => checkNumbers(position, sides, true),
    distance: ([ax, ay], [bx, by]) => shortWay(bx - ax, width) + shortWay(by - ay, height),
    encode: encodeNumbers,
    decode: bytes => decodeNumbers(bytes, 2),
    derive: digest => sides.map((side, i) => Math.floor(shareOf(digest, i) * side)),
    places: peers => new TorusPlaces(width, height, peers)
  }
}

function shortWay(difference: number, length: number): number {
  const steps = Math.abs(difference)
  return Math.min(steps, length - steps)
}

/**
 * A peer lies in a direction when more steps, or as many, lead that way than across. Whoever goes on and on in it comes round:
 * where peers are few, one and the same may be the neighbour in several directions.
 */
class TorusPlaces extends Coordinates {
  readonly directions = TORUS_DIRECTIONS.length
  private readonly width: number
  private readonly height: number

  constructor(width: number, height: number, peers: number) {
    super(2, peers)
    this.width = width
    this.height = height
  }

  distances(from: number, peers: Int32Array, count: number, out: Float64Array): void {
    const { values, width, height } = this
    const x = values[from * 2]
    const y = values[from * 2 + 1]

    for (let i = 0; i < count; i++) {
      const at = peers[i] * 2
      const dx = Math.abs(values[at] - x)
      const dy = Math.abs(values[at + 1] - y)
      // no branches: which way is the shorter one, nobody can predict
      out[i] = Math.min(dx, width - dx) + Math.min(dy, height - dy)
    }
  }

  sides(from: number, to: number): number {
    const { width, height } = this
    const east = this.east(from, to)
    const north = this.north(from, to)
    const west = width - east
    const south = height - north
    const dx = Math.min(east, west)
    const dy = Math.min(north, south)
    let sides = 0

    if (dy > 0 && dy >= dx) {
      sides |= (north === dy ? 1 << NORTH : 0) | (south === dy ? 1 << SOUTH : 0)
    }

    if (dx > 0 && dx >= dy) {
      sides |= (east === dx ? 1 << EAST : 0) | (west === dx ? 1 << WEST : 0)
    }

    return sides
  }

  reach(direction: number, from: number, to: number): number {
    const { width, height } = this
    const east = this.east(from, to)
    const north = this.north(from, to)

    switch (direction) {
      case NORTH:
        return steps(north, Math.min(east, width - east))
      case EAST:
        return steps(east, Math.min(north, height - north))
      case SOUTH:
        return steps(this.north(to, from), Math.min(east, width - east))
      default:
        return steps(this.east(to, from), Math.min(north, height - north))
    }
  }

  /** Steps to the east that lead to the other one's column. */
  private east(from: number, to: number): number {
    return onwards(this.values[to * 2] - this.values[from * 2], this.width)
  }

  /** Steps to the north that lead to its row. */
  private north(from: number, to: number): number {
    return onwards(this.values[to * 2 + 1] - this.values[from * 2 + 1], this.height)
  }
}

function steps(along: number, across: number): number {
  return along > 0 && along >= across ? along + across : Number.POSITIVE_INFINITY
}
