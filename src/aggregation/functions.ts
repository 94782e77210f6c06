import type { Aggregate } from './aggregate.ts'
import { MAX_MAGNITUDE } from './constants.ts'

/** What an exchange makes of a cell at both ends: the mean of the two, the lower, or the higher. */
export const MEAN = 0
export const MIN = 1
export const MAX = 2

/** A number that is exchanged, and its bounds. */
export interface Cell {
  operation: typeof MEAN | typeof MIN | typeof MAX
  from: number
  to: number
}

/** The cells of an aggregate. The count has none: it is taken from the instances of the size. */
export function cellsOf(aggregate: Aggregate): Cell[] {
  const { from, to } = aggregate.range ?? { from: -MAX_MAGNITUDE, to: MAX_MAGNITUDE }

  switch (aggregate.function) {
    case 'count':
      return []
    case 'minimum':
      return [{ operation: MIN, from, to }]
    case 'maximum':
      return [{ operation: MAX, from, to }]
    case 'variance': {
      const middle = middleOf(aggregate)
      const most = Math.max(to - middle, middle - from)
      return [
        { operation: MEAN, from: from - middle, to: to - middle },
        { operation: MEAN, from: 0, to: most * most }
      ]
    }
    case 'histogram':
    case 'quantile':
    case 'median':
      return Array.from({ length: aggregate.bins }, () => ({ operation: MEAN, from: 0, to: 1 }))
    default:
      return [{ operation: MEAN, from, to }]
  }
}

/** Writes what a node begins an epoch with, from an index of its cells on. */
export function fill(aggregate: Aggregate, value: number, cells: Float64Array, at: number): void {
  switch (aggregate.function) {
    case 'count':
      return
    case 'variance': {
      const shifted = value - middleOf(aggregate)
      cells[at] = shifted
      cells[at + 1] = shifted * shifted
      return
    }
    case 'histogram':
    case 'quantile':
    case 'median':
      cells.fill(0, at, at + aggregate.bins)
      cells[at + binOf(aggregate, value)] = 1
      return
    default:
      cells[at] = value
  }
}

/**
 * What the cells say: for a histogram the part of the values in each bin; for everything else but a count, a number.
 *
 * @param size - of the network, which a sum is multiplied by
 */
export function evaluate(aggregate: Aggregate, cells: Float64Array, at: number, size: number): number | number[] {
  switch (aggregate.function) {
    case 'count':
      return size
    case 'sum':
      return cells[at] * size
    case 'variance':
      // exact to some 1e-16 of the squares: that is why they are taken from the middle of the range, where there is one
      return Math.max(0, cells[at + 1] - cells[at] * cells[at])
    case 'histogram':
      return Array.from(cells.subarray(at, at + aggregate.bins))
    case 'quantile':
    case 'median':
      return quantileOf(aggregate, cells, at)
    default:
      return cells[at]
  }
}

/** How far what one node's cells say is from what another one's do; of a histogram, in the bin where it is most. A sum's is that
 * of the averages. */
export function distance(
  aggregate: Aggregate,
  cells: Float64Array,
  at: number,
  others: Float64Array,
  otherAt: number
): number {
  if (aggregate.function === 'histogram') {
    let most = 0

    for (let i = 0; i < aggregate.bins; i++) {
      most = Math.max(most, Math.abs(cells[at + i] - others[otherAt + i]))
    }

    return most
  }

  const one = evaluate(aggregate, cells, at, 1) as number
  const other = evaluate(aggregate, others, otherAt, 1) as number
  return Math.abs(one - other)
}

/** Squares of values far from 0 would leave little of the variance: they are taken from here. */
function middleOf({ range }: Aggregate): number {
  return range == null ? 0 : range.from + (range.to - range.from) / 2
}

function binOf({ range, bins }: Aggregate, value: number): number {
  const { from, to } = range as { from: number; to: number }
  return Math.min(bins - 1, Math.floor(((value - from) / (to - from)) * bins))
}

/** Values are taken to be spread evenly within a bin. */
function quantileOf({ range, bins, quantile }: Aggregate, cells: Float64Array, at: number): number {
  const { from, to } = range as { from: number; to: number }
  const width = (to - from) / bins
  let total = 0

  for (let i = at; i < at + bins; i++) {
    total += cells[i]
  }

  let below = 0

  for (let i = 0; i < bins; i++) {
    const inside = cells[at + i]

    if (inside > 0 && below + inside >= quantile * total) {
      return from + width * (i + Math.max(0, quantile * total - below) / inside)
    }

    below += inside
  }

  return to
}
