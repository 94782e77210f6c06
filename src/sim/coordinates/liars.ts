import type { Random } from '../../gossip/random.ts'
import { MIN_ERROR } from '../../vivaldi/constants.ts'
import type { VivaldiParameters } from '../../vivaldi/parameters.ts'

/** They claim to be anywhere in a cube around the origin, with half an edge of so many milliseconds. */
const HALF_EDGE = 500

/** Highest height that they claim, in milliseconds. */
const MAX_HEIGHT = 50

/** Nodes that claim another random coordinate each time that they are asked, and to be as sure of it as can be. */
export class CoordinateLiars {
  /** 1: the node lies. */
  private readonly lies: Uint8Array
  private readonly random: Random
  private readonly dimensions: number
  private readonly highest: number

  /**
   * @param slots - nodes that there will ever be; newcomers are honest
   * @param nodes - nodes at the start; liars are drawn from all of them
   * @param liars - how many
   */
  constructor(slots: number, nodes: number, liars: number, { dimensions, height }: VivaldiParameters, random: Random) {
    const drawn = Int32Array.from({ length: nodes }, (_, node) => node)
    this.lies = new Uint8Array(slots)
    this.random = random
    this.dimensions = dimensions
    this.highest = height ? MAX_HEIGHT : 0
    random.shuffle(drawn)

    for (const node of drawn.subarray(0, liars)) {
      this.lies[node] = 1
    }
  }

  get stateBytes(): number {
    return this.lies.byteLength
  }

  has(node: number): boolean {
    return this.lies[node] === 1
  }

  /** Writes what a liar says to the beginning of `out`. */
  claim(out: Float64Array | number[]): void {
    const { random, dimensions } = this

    for (let i = 0; i < dimensions; i++) {
      out[i] = (2 * random.fraction() - 1) * HALF_EDGE
    }

    out[dimensions] = random.fraction() * this.highest
    out[dimensions + 1] = MIN_ERROR
  }
}
