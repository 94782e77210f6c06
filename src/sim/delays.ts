import type { Random } from '../gossip/random.ts'
import { checkDelays, type DelayDistribution } from './delay-distribution.ts'
import type { RoundTrips } from './latency/round-trips.ts'

/** How long messages take, in milliseconds of virtual time. */
export interface Delays {
  /** How long a message from one node to another takes. Each message is a draw of its own. */
  delay(from: number, to: number): number
  /** What messages take on average. */
  readonly mean: number
}

/**
 * Delays between the nodes of a simulation.
 *
 * @param source - a distribution, the same between any two nodes, or round-trip times, half of which a message takes
 * @param random - what draws from a distribution come from
 * @throws ParameterError when the distribution is impossible
 */
export function createDelays(source: DelayDistribution | RoundTrips, random: Random): Delays {
  if ('roundTrip' in source) {
    return new RoundTripDelays(source)
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

class RoundTripDelays implements Delays {
  private readonly roundTrips: RoundTrips

  constructor(roundTrips: RoundTrips) {
    this.roundTrips = roundTrips
  }

  get mean(): number {
    return this.roundTrips.mean / 2
  }

  delay(from: number, to: number): number {
    return this.roundTrips.roundTrip(from, to) / 2
  }
}
