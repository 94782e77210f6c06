import type { Experiment } from '../experiment.ts'
import { aggregation } from './aggregation.ts'
import { hubAttack } from './hub-attack.ts'
import { sampling } from './sampling.ts'
import { torus } from './torus.ts'
import { uniformity } from './uniformity.ts'

/** All experiments, by their names. */
export const EXPERIMENTS: Readonly<Record<string, Experiment>> = {
  sampling,
  uniformity,
  'hub-attack': hubAttack,
  torus,
  aggregation
}

export type { AggregationMeasures } from '../aggregation/meter.ts'
export type { AggregationRunOptions, AggregationRunParameters } from '../aggregation/parameters.ts'
export { DISTRIBUTIONS, type Distribution } from '../aggregation/values.ts'
export { aggregation } from './aggregation.ts'
export { type HubAttackOptions, type HubAttackParameters, hubAttack } from './hub-attack.ts'
export { type SamplingMeasures, sampling } from './sampling.ts'
export { torus } from './torus.ts'
export { type UniformityMeasures, type UniformityOptions, type UniformityParameters, uniformity } from './uniformity.ts'
