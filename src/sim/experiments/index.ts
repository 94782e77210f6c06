import type { Experiment } from '../experiment.ts'
import { aggregation } from './aggregation.ts'
import { coordinates } from './coordinates.ts'
import { hubAttack } from './hub-attack.ts'
import { pubsub } from './pubsub.ts'
import { sampling } from './sampling.ts'
import { torus } from './torus.ts'
import { uniformity } from './uniformity.ts'

/** All experiments, by their names. */
export const EXPERIMENTS: Readonly<Record<string, Experiment>> = {
  sampling,
  uniformity,
  'hub-attack': hubAttack,
  torus,
  aggregation,
  coordinates,
  pubsub
}

export type { AggregationMeasures } from '../aggregation/meter.ts'
export type { AggregationRunOptions, AggregationRunParameters } from '../aggregation/parameters.ts'
export { DISTRIBUTIONS, type Distribution } from '../aggregation/values.ts'
export type { CoordinateChart, CoordinateMap } from '../coordinates/chart.ts'
export { type CoordinateOptions, type CoordinateParameters, parseNoise } from '../coordinates/parameters.ts'
export type { PubSubMeasures } from '../pubsub/meter.ts'
export {
  type PubSubOptions,
  type PubSubParameters,
  SUBSCRIPTION_PLACEMENTS,
  type SubscriptionPlacement
} from '../pubsub/parameters.ts'
export { aggregation } from './aggregation.ts'
export { type CoordinateMeasures, coordinates } from './coordinates.ts'
export { type HubAttackOptions, type HubAttackParameters, hubAttack } from './hub-attack.ts'
export { pubsub } from './pubsub.ts'
export { type SamplingMeasures, sampling } from './sampling.ts'
export { torus } from './torus.ts'
export { type UniformityMeasures, type UniformityOptions, type UniformityParameters, uniformity } from './uniformity.ts'
