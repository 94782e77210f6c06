import type { Aggregate, Range } from '../../aggregation/aggregate.ts'
import { fill } from '../../aggregation/functions.ts'
import { momentsOf } from './moments.ts'

/** The function over these values, as somebody finds it who knows them all: NaN of none. Puts them in order. */
export function truthOf(aggregate: Aggregate, values: Float64Array): number | number[] {
  const { mean, variance } = momentsOf(values)

  switch (aggregate.function) {
    case 'average':
      return mean
    case 'sum':
      return mean * values.length
    case 'count':
      return values.length
    case 'variance':
      return variance
    case 'histogram':
      return binned(aggregate, values)
    case 'minimum':
      return quantileOf(0, values)
    case 'maximum':
      return quantileOf(1, values)
    default:
      return quantileOf(aggregate.quantile, values)
  }
}

/**
 * How far an estimate is off: as a part of the truth; of a histogram, the part of all values that is in a wrong bin. NaN
 * where the truth is 0 and the estimate is not.
 */
export function errorOf(estimate: number | number[], truth: number | number[]): number {
  if (Array.isArray(estimate) && Array.isArray(truth)) {
    return estimate.reduce((sum, part, bin) => sum + Math.abs(part - truth[bin]), 0) / 2
  }

  const [said, right] = [estimate as number, truth as number]
  return said === right ? 0 : right === 0 ? Number.NaN : Math.abs((said - right) / right)
}

/** An estimate as one number: of a histogram the mean that it implies, were all values in the middle of their bins. */
export function numberOf({ range, bins }: Aggregate, estimate: number | number[]): number {
  if (!Array.isArray(estimate)) {
    return estimate
  }

  const { from, to } = range as Range
  return estimate.reduce((sum, part, bin) => sum + part * (from + ((to - from) * (bin + 0.5)) / bins), 0)
}

/** The smallest value that so large a part of them does not exceed. */
function quantileOf(part: number, values: Float64Array): number {
  values.sort()
  return values.length === 0 ? Number.NaN : values[Math.max(0, Math.ceil(part * values.length) - 1)]
}

/** The part of the values in each bin. */
function binned(aggregate: Aggregate, values: Float64Array): number[] {
  const counts = new Array<number>(aggregate.bins).fill(0)
  const cells = new Float64Array(aggregate.bins)

  for (const value of values) {
    fill(aggregate, value, cells, 0)
    counts[cells.indexOf(1)]++
  }

  return counts.map(count => count / values.length)
}
