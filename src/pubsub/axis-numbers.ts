import { MAX_AXES, OWN_AXES } from './limits.ts'

/**
 * Numbers for the axes that subscriptions name, as they come: beyond a limit they are not told apart, and regions are wider than they need be. Others can use
 * up all but a share that is kept for what this peer's own subscriptions ask for.
 */
export class AxisNumbers {
  private readonly numbers = new Map<string, number>()

  /** Whether there may be axes that are not told apart. */
  isFull = false

  /** For the region of another peer's subscription: the axis gets a number, or -1 where there is none left. */
  readonly numberOf = (axis: string): number => this.give(axis, MAX_AXES - OWN_AXES)

  /** The same for one of this peer's. */
  readonly ownNumberOf = (axis: string): number => this.give(axis, MAX_AXES)

  private give(axis: string, most: number): number {
    const number = this.numbers.get(axis)

    if (number === undefined && this.size >= most) {
      this.isFull = true
      return -1
    }

    this.numbers.set(axis, number ?? this.size)
    return number ?? this.size - 1
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
