import { oneOf, ParameterError, wholeNumber } from '../gossip/parameters.ts'
import {
  type Defence,
  type Preset,
  type SamplingOptions,
  type SamplingParameters,
  samplingParameters
} from '../sampling/parameters.ts'
import { checkDelays, type DelayDistribution, describeDelays } from './delay-distribution.ts'
import type { EventTiming } from './event-driver.ts'
import {
  type AtRound,
  checkFaults,
  describeFaults,
  type Faults,
  NO_FAULTS,
  type Partition,
  type Slow
} from './faults.ts'
import type { LatencyMatrix } from './latency/latency-matrix.ts'
import { MAX_SLOTS, slotsNeeded } from './world.ts'

/** Nodes of a run. A handful shows most; a million is about what fits in a gigabyte. */
export const DEFAULT_NODES = 1_000
export const MIN_NODES = 2

export const DEFAULT_ROUNDS = 100
export const MAX_ROUNDS = 1_000_000

/** By events, in milliseconds: as in the profile `lan` of a live peer. */
const DEFAULT_PERIOD = 1_000

/** By events: as live. */
const DEFAULT_JITTER = 0.2

/** By events. Our choice: exchanges overlap often enough to be seen, and seldom enough to do little harm. */
export const DEFAULT_DELAY: DelayDistribution = { kind: 'uniform', from: 10, to: 100 }

/** Longest period and timeout, in milliseconds: a day. */
const MAX_TIME = 86_400_000

/** Most bytes that the nodes of a run may take: beyond that, most machines would swap. */
export const MAX_BYTES = 2 ** 32

/** What a defence keeps for each node beside its view, in bytes and nearly. */
const DEFENCE_BYTES: Readonly<Record<Defence, (view: number) => number>> = {
  none: () => 0,
  statistics: () => 7_500,
  ranking: view => 22 * view + 530
}

/** How the simulator drives its nodes. */
export type Mode = 'rounds' | 'events'
export const MODES: readonly Mode[] = ['rounds', 'events']

/**
 * What the nodes know when a run begins: `random` members, their next neighbours on a ring (`lattice`), or all of them
 * one and the same node, which knows nobody (`star`).
 */
export type Start = 'random' | 'lattice' | 'star'
export const STARTS: readonly Start[] = ['random', 'lattice', 'star']

/** What a user may set of the network in a simulation. */
export interface NetworkOptions extends SamplingOptions {
  /** Nodes at the start, from 2 on. Default: 1,000. */
  nodes?: number
  /** Rounds of the run, from 1 to 1,000,000. Default: 100. */
  rounds?: number
  /** Default: `random`. */
  start?: Start
  /** See {@link Faults}. Default: none. */
  loss?: number
  crash?: AtRound[]
  churn?: number
  partition?: Partition[]
  join?: AtRound[]
  slow?: Slow
  /** Default: `rounds`, or `events` when one of the options below is given. */
  mode?: Mode
  /** By events: the length of a round in milliseconds, 1 to 86,400,000. Default: 1,000. */
  period?: number
  /** By events: periods vary by this share either way, 0 to 1. Default: 0.2. */
  jitter?: number
  /** By events: how long an initiator waits for an answer, in milliseconds, 1 to 86,400,000. Default: half a period. */
  exchangeTimeout?: number
  /** By events: how long messages take. Default: 10 to 100 ms. */
  delay?: DelayDistribution
  /** By events, instead of `delay`: measured round-trip times. */
  latencyMatrix?: LatencyMatrix
}

/** A network to simulate, complete and checked. */
export interface NetworkParameters {
  nodes: number
  rounds: number
  start: Start
  preset: Preset
  sampling: SamplingParameters
  faults: Faults
  mode: Mode
  timing: EventTiming
  delay: DelayDistribution | LatencyMatrix
}

/** Names of the options of the network, but for the faults that change who is there. */
export const LASTING_NETWORK_OPTIONS = [
  'nodes',
  'rounds',
  'preset',
  'view',
  'healer',
  'swapper',
  'selection',
  'propagation',
  'defence',
  'statisticsShare',
  'start',
  'loss',
  'slow',
  'mode',
  'period',
  'jitter',
  'exchangeTimeout',
  'delay',
  'latencyMatrix'
] as const

/** Names of all of them. */
export const NETWORK_OPTIONS = [...LASTING_NETWORK_OPTIONS, 'crash', 'churn', 'partition', 'join'] as const

