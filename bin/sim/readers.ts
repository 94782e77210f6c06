import { AGGREGATE_FUNCTIONS } from '../../src/aggregation/aggregate.ts'
import {
  MAX_BINS,
  MAX_EPOCH_ROUNDS,
  MAX_INSTANCES,
  MAX_RETRIES,
  MIN_EPOCH_ROUNDS
} from '../../src/aggregation/constants.ts'
import { OVERLAY_SELECTIONS } from '../../src/overlay/parameters.ts'
import { type AggregationRunOptions, parseRange } from '../../src/sim/aggregation/parameters.ts'
import { DISTRIBUTIONS } from '../../src/sim/aggregation/values.ts'
import { ATTACKS } from '../../src/sim/attack/parameters.ts'
import { type CoordinateOptions, MAX_NEIGHBOURS, parseNoise } from '../../src/sim/coordinates/parameters.ts'
import { parseDelays } from '../../src/sim/delay-distribution.ts'
import type { HubAttackOptions } from '../../src/sim/experiments/hub-attack.ts'
import type { UniformityOptions } from '../../src/sim/experiments/uniformity.ts'
import { parseCrash, parseHole, parseJoin, parsePartition, parseShare, parseSlow } from '../../src/sim/faults.ts'
import { parseReplay } from '../../src/sim/latency/replay.ts'
import { TOPOLOGIES } from '../../src/sim/latency/topologies.ts'
import { MIN_NODES, MODES, type NetworkOptions, STARTS } from '../../src/sim/parameters.ts'
import { MAX_ATTRIBUTES, MAX_EVENTS, type PubSubOptions } from '../../src/sim/pubsub/parameters.ts'
import { MIN_SIDE, parseDrawnRounds, parseTorus, type TorusOptions } from '../../src/sim/shape/parameters.ts'
import { MAX_DIMENSIONS } from '../../src/vivaldi/constants.ts'
import { FILTERS } from '../../src/vivaldi/filter.ts'
import { MAX_LANDMARKS } from '../../src/vivaldi/landmarks.ts'
import { RULES } from '../../src/vivaldi/parameters.ts'
import { type Readers, VARIANT } from '../parameters.ts'
import { duration, oneOf, wholeNumber, yesOrNo } from '../values.ts'
import { latencyMatrix } from './latency-matrix.ts'

/** Most runs of one command. */
export const MAX_RUNS = 1_000

/** Where nodes are put on a torus, or subscriptions in a space: which of it there is, each experiment says. */
type Placement = NonNullable<TorusOptions['placement'] | PubSubOptions['placement']>

/** What the words of the options of experiments mean. */
export const EXPERIMENT: Readers<
  NetworkOptions &
    UniformityOptions &
    HubAttackOptions &
    Omit<TorusOptions, 'placement'> &
    AggregationRunOptions &
    CoordinateOptions &
    Omit<PubSubOptions, 'placement'> & { placement?: Placement }
> = {
  ...VARIANT,
  nodes: wholeNumber(MIN_NODES),
  rounds: wholeNumber(1),
  start: oneOf(STARTS),
  loss: parseShare,
  crash: parseCrash,
  churn: parseShare,
  partition: parsePartition,
  join: parseJoin,
  slow: parseSlow,
  mode: oneOf(MODES),
  period: duration,
  jitter: parseShare,
  delay: parseDelays,
  latencyMatrix,
  exchangeTimeout: duration,
  lag: wholeNumber(1),
  warmUp: wholeNumber(0),
  attack: oneOf(ATTACKS),
  attackers: wholeNumber(0),
  flood: wholeNumber(1),
  honesty: parseShare,
  attackFrom: wholeNumber(0),
  side: wholeNumber(MIN_SIDE),
  torus: parseTorus,
  message: wholeNumber(1),
  psi: wholeNumber(1),
  neighbourSelection: oneOf(OVERLAY_SELECTIONS),
  randomView: wholeNumber(0),
  placement: word => word as Placement,
  hole: parseHole,
  draw: parseDrawnRounds,
  function: oneOf(AGGREGATE_FUNCTIONS),
  quantile: parseShare,
  bins: wholeNumber(2, MAX_BINS),
  range: parseRange,
  distribution: oneOf(DISTRIBUTIONS),
  epoch: wholeNumber(MIN_EPOCH_ROUNDS, MAX_EPOCH_ROUNDS),
  retries: wholeNumber(0, MAX_RETRIES),
  trimmed: yesOrNo,
  instances: wholeNumber(1, MAX_INSTANCES),
  liars: parseShare,
  topology: oneOf(TOPOLOGIES),
  replay: text => parseReplay(text, latencyMatrix),
  dimensions: wholeNumber(1, MAX_DIMENSIONS),
  height: yesOrNo,
  filter: oneOf(FILTERS),
  rule: oneOf(RULES),
  neighbours: wholeNumber(0, MAX_NEIGHBOURS),
  noise: parseNoise,
  landmarks: wholeNumber(0, MAX_LANDMARKS),
  landmarkDimensions: wholeNumber(1, MAX_DIMENSIONS),
  proximity: yesOrNo,
  attributes: wholeNumber(1, MAX_ATTRIBUTES),
  selectivity: parseShare,
  events: wholeNumber(1, MAX_EVENTS)
}

/** How often an experiment is run, and measured. */
export interface RunOptions {
  seed?: number
  repeat?: number
  measureEvery?: number
}

export const RUNS: Readers<RunOptions> = {
  seed: wholeNumber(0),
  repeat: wholeNumber(1, MAX_RUNS),
  measureEvery: wholeNumber(1)
}
