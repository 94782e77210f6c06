/**
 * Aggregation: what all peers' values come to together, known to each of them, with nobody in charge. Averages, sums, extremes,
 * variances, histograms and quantiles of numbers of the app's own, and the size of the network.
 *
 * Once a period a peer meets a random member of the network (see `gossip-peer/sampling`), and both set what they hold to the
 * mean of the two. In epochs of some thirty rounds, each of which begins anew from current values, all come to hold the mean of
 * all. What an app reads is the result of the last epoch that is finished.
 *
 * @example
 *
 * ```typescript
 * import { noise } from '@chainsafe/libp2p-noise'
 * import { tcp } from '@libp2p/tcp'
 * import { yamux } from '@libp2p/yamux'
 * import { aggregation } from 'gossip-peer/aggregation'
 * import { peerSampling } from 'gossip-peer/sampling'
 * import { createLibp2p } from 'libp2p'
 *
 * const start = (bootstrap: Parameters<typeof peerSampling>[0]) =>
 *   createLibp2p({
 *     addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
 *     transports: [tcp()],
 *     connectionEncrypters: [noise()],
 *     streamMuxers: [yamux()],
 *     services: { sampling: peerSampling({ profile: 'local', ...bootstrap }), aggregation: aggregation({ epoch: 10 }) }
 *   })
 *
 * const first = await start({})
 * const second = await start({ bootstrap: first.getMultiaddrs() })
 *
 * first.services.aggregation.register('load', { function: 'average', value: 1, range: { from: 0, to: 8 } })
 * second.services.aggregation.register('load', { function: 'average', value: () => 2, range: { from: 0, to: 8 } })
 *
 * await new Promise<void>(resolve => {
 *   second.services.aggregation.addEventListener('epoch', () => {
 *     const load = second.services.aggregation.result('load')
 *     const peers = second.services.aggregation.networkSize()
 *
 *     if (load?.value === 1.5) {
 *       console.log(`an average load of ${load.value} at ${peers?.value} peers, ${load.age} ms ago`)
 *       resolve()
 *     }
 *   })
 * })
 *
 * await Promise.all([first.stop(), second.stop()])
 * ```
 *
 * @packageDocumentation
 */
import type { TypedEventTarget } from '@libp2p/interface'
import type { ExchangeStatistics } from '../live/exchange-statistics.ts'
import type { Aggregate, AggregateOptions } from './aggregate.ts'
import type { AggregationCounts } from './counts.ts'
import type { AggregationParameters } from './parameters.ts'
import type { OwnValue } from './registrations.ts'
import { type AggregationComponents, AggregationService } from './service.ts'
import { type AggregationSettingsInit, aggregationSettings } from './settings.ts'

export { ParameterError } from '../gossip/parameters.ts'
export type { Aggregate, AggregateFunction, AggregateOptions, Range } from './aggregate.ts'
export { AGGREGATE_FUNCTIONS } from './aggregate.ts'
export * from './constants.ts'
export type { AggregationCounts } from './counts.ts'
export { DEFAULT_LIVE_RETRIES, MAX_CELLS, MAX_MESSAGE_BYTES } from './limits.ts'
export type { AggregationParameters } from './parameters.ts'
export type { OwnValue } from './registrations.ts'
export type { AggregationComponents } from './service.ts'
export {
  type AggregationSettings,
  type AggregationSettingsInit,
  aggregationSettings,
  NETWORK_SIZE,
  protocolOf
} from './settings.ts'

/**
 * How {@link aggregation} is set up. Everything has a default. All peers of a network must have `epoch`, `size`, `instances`
 * and `trimmed` alike: those who have not do not speak with each other.
 */
export type AggregationInit = AggregationSettingsInit

/** What a peer contributes, and what is to be known of all. */
export interface RegisterOptions extends Omit<AggregateOptions, 'name'> {
  /**
   * The peer's own value, or where to ask for it at the beginning of each epoch: a finite number, in the range if there is
   * one. A function that throws, or gives something else, keeps this peer out of this aggregate for the epoch. A count has none.
   */
  value?: OwnValue
}

/**
 * How this peer is in an aggregate.
 *
 * - `waiting`: for the next epoch
 * - `taking-part`: in the epoch under way
 * - `left-out`: the epoch began without this peer's value, see {@link Registration.error}
 * - `withdrawn`: not at all any more
 */
