import type { Experiment } from '../experiment.ts'
import { sampling } from './sampling.ts'
import { uniformity } from './uniformity.ts'

/** All experiments, by their names. */
export const EXPERIMENTS: Readonly<Record<string, Experiment>> = { sampling, uniformity }

export { type SamplingMeasures, sampling } from './sampling.ts'
export { type UniformityMeasures, type UniformityOptions, type UniformityParameters, uniformity } from './uniformity.ts'
