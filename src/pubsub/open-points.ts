import type { Random } from '../gossip/random.ts'
import { drawPoint } from './draw-point.ts'
import type { Region } from './region.ts'

/**
 * Random points of a region: open, until a member is found that holds them. Who is next on the circle is found by going around it and closing
 * points. Exact covers would be ruled by tiny corners.
 */
export class OpenPoints {
  readonly coordinates: Float64Array
  private readonly random: Random
  private readonly dimensions: number
  /** Where each point begins: the open ones first. */
  private readonly starts: Int32Array
  private drawn = 0
  /** How many are open. */
  open = 0

  constructor(capacity: number, dimensions: number, random: Random) {
    this.coordinates = new Float64Array(capacity * dimensions)
    this.dimensions = dimensions
    this.random = random
    this.starts = new Int32Array(capacity)
  }

  /** @param company - somebody else at random, who may ask for something where the region does not */
  draw(region: Region, count: number, company: () => Region | undefined): void {
    const { coordinates, dimensions, random, starts } = this

    for (let i = 0; i < count; i++) {
      starts[i] = i * dimensions
      drawPoint(region, random, coordinates, i * dimensions, dimensions, company)
    }

    this.drawn = count
    this.open = count
  }

  /** Those that were closed are open, and the others, which nobody holds, are left out. */
  openClosed(): void {
    this.starts.copyWithin(0, this.open, this.drawn)
    this.drawn -= this.open
    this.open = this.drawn
  }

  /** Closes the open points that the region holds. Returns whether there were any. */
  close(region: Region): boolean {
    const before = this.open

    if (region.size === 1) {
      this.closeBox(region)
    } else {
      for (let i = 0; i < this.open; ) {
        i += region.holds(this.coordinates, this.starts[i]) ? this.closeAt(i) : 1
      }
    }

    return this.open < before
  }

  /** As {@link close}, of a single box: what nearly all have, so that it is worth a loop of its own. */
  private closeBox({ axes, lows, highs }: Region): void {
    const { coordinates, starts } = this
    const sides = axes.length
    let { open } = this

    for (let i = 0; i < open; ) {
      const start = starts[i]
      let side = 0

      while (side < sides) {
        const value = coordinates[start + axes[side]]

        if (!(value >= lows[side] && value <= highs[side])) {
          break
        }

        side++
      }

      if (side === sides) {
        starts[i] = starts[--open]
        starts[open] = start
      } else {
        i++
      }
    }

    this.open = open
  }

  /** Returns how far to go on: the last open one has come to its place. */
  private closeAt(i: number): 0 {
    const { starts } = this
    const start = starts[i]
    starts[i] = starts[--this.open]
    starts[this.open] = start
    return 0
  }
}