export type RegistrationStatus = 'waiting' | 'taking-part' | 'left-out' | 'withdrawn'

/** An aggregate that this peer has registered. */
export interface Registration {
  /** Complete, with all defaults. */
  readonly aggregate: Aggregate
  readonly status: RegistrationStatus
  /** Why there was no value for this epoch. */
  readonly error: Error | undefined

  /** Ends this peer's part in it at once, with its results. What the peer has contributed to the epoch under way is lost to it. */
  withdraw(): void
}

/** What an epoch says of an aggregate. */
export interface AggregateEstimate {
  /** Of a histogram: the part of all values in each bin, from the lowest. */
  value: number | number[]
  epoch: number
  /** Rounds of it that this peer has made. */
  rounds: number
  /**
   * How far the values of the last partners were from this peer's (of a histogram: in the worst bin): what is left of the
   * differences. Of a count, its standard error. Undefined before the last rounds of an epoch, and for who met nobody in them.
   */
  spread: number | undefined
}

/** What the last finished epoch says of an aggregate. */
export interface AggregateResult extends AggregateEstimate {
  /** Milliseconds since that epoch finished here. */
  age: number
}

/** How many peers there are. */
export interface NetworkSize {
  value: number
  epoch: number
  rounds: number
  /** Standard error. */
  spread: number
  /** Milliseconds since that epoch finished here. */
  age: number
}

/** A finished epoch. */
export interface EpochResults {
  epoch: number
  /** By name; those in which this peer took part. */
  results: ReadonlyMap<string, AggregateResult>
  /** Undefined where peers are not counted. */
  size: NetworkSize | undefined
}

/** What the service announces. */
export interface AggregationEvents {
  /** An epoch is finished. */
  epoch: CustomEvent<EpochResults>
  /** An epoch has begun without this peer's value. */
  'left-out': CustomEvent<{ name: string; error: Error }>
}

/** Counts since the service was made. Messages of a `wrong-epoch` are among the refusals, and heard all the same. */
export interface AggregationStatistics extends ExchangeStatistics {
  /** The epoch under way; undefined while this peer waits for one. */
  epoch: number | undefined
  /** Rounds that this peer has begun of it, or has waited for one. */
  round: number
  /** Rounds of an epoch. */
  epochRounds: number
  /** Rounds of this peer so far, one a period. */
  rounds: number
  /** Aggregates that this peer has registered. */
  aggregates: number
  /** Peers that were met lately. */
  knownPeers: number
  /** What was not as usual. */
  counts: AggregationCounts
}

/** What all peers' values come to together. */
export interface Aggregation extends TypedEventTarget<AggregationEvents> {
  /** The variant that runs. */
  readonly parameters: AggregationParameters

  /** The libp2p protocol id: that of peers with the same settings. */
  readonly protocol: string

  /**
   * Takes part in an aggregate, from the next epoch on, together with all peers that have registered the same: of the same
   * name, function, range and bins. Up to 32, the network's size among them. A sum is the average of those who take part, times
   * the size of the network: it is right when everybody takes part.
   *
   * @param name - 1 to 64 characters
   * @throws ParameterError for an aggregate that is impossible, a name that is taken at this peer, or a value that cannot be
   */
  register(name: string, options: RegisterOptions): Registration

  /** What this peer has registered and not withdrawn, in the order in which it was. */
  registered(): Registration[]

  /** What the last finished epoch says, or undefined when there is none, or this peer took no part. */
  result(name: string): AggregateResult | undefined

  /** What the epoch under way says so far, or undefined while this peer takes no part in it. Early in an epoch it is far off. */
  estimate(name: string): AggregateEstimate | undefined

  /** How many peers the last finished epoch has counted, or undefined before, and where they are not counted. */
  networkSize(): NetworkSize | undefined

  /** What has happened so far. */
  statistics(): AggregationStatistics
}

/**
 * The service factory for `createLibp2p({ services: { sampling: peerSampling(), aggregation: aggregation() } })`. Peer sampling
 * must have the name `sampling`.
 *
 * A peer that comes waits for the next epoch, or begins the first one when it hears of none for 5 rounds. One that was stopped
 * and starts again comes anew.
 *
 * @throws ParameterError for impossible settings
 */
export function aggregation(init: AggregationInit = {}): (components: AggregationComponents) => Aggregation {
  aggregationSettings(init)
  return components => new AggregationService(components, init)
}
