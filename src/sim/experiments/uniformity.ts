import { NOBODY } from '../../gossip/exchange.ts'
import { ParameterError, wholeNumber } from '../../gossip/parameters.ts'
import type { Random } from '../../gossip/random.ts'
import type { ExchangeCounts } from '../driver.ts'
import type { Experiment, Run } from '../experiment.ts'
import type { Faults } from '../faults.ts'
import { Network } from '../network.ts'
import {
  describeNetwork,
  LASTING_NETWORK_OPTIONS,
  MAX_ROUNDS,
  type NetworkOptions,
  type NetworkParameters,
  networkParameters
} from '../parameters.ts'
import { chiSquare, chiSquarePValue } from './chi-square.ts'
import { uniformityFigure } from './uniformity-figure.ts'

/** Every peer should come up so often at a node: below some five draws a cell the test is not to be trusted. */
const DRAWS_PER_PEER = 5

/** Our choice: as many draws as the test needs then take a few seconds. */
const DEFAULT_NODES = 200

/** Our choice; measured: the default variant has forgotten a view of 30 after some dozen rounds. */
const DEFAULT_LAG = 20
const DEFAULT_WARM_UP = 100
const MAX_WAIT = 1_000_000

/** Counters that are kept at most: more nodes are not all observed. */
const MAX_COUNTERS = 2 ** 24

/** How often it is measured by default: the test is of all draws so far, so that more would show little more. */
const MEASUREMENTS = 20

/** A p-value below this makes a node reject that its samples are uniform; by chance alone it does so as often. */
const SIGNIFICANCE = 0.05

/** What a user may set of the experiment. */
export interface UniformityOptions extends NetworkOptions {
  /** Rounds between two draws, from 1 on: successive views overlap, and so do successive samples. Default: 20. */
  lag?: number
  /** Rounds before the first draw. Default: 100. */
  warmUp?: number
}

export interface UniformityParameters extends NetworkParameters {
  lag: number
  warmUp: number
}

/** What the draws so far say. Where there are none yet, what they would say is NaN (null in JSON). */
export interface UniformityMeasures {
  /** At node 0. */
  draws: number
  /** How often each peer should have come up there. */
  drawsPerPeer: number
  /** Pearson's statistic of these draws, and how likely one as large is for uniform draws. */
  chiSquare: number
  degreesOfFreedom: number
  pValue: number
  /** Nodes at which the same test was made: all that have drawn anybody, of the first 2^24 / nodes. */
  observers: number
  /** Share of them with a p-value below 0.05: of uniform draws, about as many. */
  rejected: number
  /** Of uniform draws: about a half. */
  meanPValue: number
}

/** Whether the samples that one node draws over time are uniform draws from all others. */
export const uniformity: Experiment<UniformityOptions, UniformityParameters, UniformityMeasures> = {
  name: 'uniformity',
  description: 'The samples of getPeer() at a node over many rounds, tested against uniform draws',
  options: [...LASTING_NETWORK_OPTIONS, 'lag', 'warmUp'],
  parameters: uniformityParameters,
  describe: parameters => ({ ...describeNetwork(parameters), lag: parameters.lag, warmUp: parameters.warmUp }),
  measureEvery: ({ rounds }) => Math.ceil(rounds / MEASUREMENTS),
  start: (parameters, random) => new UniformityRun(parameters, random),
  figure: uniformityFigure
}

function uniformityParameters(options: UniformityOptions): UniformityParameters {
  const nodes = wholeNumber('nodes', options.nodes ?? DEFAULT_NODES, 3, MAX_COUNTERS)
  const lag = wholeNumber('lag', options.lag ?? DEFAULT_LAG, 1, MAX_WAIT)
  const warmUp = wholeNumber('warmUp', options.warmUp ?? DEFAULT_WARM_UP, 0, MAX_WAIT)
  const needed = warmUp + lag * DRAWS_PER_PEER * nodes

  if (options.rounds == null && needed > MAX_ROUNDS) {
    throw new ParameterError(
      'nodes',
      `${DRAWS_PER_PEER} draws of each of ${nodes} take ${needed} rounds, more than ${MAX_ROUNDS} (set the rounds)`
    )
  }

  const rounds = options.rounds ?? needed
  const first = warmUp === 0 ? lag : warmUp

  if (rounds < first) {
    throw new ParameterError(
      'rounds',
      `${rounds} end before the first draw, after round ${first} (see warm-up and lag)`
    )
  }

  const network = networkParameters({ ...options, nodes, rounds })
  checkLasting(network.faults)
  return { ...network, lag, warmUp }
}

/** Draws of the whole run are compared: the same peers must be there, and within reach, from its beginning to its end. */
function checkLasting({ crash, churn, partition, join }: Faults): void {
  const counts = { crash: crash.length, churn, partition: partition.length, join: join.length }

  for (const [name, count] of Object.entries(counts)) {
    if (count > 0) {
      throw new ParameterError(name, 'the peers that samples are drawn from must be the same in all rounds')
    }
  }
}

class UniformityRun implements Run<UniformityMeasures> {
  private readonly network: Network
  private readonly parameters: UniformityParameters
  /** Nodes whose samples are counted; node 0 is the first of them. */
  private readonly observers: number
  /** How often each node has drawn each peer. */
  private readonly drawn: Uint32Array

  constructor(parameters: UniformityParameters, random: Random) {
    this.parameters = parameters
    this.network = new Network(parameters, random)
    this.observers = Math.min(parameters.nodes, Math.max(1, Math.floor(MAX_COUNTERS / parameters.nodes)))
    this.drawn = new Uint32Array(this.observers * parameters.nodes)
  }

  get counts(): ExchangeCounts {
    return this.network.driver.counts
  }

  get bytesPerNode(): number {
    return this.network.bytesPerNode + this.drawn.byteLength / this.parameters.nodes
  }

  advance(): void {
    const { network, parameters } = this
    network.advance()
    const since = network.round - parameters.warmUp

    if (since >= 0 && since % parameters.lag === 0) {
      this.draw()
    }
  }

  check(): void {
    this.network.check()
  }

  private draw(): void {
    for (let node = 0; node < this.observers; node++) {
      const peer = this.network.protocol.sample(node)

      if (peer !== NOBODY) {
        this.drawn[node * this.parameters.nodes + peer]++
      }
    }
  }

  measure(): UniformityMeasures {
    const { parameters, observers } = this
    const cells = parameters.nodes - 1
    const tests = Array.from({ length: observers }, (_, node) => this.test(node))
    // who has drawn nobody can say nothing
    const values = tests.map(({ pValue }) => pValue).filter(value => !Number.isNaN(value))
    const rejected = values.filter(value => value < SIGNIFICANCE).length
    const [{ draws, statistic, pValue }] = tests

    return {
      draws,
      drawsPerPeer: draws / cells,
      chiSquare: statistic,
      degreesOfFreedom: cells - 1,
      pValue,
      observers: values.length,
      rejected: rejected / values.length,
      meanPValue: values.reduce((sum, value) => sum + value, 0) / values.length
    }
  }

  private test(node: number): { draws: number; statistic: number; pValue: number } {
    const { nodes } = this.parameters
    const counts = this.drawn.subarray(node * nodes, (node + 1) * nodes)
    const draws = counts.reduce((sum, count) => sum + count, 0)
    const statistic = draws === 0 ? Number.NaN : chiSquare(counts, draws, nodes - 1)
    return { draws, statistic, pValue: chiSquarePValue(statistic, nodes - 2) }
  }
}
