import { ParameterError } from '../gossip/parameters.ts'
import { Coordinates, checkNumbers, decodeNumbers, encodeNumbers, onwards, shareOf } from './coordinates.ts'
import type { Space } from './space.ts'

const NEXT = 0
const PREVIOUS = 1

export const RING_DIRECTIONS = ['next', 'previous'] as const
export type RingDirection = (typeof RING_DIRECTIONS)[number]

/**
 * Positions [x] on a circle of some length, x from 0 to below it: its neighbours are the next peer and the previous one, however
 * far they are.
 *
 * @throws ParameterError unless the length is a number above 0
 */
export function ring(length: number): Space<number[], RingDirection> {
  const size = lengthOf(length)

  return {
    name: `ring ${size}`,
    directions: RING_DIRECTIONS,
    check: position => checkNumbers(position, [size], false),
    distance: ([a], [b]) => Math.min(Math.abs(a - b), size - Math.abs(a - b)),
    encode: encodeNumbers,
    decode: bytes => decodeNumbers(bytes, 1),
    derive: digest => [shareOf(digest, 0) * size],
    places: peers => new RingPlaces(size, peers)
  }
}

/** @throws ParameterError `length` */
export function lengthOf(length: number): number {
  // in JavaScript text would pass, and be put in front of numbers later
  if (!(typeof length === 'number' && length > 0 && length <= Number.MAX_SAFE_INTEGER)) {
    throw new ParameterError('length', `${length} is not a number above 0 and up to 2^53 - 1`)
  }

  return length
}

class RingPlaces extends Coordinates {
  readonly directions = RING_DIRECTIONS.length
  private readonly length: number

  constructor(length: number, peers: number) {
    super(1, peers)
    this.length = length
  }

  distances(from: number, peers: Int32Array, count: number, out: Float64Array): void {
    const { values, length } = this
    const x = values[from]

    for (let i = 0; i < count; i++) {
      const steps = Math.abs(values[peers[i]] - x)
      out[i] = Math.min(steps, length - steps)
    }
  }

  sides(from: number, to: number): number {
    const next = this.next(from, to)
    const previous = this.next(to, from)
    return next === 0 ? 0 : (next <= previous ? 1 << NEXT : 0) | (previous <= next ? 1 << PREVIOUS : 0)
  }

  reach(direction: number, from: number, to: number): number {
    const steps = direction === NEXT ? this.next(from, to) : this.next(to, from)
    return steps === 0 ? Number.POSITIVE_INFINITY : steps
  }

  /** How far it is to the other one for who only goes on. */
  private next(from: number, to: number): number {
    return onwards(this.values[to] - this.values[from], this.length)
  }
}
