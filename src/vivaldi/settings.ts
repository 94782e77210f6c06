import { wholeNumber } from '../gossip/parameters.ts'
import { drawSeed } from '../live/seed.ts'
import { type VivaldiOptions, type VivaldiParameters, vivaldiParameters } from './parameters.ts'

const MIN_PERIOD = 1
const MAX_PERIOD = 3_600_000

/** What can be set of the service. Everything has a default. */
export interface VivaldiInit extends Omit<VivaldiOptions, 'rule'> {
  /**
   * Milliseconds between two rounds, on average, from 1 to 3,600,000. In each a peer probes others for what samples it lacks, and says
   * in its record where it is, if that has changed. Default: those of peer sampling.
   */
  period?: number

  /** What all draws come from, a whole number from 0 to 2^53 - 1. Default: drawn from the system. */
  seed?: number
}

/** All that the service goes by, checked. */
export interface VivaldiSettings {
  parameters: VivaldiParameters
  period: number | undefined
  seed: number
}

/** @throws ParameterError naming the first option that is impossible */
export function vivaldiSettings({ period, seed = drawSeed(), ...options }: VivaldiInit): VivaldiSettings {
  return {
    parameters: vivaldiParameters(options),
    period: period == null ? undefined : wholeNumber('period', period, MIN_PERIOD, MAX_PERIOD),
    seed: wholeNumber('seed', seed, 0, Number.MAX_SAFE_INTEGER)
  }
}
