import { MAX_AXES } from './limits.ts'

/** Numbers for the axes that subscriptions name, as they come: beyond a limit they are not told apart, and regions are wider than they need be. */
export class AxisNumbers {
  private readonly numbers = new Map<string, number>()

  /** Whether there may be axes that are not told apart. */
  get isFull(): boolean {
    return this.numbers.size === MAX_AXES
  }

  /** For a region: the axis gets a number, or -1 where there is none left. */
  readonly numberOf = (axis: string): number => {
    const number = this.numbers.get(axis)

    if (number !== undefined || this.isFull) {
      return number ?? -1
    }

    this.numbers.set(axis, this.numbers.size)
    return this.numbers.size - 1
  }

  /** How many have a number. */
  get size(): number {
    return this.numbers.size
  }

  /** A point with a place for each axis that has a number so far, NaN where it has nothing. */
  toArray(point: ReadonlyMap<string, number>, scale: (axis: string, place: number) => number = same): Float64Array {
    const array = new Float64Array(this.size).fill(Number.NaN)

    for (const [axis, place] of point) {
      const number = this.numbers.get(axis)

      // what nobody asks for does not matter
      if (number !== undefined) {
        array[number] = scale(axis, place)
      }
    }

    return array
  }
}

function same(_axis: string, place: number): number {
  return place
}
