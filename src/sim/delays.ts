import type { Random } from '../gossip/random.ts'
import { ParameterError } from '../sampling/parameters.ts'
import { LatencyMatrix } from './latency-matrix.ts'

/** Longest delay that can be asked for, in milliseconds: an hour. Draws from a distribution with a tail go beyond. */
const MAX_DELAY = 3_600_000

/** Widest log-normal distribution: at 5, one message in six takes more than 148 times the median. */
const MAX_SIGMA = 5

const EXAMPLES = 'examples: 50ms, 10ms..100ms, exponential:50ms, lognormal:50ms,0.5'

const MILLISECONDS: Record<string, number> = { '': 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** How long messages take, in milliseconds of virtual time. */
export interface Delays {
  /** How long a message from one node to another takes. Each message is a draw of its own. */
  delay(from: number, to: number): number
  /** What messages take on average. */
  readonly mean: number
}

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

/**
 * Delays between the nodes of a simulation.
 *
 * @param source - a distribution, the same between any two nodes, or measured round-trip times, half of which a message
 * takes. Every node is at a host of the matrix, chosen at random; with more nodes than hosts, all hosts have as many to
 * within one, and between two nodes at the same host a message takes half of the shortest time in the matrix.
 * @param nodes - how many nodes there will ever be
 * @throws ParameterError when the distribution is impossible
 */
export function createDelays(source: DelayDistribution | LatencyMatrix, nodes: number, random: Random): Delays {
  if (source instanceof LatencyMatrix) {
    return new MatrixDelays(source, nodes, random)
  }

  checkDelays(source)

  switch (source.kind) {
    case 'constant':
      return new ConstantDelays(source.time)
    case 'uniform':
      return new UniformDelays(source.from, source.to, random)
    case 'exponential':
      return new ExponentialDelays(source.mean, random)
    case 'lognormal':
      return new LogNormalDelays(source.median, source.sigma, random)
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

class ConstantDelays implements Delays {
  readonly mean: number

  constructor(time: number) {
    this.mean = time
  }

  delay(): number {
    return this.mean
  }
}

class UniformDelays implements Delays {
  readonly mean: number
  private readonly from: number
  private readonly width: number
  private readonly random: Random

  constructor(from: number, to: number, random: Random) {
    this.mean = (from + to) / 2
    this.from = from
    this.width = to - from
    this.random = random
  }

  delay(): number {
    return this.from + this.width * this.random.fraction()
  }
}

class ExponentialDelays implements Delays {
  readonly mean: number
  private readonly random: Random

  constructor(mean: number, random: Random) {
    this.mean = mean
    this.random = random
  }

  delay(): number {
    return this.mean * -Math.log(1 - this.random.fraction())
  }
}

/** Normal numbers by the polar method (G. Marsaglia and T. A. Bray, SIAM Review 1964), which makes two at a time. */
class LogNormalDelays implements Delays {
  readonly mean: number
  private readonly median: number
  private readonly sigma: number
  private readonly random: Random
  /** The second one, until it is used. */
  private spare = Number.NaN

  constructor(median: number, sigma: number, random: Random) {
    this.mean = median * Math.exp(sigma ** 2 / 2)
    this.median = median
    this.sigma = sigma
    this.random = random
  }

  delay(): number {
    return this.median * Math.exp(this.sigma * this.normal())
  }

  private normal(): number {
    const { spare } = this

    if (!Number.isNaN(spare)) {
      this.spare = Number.NaN
      return spare
    }

    let x: number
    let y: number
    let square: number

    // a point in the unit circle, but not its centre
    do {
      x = 2 * this.random.fraction() - 1
      y = 2 * this.random.fraction() - 1
      square = x * x + y * y
    } while (square >= 1 || square === 0)

    const factor = Math.sqrt((-2 * Math.log(square)) / square)
    this.spare = y * factor
    return x * factor
  }
}

class MatrixDelays implements Delays {
  readonly mean: number
  private readonly matrix: LatencyMatrix
  /** Where each node is. */
  private readonly hosts: Uint16Array

  constructor(matrix: LatencyMatrix, nodes: number, random: Random) {
    this.mean = matrix.mean / 2
    this.matrix = matrix
    this.hosts = new Uint16Array(nodes)
    const order = Int32Array.from({ length: matrix.hosts }, (_, host) => host)

    for (let node = 0; node < nodes; node++) {
      const turn = node % matrix.hosts

      if (turn === 0) {
        random.shuffle(order)
      }

      this.hosts[node] = order[turn]
    }
  }

  delay(from: number, to: number): number {
    return this.matrix.roundTrip(this.hosts[from], this.hosts[to]) / 2
  }
}
