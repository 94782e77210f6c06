import { ParameterError } from '../gossip/parameters.ts'
import type { Places } from './places.ts'

/** Peers that there is room for at least. */
const LEAST_ROOM = 64

const BYTES = 8

/** Positions that are a few numbers each, in one array that grows as higher peer numbers come. */
export abstract class Coordinates implements Places<number[]> {
  abstract readonly directions: number
  protected values: Float64Array
  private readonly dimensions: number
  /** What {@link distance} asks of {@link distances}. */
  private readonly one = new Int32Array(1)
  private readonly itsDistance = new Float64Array(1)

  constructor(dimensions: number, peers: number) {
    this.dimensions = dimensions
    this.values = new Float64Array(peers * dimensions)
  }

  get stateBytes(): number {
    return this.values.byteLength
  }

  set(peer: number, position: number[]): void {
    const { dimensions } = this

    if ((peer + 1) * dimensions > this.values.length) {
      const grown = new Float64Array(Math.max(LEAST_ROOM, (peer + 1) * 2) * dimensions)
      grown.set(this.values)
      this.values = grown
    }

    for (let i = 0; i < dimensions; i++) {
      this.values[peer * dimensions + i] = position[i]
    }
  }

  get(peer: number): number[] {
    const first = peer * this.dimensions
    return Array.from(this.values.subarray(first, first + this.dimensions))
  }

  distance(from: number, to: number): number {
    this.one[0] = to
    this.distances(from, this.one, 1, this.itsDistance)
    return this.itsDistance[0]
  }

  abstract distances(from: number, peers: Int32Array, count: number, out: Float64Array): void
  abstract sides(from: number, to: number): number
  abstract reach(direction: number, from: number, to: number): number
}

/** How positions of some numbers are written: eight bytes a number, the low ones first. */
export function encodeNumbers(numbers: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(numbers.length * BYTES))

  for (const [i, number] of numbers.entries()) {
    view.setFloat64(i * BYTES, number, true)
  }

  return new Uint8Array(view.buffer)
}

/** @throws RangeError unless these are so many numbers */
export function decodeNumbers(bytes: Uint8Array, count: number): number[] {
  if (bytes.byteLength !== count * BYTES) {
    throw new RangeError(`${bytes.byteLength} bytes are not ${count} numbers`)
  }

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: count }, (_, i) => view.getFloat64(i * BYTES, true))
}

/**
 * @param bounds - each number must be at least 0 and below its bound
 * @throws ParameterError `position`
 */
export function checkNumbers(position: number[], bounds: readonly number[], whole: boolean): number[] {
  const fits =
    Array.isArray(position) &&
    position.length === bounds.length &&
    bounds.every((bound, i) => isWithin(position[i], bound) && (!whole || Number.isInteger(position[i])))

  if (!fits) {
    const kind = whole ? 'whole numbers' : 'numbers'
    const ranges = bounds.map(bound => `from 0 to ${whole ? bound - 1 : `below ${bound}`}`).join(' and ')
    const wanted = bounds.length === 1 ? `one of the ${kind} ${ranges}` : `${bounds.length} ${kind}, ${ranges}`
    throw new ParameterError('position', `${JSON.stringify(position)} is not ${wanted}`)
  }

  // -0 would be written in another way than 0, and shown as "-0"
  return position.map(value => value + 0)
}

/** What comes from JSON or a command may be anything. */
function isWithin(value: unknown, bound: number): boolean {
  return typeof value === 'number' && value >= 0 && value < bound
}

/** A share from 0 to below 1, drawn from four bytes of a digest. */
export function shareOf(digest: Uint8Array, at: number): number {
  return new DataView(digest.buffer, digest.byteOffset).getUint32(at * 4) * 2 ** -32
}

/** How far one goes for a difference between two numbers below n, always upwards, where n and 0 are one. */
export function onwards(difference: number, n: number): number {
  return difference < 0 ? difference + n : difference
}
