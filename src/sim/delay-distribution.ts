import { ParameterError } from '../gossip/parameters.ts'

/** Longest delay that can be asked for, in milliseconds: an hour. Draws from a distribution with a tail go beyond. */
const MAX_DELAY = 3_600_000

/** Widest log-normal distribution: at 5, one message in six takes more than 148 times the median. */
const MAX_SIGMA = 5

const EXAMPLES = 'examples: 50ms, 10ms..100ms, exponential:50ms, lognormal:50ms,0.5'

const MILLISECONDS: Record<string, number> = { '': 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** What delays are drawn from. Times are milliseconds from 0 to 3,600,000. */
export type DelayDistribution =
  | { kind: 'constant'; time: number }
  | { kind: 'uniform'; from: number; to: number }
  | { kind: 'exponential'; mean: number }
  /** The logarithm is normal with standard deviation `sigma`, from 0 to 5. */
  | { kind: 'lognormal'; median: number; sigma: number }

/**
 * Reads `50ms` (constant), `10ms..100ms` (uniform), `exponential:50ms` (the mean) or `lognormal:50ms,0.5` (median and
 * sigma). Times without a unit are milliseconds; `s`, `m` and `h` are possible.
 */
export function parseDelays(text: string): DelayDistribution {
  const distribution = read(text)

  if (distribution == null) {
    throw new Error(`"${text}" is not a delay (${EXAMPLES})`)
  }

  const wrong = fault(distribution)

  if (wrong != null) {
    throw new Error(`"${text}": ${wrong}`)
  }

  return distribution
}

/** The words that {@link parseDelays} reads as this. */
export function describeDelays(distribution: DelayDistribution): string {
  switch (distribution.kind) {
    case 'constant':
      return `${distribution.time}ms`
    case 'uniform':
      return `${distribution.from}ms..${distribution.to}ms`
    case 'exponential':
      return `exponential:${distribution.mean}ms`
    case 'lognormal':
      return `lognormal:${distribution.median}ms,${distribution.sigma}`
  }
}

/** @throws ParameterError when the distribution is impossible */
export function checkDelays(distribution: DelayDistribution): void {
  const wrong = fault(distribution)

  if (wrong != null) {
    throw new ParameterError('delay', wrong)
  }
}

function read(text: string): DelayDistribution | undefined {
  const [, name, rest] = /^(?:([a-z]+):)?(.*)$/.exec(text) ?? []

  switch (name) {
    case undefined: {
      const times = (rest ?? '').split('..').map(readTime)

      if (times.length > 2 || times.some(Number.isNaN)) {
        return undefined
      }

      const [from, to] = times
      return to == null ? { kind: 'constant', time: from } : { kind: 'uniform', from, to }
    }
    case 'exponential': {
      const mean = readTime(rest)
      return Number.isNaN(mean) ? undefined : { kind: 'exponential', mean }
    }
    case 'lognormal': {
      const [, time, sigma] = /^(.*),(\d+(?:\.\d+)?)$/.exec(rest) ?? []
      const median = readTime(time ?? '')
      return Number.isNaN(median) ? undefined : { kind: 'lognormal', median, sigma: Number(sigma) }
    }
    default:
      return undefined
  }
}

function readTime(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(|ms|s|m|h)$/.exec(text) ?? []
  return digits == null ? Number.NaN : Number(digits) * MILLISECONDS[unit]
}

/** What is wrong with a distribution, if anything. */
function fault(distribution: DelayDistribution): string | undefined {
  switch (distribution.kind) {
    case 'constant':
      return faultOfTime(distribution.time)
    case 'uniform': {
      const { from, to } = distribution
      const reversed = from > to ? `from ${from} ms down to ${to} ms: the shorter comes first` : undefined
      return faultOfTime(from) ?? faultOfTime(to) ?? reversed
    }
    case 'exponential':
      return faultOfTime(distribution.mean)
    case 'lognormal': {
      const { median, sigma } = distribution
      const tooWide = !(sigma >= 0 && sigma <= MAX_SIGMA) ? `sigma ${sigma} is not from 0 to ${MAX_SIGMA}` : undefined
      return faultOfTime(median) ?? tooWide
    }
    default:
      return `there is no such distribution (${EXAMPLES})`
  }
}

function faultOfTime(time: number): string | undefined {
  return time >= 0 && time <= MAX_DELAY ? undefined : `${time} ms is not a time from 0 to ${MAX_DELAY} ms`
}
