import { ParameterError } from '../gossip/parameters.ts'
import type { Aggregate } from './aggregate.ts'
import { MAX_AGGREGATES } from './constants.ts'
import { cellsOf, MEAN, MIN } from './functions.ts'

/** Which aggregates there are, and which of a node's cells are whose. */
export class Schema {
  /** Cells that there is room for. */
  readonly capacity: number
  /** Aggregates that there is room for. */
  readonly slots: number
  /** By the number of the aggregate; undefined where one was withdrawn. */
  readonly aggregates: (Aggregate | undefined)[] = []
  /** By the number of the aggregate: its first cell, and the one after its last. */
  readonly first = new Uint16Array(MAX_AGGREGATES)
  readonly end = new Uint16Array(MAX_AGGREGATES)
  /** By cell: what an exchange makes of it, its bounds, and half of what lies between. */
  readonly operations: Uint8Array
  readonly from: Float64Array
  readonly to: Float64Array
  readonly reach: Float64Array

  /** @param capacity - cells; enough for these aggregates */
  constructor(capacity: number, aggregates: Aggregate[]) {
    this.capacity = capacity
    this.operations = new Uint8Array(capacity)
    this.from = new Float64Array(capacity)
    this.to = new Float64Array(capacity)
    this.reach = new Float64Array(capacity)

    for (const aggregate of aggregates) {
      this.define(aggregate)
    }

    const needed = aggregates.length === 0 ? 0 : this.end[aggregates.length - 1]
    this.slots = capacity > needed ? MAX_AGGREGATES : aggregates.length
  }

  /** How many numbers of aggregates are in use, those of withdrawn ones between them included. */
  get size(): number {
    return this.aggregates.length
  }

  /**
   * Gives an aggregate a number and cells.
   *
   * @throws ParameterError when its name is taken or there is no room
   */
  define(aggregate: Aggregate): number {
    if (this.aggregates.some(other => other?.name === aggregate.name)) {
      throw new ParameterError('name', `there is a "${aggregate.name}" already`)
    }

    const free = this.aggregates.indexOf(undefined)
    const number = free === -1 ? this.aggregates.length : free
    const cells = cellsOf(aggregate)
    const first = this.room(cells.length)

    if (number === (this.slots ?? MAX_AGGREGATES) || first + cells.length > this.capacity) {
      throw new ParameterError('aggregates', `there is no room for "${aggregate.name}"`)
    }

    for (const [i, { operation, from, to }] of cells.entries()) {
      this.operations[first + i] = operation
      this.from[first + i] = from
      this.to[first + i] = to
      this.reach[first + i] = (to - from) / 2
    }

    this.first[number] = first
    this.end[number] = first + cells.length
    this.aggregates[number] = aggregate
    return number
  }

  /** Frees its number and cells. */
  withdraw(number: number): void {
    this.aggregates[number] = undefined

    while (this.aggregates.length > 0 && this.aggregates.at(-1) === undefined) {
      this.aggregates.pop()
    }
  }

  /** The first cell from which on so many are free. */
  private room(count: number): number {
    const taken = this.aggregates
      .flatMap((aggregate, number) => (aggregate == null ? [] : [{ from: this.first[number], to: this.end[number] }]))
      .sort((a, b) => a.from - b.from)
    let first = 0

    for (const { from, to } of taken) {
      if (first + count <= from) {
        break
      }

      first = Math.max(first, to)
    }

    return first
  }

  /**
   * Moves the cells of an aggregate as an exchange does: toward the other end's, and by the very opposite of what that one
   * moves by.
   *
   * @param limit - in mode trimmed, the part of half a range that a mean may move by; otherwise Infinity
   */
  move(number: number, cells: Float64Array, at: number, theirs: Float64Array, limit: number): void {
    const { operations, reach } = this
    const end = this.end[number]

    for (let i = this.first[number]; i < end; i++) {
      const mine = cells[at + i]
      const their = theirs[i]

      if (operations[i] === MEAN) {
        cells[at + i] = mine + clamp((their - mine) / 2, reach[i] * limit)
      } else {
        cells[at + i] = operations[i] === MIN ? Math.min(mine, their) : Math.max(mine, their)
      }
    }
  }
}

function clamp(delta: number, limit: number): number {
  return delta > limit ? limit : delta < -limit ? -limit : delta
}
