import type { AggregateFunction, Range } from '../../aggregation/aggregate.ts'
import { DEFAULT_EPOCH_ROUNDS } from '../../aggregation/constants.ts'
import { type AggregationParameters, aggregationParameters } from '../../aggregation/parameters.ts'
import { AggregationProtocol } from '../../aggregation/protocol.ts'
import { NOBODY } from '../../gossip/exchange.ts'
import { oneOf, ParameterError } from '../../gossip/parameters.ts'
import { Random } from '../../gossip/random.ts'
import {
  describeNetwork,
  MAX_BYTES,
  type NetworkOptions,
  type NetworkParameters,
  networkParameters,
  share
} from '../parameters.ts'
import { slotsNeeded } from '../world.ts'
import { DISTRIBUTIONS, type Distribution, rangeOf } from './values.ts'

/** Seconds, and close to what the papers show. */
export const DEFAULT_NODES = 10_000

/** What a user may set of the experiment. */
export interface AggregationRunOptions extends NetworkOptions {
  /** Default: `average`. */
  function?: AggregateFunction
  /** Of `quantile`: the part of the values below it, 0 to 1. */
  quantile?: number
  /** Of `histogram`, `quantile` and `median`: 2 to 256. Default: 32. */
  bins?: number
  /** What values may be claimed. Default: what the distribution lies within. */
  range?: Range
  /** Default: `uniform`. */
  distribution?: Distribution
  /** Rounds of an epoch, 4 to 1,000. Default: 30. The run's default is one epoch. */
  epoch?: number
  /** Times that a request without an answer is repeated, 0 to 64. Default: 0. */
  retries?: number
  /** Whether what an exchange may move a value by falls from round to round. Default: false. */
  trimmed?: boolean
  /** Of `count` and `sum`: instances by which the size is counted, 1 to 64. Default: 16. */
  instances?: number
  /** Share of the nodes at the start that claim the highest value of the range all along, 0 to 1. Default: 0. */
  liars?: number
}

export interface AggregationRunParameters extends NetworkParameters {
  aggregation: AggregationParameters
  distribution: Distribution
  /** As it was asked for. */
  liarsShare: number
  /** How many these are. */
  liars: number
}

/** The name of the one aggregate. */
const NAME = 'value'

/** Reads `0..1`, `-5..5`. */
export function parseRange(text: string): Range {
  const number = '-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?'
  const [, from, to] = new RegExp(`^(${number})\\.\\.(${number})$`, 'i').exec(text) ?? []

  if (from == null || to == null) {
    throw new Error(`"${text}" is not a range of values (example: 0..1)`)
  }

  return { from: Number(from), to: Number(to) }
}

/** @throws ParameterError naming the first option that is impossible */
export function aggregationRunParameters(options: AggregationRunOptions): AggregationRunParameters {
  const kind = options.function ?? 'average'
  const { nodes = DEFAULT_NODES, epoch = DEFAULT_EPOCH_ROUNDS, retries, trimmed, instances, bins, quantile } = options
  const distribution = oneOf('distribution', options.distribution ?? 'uniform', DISTRIBUTIONS)
  const range = options.range ?? rangeOf(distribution, nodes)

  if (options.instances != null && kind !== 'count' && kind !== 'sum') {
    throw new ParameterError('instances', `of count and sum only; the function is ${kind}`)
  }

  const aggregation = aggregationParameters({
    aggregates: [{ name: NAME, function: kind, range, bins, quantile }],
    epoch,
    retries,
    trimmed,
    size: kind === 'count' || kind === 'sum',
    instances
  })
  const network = networkParameters({ ...options, nodes, rounds: options.rounds ?? epoch })
  const held = rangeOf(distribution, network.nodes)

  if (held.from < range.from || held.to > range.to) {
    throw new ParameterError('range', `${words(range)} does not hold the values of ${distribution}, ${words(held)}`)
  }

  const liarsShare = share('liars', options.liars ?? 0)
  const liars = Math.round(liarsShare * network.nodes)

  if (liars === network.nodes) {
    throw new ParameterError('liars', `${liarsShare} of ${network.nodes} nodes leave nobody who is honest`)
  }

  if (liars > 0 && kind === 'count') {
    throw new ParameterError('liars', 'a count has no values to lie about')
  }

  checkSize(slotsNeeded(network.nodes, network.faults, network.rounds), aggregation)
  return { ...network, aggregation, distribution, liarsShare, liars }
}

/** The parameters as a result shows them. */
export function describeAggregationRun(parameters: AggregationRunParameters): Record<string, unknown> {
  const { aggregation, distribution, liarsShare } = parameters
  const { aggregates, epoch, retries, trimmed, instances } = aggregation
  const [{ function: kind, range, bins, quantile }] = aggregates

  return {
    ...describeNetwork(parameters),
    function: kind,
    ...(kind === 'quantile' ? { quantile } : {}),
    ...(bins > 0 ? { bins } : {}),
    ...(instances > 0 ? { instances } : {}),
    distribution,
    range: words(range as Range),
    epoch,
    retries,
    trimmed,
    liars: liarsShare
  }
}

/** What one node keeps is what a population of one does. */
function checkSize(slots: number, parameters: AggregationParameters): void {
  const [{ range }] = parameters.aggregates
  const { stateBytes } = new AggregationProtocol({
    nodes: 1,
    parameters,
    random: new Random(1),
    source: { sample: () => NOBODY, members: () => 0 },
    values: () => range?.from
  })

  if (slots * stateBytes > MAX_BYTES) {
    throw new ParameterError('nodes', `what aggregation keeps at ${slots} nodes takes more than 4 GiB`)
  }
}

function words({ from, to }: Range): string {
  return `${from}..${to}`
}
