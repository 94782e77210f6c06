import { ParameterError, wholeNumber } from '../gossip/parameters.ts'
import { type Aggregate, type AggregateOptions, aggregate } from './aggregate.ts'
import {
  DEFAULT_EPOCH_ROUNDS,
  DEFAULT_INSTANCES,
  DEFAULT_RETRIES,
  MAX_AGGREGATES,
  MAX_EPOCH_ROUNDS,
  MAX_INSTANCES,
  MAX_RETRIES,
  MIN_EPOCH_ROUNDS
} from './constants.ts'
import { cellsOf } from './functions.ts'

/** What a user may set of aggregation. */
export interface AggregationOptions {
  /** Up to 32, each with a name of its own. Default: none. */
  aggregates?: AggregateOptions[]
  /** Rounds of an epoch, from 4 to 1,000. Default: 30. */
  epoch?: number
  /** Times that a request without an answer is repeated, from 0 to 64. Default: 0, as in the paper. */
  retries?: number
  /**
   * How far an exchange may move a value falls from round to round, so that a peer that lies all along moves an average
   * by some 3 ranges / N and not by an epoch of them. Every average, sum and variance then needs a range. It does not
   * guard the size, nor what a sum has of it. Default: false.
   */
  trimmed?: boolean
  /** Whether the size of the network is counted: sum and count need it. Default: true. */
  size?: boolean
  /** Instances by which it is counted, from 1 to 64. Default: 16. */
  instances?: number
  /** Cells that there is room for, so that aggregates can be defined later. Default: what those given take. */
  cells?: number
}

/** Aggregation, complete and checked. */
export interface AggregationParameters {
  aggregates: Aggregate[]
  epoch: number
  retries: number
  trimmed: boolean
  size: boolean
  /** 0 when the size is not counted. */
  instances: number
  cells: number
}

/**
 * Completes and checks what a user asked for.
 *
 * @throws ParameterError naming the first parameter that is impossible
 */
export function aggregationParameters(options: AggregationOptions = {}): AggregationParameters {
  const aggregates = (options.aggregates ?? []).map(aggregate)
  const { trimmed = false, size = true } = options

  if (aggregates.length > MAX_AGGREGATES) {
    throw new ParameterError('aggregates', `${aggregates.length} are more than ${MAX_AGGREGATES}`)
  }

  for (const [i, one] of aggregates.entries()) {
    if (aggregates.findIndex(({ name }) => name === one.name) !== i) {
      throw new ParameterError('aggregates', `two are named "${one.name}"`)
    }

    checkAggregate(one, { trimmed, size })
  }

  if (!size && options.instances != null) {
    throw new ParameterError('instances', 'of the size only, which is not counted')
  }

  const needed = aggregates.reduce((sum, one) => sum + cellsOf(one).length, 0)

  return {
    aggregates,
    epoch: wholeNumber('epoch', options.epoch ?? DEFAULT_EPOCH_ROUNDS, MIN_EPOCH_ROUNDS, MAX_EPOCH_ROUNDS),
    retries: wholeNumber('retries', options.retries ?? DEFAULT_RETRIES, 0, MAX_RETRIES),
    trimmed,
    size,
    instances: size ? wholeNumber('instances', options.instances ?? DEFAULT_INSTANCES, 1, MAX_INSTANCES) : 0,
    cells: wholeNumber('cells', options.cells ?? needed, needed, 2 ** 16)
  }
}

/**
 * Whether such aggregation can have such an aggregate.
 *
 * @throws ParameterError if not
 */
export function checkAggregate(
  { name, function: kind, range }: Aggregate,
  { trimmed, size }: Pick<AggregationParameters, 'trimmed' | 'size'>
): void {
  if (!size && (kind === 'sum' || kind === 'count')) {
    throw new ParameterError('size', `"${name}" needs it: its function is ${kind}`)
  }

  if (trimmed && range == null && (kind === 'average' || kind === 'sum' || kind === 'variance')) {
    throw new ParameterError('range', `"${name}" needs one in mode trimmed`)
  }
}