const BY_EVENTS = ['period', 'jitter', 'exchangeTimeout', 'delay', 'latencyMatrix'] as const

/**
 * Completes and checks what a user asked for.
 *
 * @throws ParameterError naming the first option that is impossible
 */
export function networkParameters(options: NetworkOptions = {}): NetworkParameters {
  const sampling = samplingParameters(options)
  const nodes = wholeNumber('nodes', options.nodes ?? DEFAULT_NODES, MIN_NODES, MAX_SLOTS)
  const rounds = wholeNumber('rounds', options.rounds ?? DEFAULT_ROUNDS, 1, MAX_ROUNDS)
  const { loss, crash, churn, partition, join } = NO_FAULTS
  const faults: Faults = {
    loss: share('loss', options.loss ?? loss),
    crash: options.crash ?? crash,
    churn: share('churn', options.churn ?? churn),
    partition: options.partition ?? partition,
    join: options.join ?? join,
    slow: options.slow
  }
  checkFaults(faults, rounds)
  checkSize(slotsNeeded(nodes, faults, rounds), sampling)
  const start = oneOf('start', options.start ?? 'random', STARTS)
  const mode = oneOf(
    'mode',
    options.mode ?? (BY_EVENTS.some(name => options[name] != null) ? 'events' : 'rounds'),
    MODES
  )

  if (mode === 'rounds') {
    const odd = BY_EVENTS.find(name => options[name] != null)

    if (odd != null) {
      throw new ParameterError(odd, 'has a meaning in mode events only')
    }
  }

  if (options.delay != null) {
    checkDelays(options.delay)

    if (options.latencyMatrix != null) {
      throw new ParameterError('delay', 'either a delay or a latency matrix, not both')
    }
  }

  const period = wholeNumber('period', options.period ?? DEFAULT_PERIOD, 1, MAX_TIME)

  return {
    nodes,
    rounds,
    start,
    preset: options.preset ?? 'default',
    sampling,
    faults,
    mode,
    timing: {
      period,
      jitter: share('jitter', options.jitter ?? DEFAULT_JITTER),
      exchangeTimeout: wholeNumber('exchangeTimeout', options.exchangeTimeout ?? Math.ceil(period / 2), 1, MAX_TIME)
    },
    delay: options.latencyMatrix ?? options.delay ?? DEFAULT_DELAY
  }
}

/** The parameters as a result shows them: by the names of the options, in the words that these take. */
export function describeNetwork(parameters: NetworkParameters): Record<string, unknown> {
  const { nodes, rounds, start, preset, sampling, faults, mode, timing, delay } = parameters
  const { view, healer, swapper, selection, propagation, exchange, defence, statisticsShare } = sampling

  return {
    nodes,
    rounds,
    start,
    // ranking has an exchange of its own, whatever the preset is
    ...(defence === 'ranking' ? {} : { preset }),
    view,
    // as others have
    ...(exchange === 'generic' ? { healer, swapper, peerSelection: selection, propagation } : {}),
    defence,
    ...(statisticsShare > 0 ? { statisticsShare } : {}),
    ...describeFaults(faults),
    mode,
    ...(mode === 'rounds'
      ? {}
      : { ...timing, ...('kind' in delay ? { delay: describeDelays(delay) } : { latencyMatrix: delay.name }) })
  }
}

/** @throws ParameterError unless the value is a share from 0 to 1 */
export function share(parameter: string, value: number): number {
  if (!(value >= 0 && value <= 1)) {
    throw new ParameterError(parameter, `${value} is not a share from 0 to 1`)
  }

  return value
}

function checkSize(slots: number, { view, defence }: SamplingParameters): void {
  if (slots > MAX_SLOTS) {
    throw new ParameterError('nodes', `${slots} of them in all, with those that join, are more than ${MAX_SLOTS}`)
  }

  const viewBytes = view * 6 + 4

  if (slots * viewBytes > MAX_BYTES) {
    throw new ParameterError('view', `views of ${view} at ${slots} nodes take more than 4 GiB`)
  }

  if (slots * (viewBytes + DEFENCE_BYTES[defence](view)) > MAX_BYTES) {
    throw new ParameterError('defence', `what ${defence} keeps at ${slots} nodes takes more than 4 GiB`)
  }
}
