import { wholeNumber } from '../../gossip/parameters.ts'
import { drawSeed } from '../../live/seed.ts'
import { DEFAULT_PERIOD } from './limits.ts'

const MIN_PERIOD = 10
const MAX_PERIOD = 3_600_000

/** What can be set of the service. Everything has a default. */
export interface TopicsInit {
  /** Milliseconds between two looks for members of topics that lack some, on average, from 10 to 3,600,000. Default: 1,000. */
  period?: number

  /** What all draws of the search come from, a whole number from 0 to 2^53 - 1. Default: drawn from the system. */
  seed?: number
}

/** All that the service goes by, checked. */
export type TopicsSettings = Required<TopicsInit>

/** @throws ParameterError naming the first option that is impossible */
export function topicsSettings({ period = DEFAULT_PERIOD, seed = drawSeed() }: TopicsInit): TopicsSettings {
  return {
    period: wholeNumber('period', period, MIN_PERIOD, MAX_PERIOD),
    seed: wholeNumber('seed', seed, 0, Number.MAX_SAFE_INTEGER)
  }
}
