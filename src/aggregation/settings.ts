import { wholeNumber } from '../gossip/parameters.ts'
import { drawSeed } from '../live/seed.ts'
import { DEFAULT_LIVE_RETRIES, MAX_CELLS } from './limits.ts'
import { type AggregationOptions, type AggregationParameters, aggregationParameters } from './parameters.ts'

/** The aggregate by which the network's size is counted. Its name is taken. */
export const NETWORK_SIZE = 'network size'

/** Its number: it is the first one. */
export const SIZE_NUMBER = 0

/** The libp2p protocol. What all peers must have alike follows it, see {@link protocolOf}. */
const PROTOCOL = '/gossip-peer/aggregation/1.0.0'

/** What can be set of a live peer. */
export interface AggregationSettingsInit extends Omit<AggregationOptions, 'aggregates' | 'cells'> {
  /** Times that a request without an answer is repeated, one a round, from 0 to 64. Default: 5. */
  retries?: number
  /** Milliseconds between two rounds, on average, from 1 to 3,600,000. Default: the period of peer sampling. */
  period?: number
  /** Seed of the random source, from 0 to 2^53 - 1, for runs that are to be repeated. Default: drawn from the system. */
  seed?: number
}

/** All that a live peer goes by, complete and checked. */
export interface AggregationSettings {
  parameters: AggregationParameters
  /** That of peer sampling if undefined. */
  period: number | undefined
  seed: number
}

/**
 * Completes and checks what a user asked for.
 *
 * @throws ParameterError naming what is impossible
 */
export function aggregationSettings(init: AggregationSettingsInit = {}): AggregationSettings {
  const { size = true, retries = DEFAULT_LIVE_RETRIES, period, seed = drawSeed() } = init

  return {
    parameters: aggregationParameters({
      epoch: init.epoch,
      trimmed: init.trimmed,
      instances: init.instances,
      size,
      retries,
      cells: MAX_CELLS,
      aggregates: size ? [{ name: NETWORK_SIZE, function: 'count' }] : []
    }),
    period: period == null ? undefined : wholeNumber('period', period, 1, 3_600_000),
    seed: wholeNumber('seed', seed, 0, Number.MAX_SAFE_INTEGER)
  }
}

/**
 * The libp2p protocol id. Peers whose epochs have another length, who count by more or fewer instances, or who limit what an
 * exchange moves otherwise, would break each other's sums: they speak different protocols.
 */
export function protocolOf({ epoch, instances, trimmed }: AggregationParameters): string {
  return `${PROTOCOL}/${epoch}-${instances}${trimmed ? '-trimmed' : ''}`
}
