import type { Aggregate } from '../../aggregation/aggregate.ts'
import { fill } from '../../aggregation/functions.ts'
import { ExactSum } from './moments.ts'

/** Compares the sum of what nodes hold, cell by cell, with that of what they began with. */
export class Mass {
  private readonly aggregate: Aggregate
  private readonly own: Float64Array
  private readonly changes: ExactSum[]
  private readonly before = new ExactSum()

  /** @param aggregate - an average or a histogram: what a node holds of these is its cells */
  constructor(aggregate: Aggregate) {
    const cells = Math.max(1, aggregate.bins)
    this.aggregate = aggregate
    this.own = new Float64Array(cells)
    this.changes = Array.from({ length: cells }, () => new ExactSum())
  }

  static isKnownOf({ function: kind }: Aggregate): boolean {
    return kind === 'average' || kind === 'histogram'
  }

  /** A node holds this, and began with the value. */
  add(held: number | number[], value: number): void {
    const { own, changes } = this
    fill(this.aggregate, value, own, 0)

    for (let i = 0; i < own.length; i++) {
      this.before.add(own[i])
      changes[i].add(typeof held === 'number' ? held : held[i])
      changes[i].add(-own[i])
    }
  }

  /** All changes together, whatever their sign, as a part of the sum at the beginning; NaN if that is 0. */
  get error(): number {
    const changed = this.changes.reduce((sum, { value }) => sum + Math.abs(value), 0)
    return this.before.value === 0 ? Number.NaN : changed / Math.abs(this.before.value)
  }
}
