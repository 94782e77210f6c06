import { Coordinates, checkNumbers, decodeNumbers, encodeNumbers, shareOf } from './coordinates.ts'
import { lengthOf } from './ring.ts'
import type { Space } from './space.ts'

const RIGHT = 0
const LEFT = 1

export const LINE_DIRECTIONS = ['right', 'left'] as const
export type LineDirection = (typeof LINE_DIRECTIONS)[number]

/**
 * Positions [x] on a line of some length, x from 0 to below it: its neighbours are the nearest on either side. The outermost
 * have one only.
 *
 * @throws ParameterError unless the length is a number above 0
 */
export function line(length: number): Space<number[], LineDirection> {
  const size = lengthOf(length)

  return {
    name: `line ${size}`,
    directions: LINE_DIRECTIONS,
    check: position => checkNumbers(position, [size], false),
    distance: ([a], [b]) => Math.abs(a - b),
    encode: encodeNumbers,
    decode: bytes => decodeNumbers(bytes, 1),
    derive: digest => [shareOf(digest, 0) * size],
    places: peers => new LinePlaces(peers)
  }
}

class LinePlaces extends Coordinates {
  readonly directions = LINE_DIRECTIONS.length

  constructor(peers: number) {
    super(1, peers)
  }

  distances(from: number, peers: Int32Array, count: number, out: Float64Array): void {
    const { values } = this
    const x = values[from]

    for (let i = 0; i < count; i++) {
      out[i] = Math.abs(values[peers[i]] - x)
    }
  }

  sides(from: number, to: number): number {
    const { values } = this
    return values[to] === values[from] ? 0 : values[to] > values[from] ? 1 << RIGHT : 1 << LEFT
  }

  reach(direction: number, from: number, to: number): number {
    const right = this.values[to] - this.values[from]
    const steps = direction === LEFT ? -right : right
    return steps > 0 ? steps : Number.POSITIVE_INFINITY
  }
}
