import { Coordinates } from './coordinates.ts'

export const NORTH = 0
export const EAST = 1
export const SOUTH = 2
export const WEST = 3

/**
 * A plane of `width` x `height` points whose edges meet: d = d1 + d2 with di = min(N - |ai - bi|, |ai - bi|). x grows to the
 * east, y to the north.
 *
 * A peer lies in a direction when more steps, or as many, lead that way than across. Whoever goes on in it comes round: where
 * peers are few, one and the same may be the neighbour in two directions.
 */
export class TorusPlaces extends Coordinates {
  readonly directions = 4
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
      out[i] = Math.min(dx, width - dx) + Math.min(dy, height - dy)
    }
  }

  sides(from: number, to: number): number {
    const { values, width, height } = this
    // from the west and from the south, wrapped
    const east = modulo(values[to * 2] - values[from * 2], width)
    const north = modulo(values[to * 2 + 1] - values[from * 2 + 1], height)
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
    const { values, width, height } = this
    const east = modulo(values[to * 2] - values[from * 2], width)
    const north = modulo(values[to * 2 + 1] - values[from * 2 + 1], height)

    switch (direction) {
      case NORTH:
        return stepsAlong(north, Math.min(east, width - east))
      case EAST:
        return stepsAlong(east, Math.min(north, height - north))
      case SOUTH:
        return stepsAlong(north === 0 ? 0 : height - north, Math.min(east, width - east))
      default:
        return stepsAlong(east === 0 ? 0 : width - east, Math.min(north, height - north))
    }
  }
}

function stepsAlong(along: number, across: number): number {
  return along > 0 && along >= across ? along + across : Number.POSITIVE_INFINITY
}

/** From 0 to below n, also for what is negative. */
export function modulo(value: number, n: number): number {
  return ((value % n) + n) % n
}
