import { oneOf, ParameterError, wholeNumber } from '../gossip/parameters.ts'
import { DEFAULT_BINS, MAX_BINS, MAX_MAGNITUDE, MAX_NAME_LENGTH } from './constants.ts'

/** What is known of everybody's values together. */
export type AggregateFunction =
  | 'average'
  | 'sum'
  | 'count'
  | 'variance'
  | 'minimum'
  | 'maximum'
  | 'histogram'
  | 'quantile'
  | 'median'

export const AGGREGATE_FUNCTIONS: readonly AggregateFunction[] = [
  'average',
  'sum',
  'count',
  'variance',
  'minimum',
  'maximum',
  'histogram',
  'quantile',
  'median'
]

/** The values that there may be, ends included. */
export interface Range {
  from: number
  to: number
}

/** What a user may say of an aggregate. */
export interface AggregateOptions {
  /** 1 to 64 characters. */
  name: string
  function: AggregateFunction
  /** Own values outside are refused, and so are messages that claim such. Histogram, quantile and median need one. */
  range?: Range
  /** Histogram, quantile and median: bins of equal width, 2 to 256. Default: 32. */
  bins?: number
  /** Quantile: the part of the values below it, 0 to 1. */
  quantile?: number
}

/** An aggregate, complete and checked. */
export interface Aggregate {
  readonly name: string
  readonly function: AggregateFunction
  readonly range: Range | undefined
  /** 0 for functions that have none. */
  readonly bins: number
  /** NaN for functions that have none. */
  readonly quantile: number
}

/**
 * Completes and checks what a user said of an aggregate.
 *
 * @throws ParameterError naming what is impossible
 */
export function aggregate(options: AggregateOptions): Aggregate {
  const { name, range } = options
  const kind = oneOf('function', options.function, AGGREGATE_FUNCTIONS)

  if (name.length === 0 || name.length > MAX_NAME_LENGTH) {
    throw new ParameterError('name', `"${name}" has not 1 to ${MAX_NAME_LENGTH} characters`)
  }

  if (range != null) {
    checkRange(range)
  }

  const isBinned = kind === 'histogram' || kind === 'quantile' || kind === 'median'

  if (isBinned && range == null) {
    throw new ParameterError('range', `${kind} needs one`)
  }

  if (!isBinned && options.bins != null) {
    throw new ParameterError('bins', `of histogram, quantile and median only; the function is ${kind}`)
  }

  if (kind !== 'quantile' && options.quantile != null) {
    throw new ParameterError('quantile', `of the function quantile only; the function is ${kind}`)
  }

  return {
    name,
    function: kind,
    range: range == null ? undefined : { from: range.from, to: range.to },
    bins: isBinned ? wholeNumber('bins', options.bins ?? DEFAULT_BINS, 2, MAX_BINS) : 0,
    quantile: kind === 'median' ? 0.5 : kind === 'quantile' ? checkQuantile(options.quantile) : Number.NaN
  }
}

/**
 * Whether a value of one's own may be aggregated.
 *
 * @throws ParameterError named like the aggregate unless it is a finite number in its range
 */
export function checkValue({ name, range }: Aggregate, value: number): number {
  const { from, to } = range ?? { from: -MAX_MAGNITUDE, to: MAX_MAGNITUDE }

  if (!(value >= from && value <= to)) {
    throw new ParameterError(name, `${value} is not a number from ${from} to ${to}`)
  }

  return value
}

function checkRange({ from, to }: Range): void {
  if (!(from >= -MAX_MAGNITUDE && to <= MAX_MAGNITUDE && from < to)) {
    throw new ParameterError(
      'range',
      `${from} to ${to} is none: it goes from a number to a higher one, of up to ${MAX_MAGNITUDE} either way`
    )
  }
}

function checkQuantile(quantile: number | undefined): number {
  if (quantile == null || !(quantile >= 0 && quantile <= 1)) {
    const given = quantile == null ? 'must be given:' : `${quantile} is not`
    throw new ParameterError('quantile', `${given} a part from 0 to 1 (example: 0.9)`)
  }

  return quantile
}
