import { oneOf, ParameterError } from '../gossip/parameters.ts'
import { DEFAULT_MAX_CONNECTIONS, REQUESTS_PER_PERIOD, STREAM_TIMEOUT } from './constants.ts'
import { type Defence, EXCHANGE_OPTIONS, type SamplingOptions } from './parameters.ts'

/** Where the network runs: on one machine, on a local network, or across the internet. */
export type ProfileName = 'local' | 'lan' | 'wan'

/** What a profile sets. Each value can be set alone. */
export interface Timing {
  /** Time between two exchanges that a peer starts, in milliseconds (jittered by a fifth either way). */
  period: number
  /** How long a partner may take to answer once it has the request, in milliseconds. */
  exchangeTimeout: number
  /** How long connecting to a partner may take, in milliseconds. */
  dialTimeout: number
  /** First pause between two attempts to join when nobody answers, and the longest, in milliseconds; it doubles. */
  retryPause: number
  maxRetryPause: number
  /** Connections of the node beyond which unused ones are closed. */
  maxConnections: number
  /** Requests that one peer may send in a period, in the long run, and 8 at once. `Infinity`: any number. */
  requestsPerPeriod: number
  /** How long a stream may bring no complete message before it is closed, in milliseconds. */
  streamTimeout: number
}

const LIMITS = {
  maxConnections: DEFAULT_MAX_CONNECTIONS,
  requestsPerPeriod: REQUESTS_PER_PERIOD,
  streamTimeout: STREAM_TIMEOUT
}

/**
 * Our choice, by the round-trip times to expect: under 1 ms, under 10 ms, up to 300 ms, where connecting takes three to
 * four of them. On one machine it is the processor that is slow, with many peers in it.
 */
export const PROFILES: Record<ProfileName, Timing> = {
  local: {
    period: 200,
    exchangeTimeout: 2_000,
    dialTimeout: 3_000,
    retryPause: 200,
    maxRetryPause: 2_000,
    ...LIMITS
  },
  lan: {
    period: 1_000,
    exchangeTimeout: 2_000,
    dialTimeout: 3_000,
    retryPause: 500,
    maxRetryPause: 15_000,
    ...LIMITS
  },
  wan: {
    period: 10_000,
    exchangeTimeout: 5_000,
    dialTimeout: 10_000,
    retryPause: 2_000,
    maxRetryPause: 120_000,
    ...LIMITS
  }
}

/**
 * What keeps colluders off where nothing else is said. Our choice: across the internet anybody may take part, and ranking
 * holds against the most of them; on one machine and on a local network peers are trusted, and what it costs is wasted.
 */
export const PROFILE_DEFENCES: Record<ProfileName, Defence> = { local: 'none', lan: 'none', wan: 'ranking' }

/** The names of the profiles. */
export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[]

/**
 * The profile that was asked for, or the default.
 *
 * @throws ParameterError when there is none of that name
 */
export function profileOf({ profile = 'lan' }: { profile?: ProfileName }): ProfileName {
  return oneOf('profile', profile, PROFILE_NAMES)
}

/**
 * What was asked for of the variant, with the defence of the profile if none was. Whoever sets how exchanges are made
 * wants these exchanges; ranking has its own, so that a profile then sets no defence.
 *
 * @throws ParameterError for an unknown profile
 */
export function variantOf(init: SamplingOptions & { profile?: ProfileName }): SamplingOptions {
  const usual = PROFILE_DEFENCES[profileOf(init)]
  const setsExchange = EXCHANGE_OPTIONS.some(option => init[option] != null)
  return { ...init, defence: init.defence ?? (setsExchange ? 'none' : usual) }
}

/** What each value may be. Our choice: wide enough for a test that hurries and for a probe of Mars. */
const RANGES: Record<keyof Timing, [min: number, max: number]> = {
  period: [1, 3_600_000],
  exchangeTimeout: [1, 600_000],
  dialTimeout: [1, 600_000],
  retryPause: [1, 3_600_000],
  maxRetryPause: [1, 86_400_000],
  maxConnections: [2, 100_000],
  requestsPerPeriod: [1, Number.POSITIVE_INFINITY],
  streamTimeout: [10, 86_400_000]
}

/**
 * The values of the profile, each replaced by what was given for it.
 *
 * @throws ParameterError for an unknown profile, or a value that is no whole number in its range
 */
export function timingOf(init: Partial<Timing> & { profile?: ProfileName }): Timing {
  const timing = { ...PROFILES[profileOf(init)] }

  for (const [name, [min, max]] of Object.entries(RANGES) as Array<[keyof Timing, [number, number]]>) {
    const value = init[name]

    if (value == null) {
      continue
    }

    const unlimited = value === Number.POSITIVE_INFINITY && max === value

    if (!unlimited && (!Number.isInteger(value) || value < min || value > max)) {
      throw new ParameterError(name, `${value} is not a whole number from ${min} to ${max}`)
    }

    timing[name] = value
  }

  timing.maxRetryPause = Math.max(timing.retryPause, timing.maxRetryPause)
  return timing
}
