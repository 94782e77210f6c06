import type { Places } from './places.ts'

/** Peers that there is room for at first. */
const FIRST_ROOM = 64

/** Positions that are a few numbers each, in one array. It grows as higher peer numbers come. */
export abstract class Coordinates implements Places<number[]> {
  abstract readonly directions: number
  protected values: Float64Array
  protected readonly dimensions: number

  constructor(dimensions: number, peers: number) {
    this.dimensions = dimensions
    this.values = new Float64Array(Math.max(peers, 1) * dimensions)
  }

  get stateBytes(): number {
    return this.values.byteLength
  }

  set(peer: number, position: number[]): void {
    const first = peer * this.dimensions

    if (first >= this.values.length) {
      const grown = new Float64Array(Math.max(FIRST_ROOM, (peer + 1) * 2) * this.dimensions)
      grown.set(this.values)
      this.values = grown
    }

    for (let i = 0; i < this.dimensions; i++) {
      this.values[first + i] = position[i]
    }
  }

  get(peer: number): number[] {
    const first = peer * this.dimensions
    return [...this.values.subarray(first, first + this.dimensions)]
  }

  abstract distances(from: number, peers: Int32Array, count: number, out: Float64Array): void

  private readonly one = new Int32Array(1)
  private readonly its = new Float64Array(1)

  distance(from: number, to: number): number {
    this.one[0] = to
    this.distances(from, this.one, 1, this.its)
    return this.its[0]
  }

  abstract sides(from: number, to: number): number

  abstract reach(direction: number, from: number, to: number): number
}
