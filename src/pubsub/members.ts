import type { Region } from './region.ts'

/** What every member asks for, and where it stands on the circle of ids, by its number. One for a population and all whom it knows. */
export class Members {
  /** A member that asks for nothing has none. */
  readonly regions: Array<Region | undefined> = []
  /** Where it is on the circle, from 0 to 2^32 - 1: the order in which those that hold the same point are linked. */
  readonly ids: number[] = []
  /** How many axes there are: regions name them 0 to dimensions - 1. */
  readonly dimensions: number

  constructor(dimensions: number) {
    this.dimensions = dimensions
  }

  /** Of a number that is new, or that nobody links to any more: links keep their order, and whether they overlap. */
  set(member: number, id: number, region: Region | undefined): void {
    for (let i = this.ids.length; i < member; i++) {
      this.ids[i] = 0
      this.regions[i] = undefined
    }

    this.ids[member] = id
    this.regions[member] = region
  }

  /** Clockwise, from one member to another. */
  arc(from: number, to: number): number {
    return (this.ids[to] - this.ids[from]) >>> 0
  }

  /** Whether the member asks for the point that begins at an index. */
  holds(member: number, points: Float64Array, at = 0): boolean {
    return this.regions[member]?.holds(points, at) === true
  }

  overlap(a: number, b: number): boolean {
    const [one, other] = [this.regions[a], this.regions[b]]
    return one !== undefined && other !== undefined && one.overlaps(other)
  }
}
