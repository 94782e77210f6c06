import { Random } from '../../gossip/random.ts'
import { type ExchangeCounts, noExchanges } from '../driver.ts'
import type { Experiment, Run } from '../experiment.ts'
import { type GraphMeasures, GraphMeter } from '../graph/meter.ts'
import { Network } from '../network.ts'
import {
  describeNetwork,
  NETWORK_OPTIONS,
  type NetworkOptions,
  type NetworkParameters,
  networkParameters
} from '../parameters.ts'
import { samplingFigure } from './sampling-figure.ts'

/** What is measured of peer sampling: the graph of the views, and how the exchanges since the last time ended. */
export type SamplingMeasures = GraphMeasures & {
  /** Nodes that live. */
  living: number
  exchanges: ExchangeCounts
}

/** The graph that the views make: what the papers on peer sampling plot. */
export const sampling: Experiment<NetworkOptions, NetworkParameters, SamplingMeasures> = {
  name: 'sampling',
  description: 'Peer sampling: in-degrees, clustering, path lengths, components, dead links',
  options: NETWORK_OPTIONS,
  parameters: networkParameters,
  describe: describeNetwork,
  start: (parameters, random) => new SamplingRun(parameters, random),
  figure: samplingFigure
}

class SamplingRun implements Run<SamplingMeasures> {
  private readonly network: Network
  private readonly meter: GraphMeter
  /** Each round's estimates are drawn from a source of their own: they are the same however often one measures. */
  private readonly seed: number
  private last = noExchanges()

  constructor(parameters: NetworkParameters, random: Random) {
    this.network = new Network(parameters, random)
    this.meter = new GraphMeter(this.network.protocol.views)
    this.seed = random.next()
  }

  get counts(): ExchangeCounts {
    return this.network.driver.counts
  }

  get bytesPerNode(): number {
    return this.network.bytesPerNode
  }

  advance(): void {
    this.network.advance()
  }

  check(): void {
    this.network.check()
  }

  measure(): SamplingMeasures {
    const { counts, last } = this
    const { world, round } = this.network
    const exchanges = noExchanges()

    for (const name of Object.keys(counts) as Array<keyof ExchangeCounts>) {
      exchanges[name] = counts[name] - last[name]
    }

    this.last = { ...counts }
    return { living: world.count, ...this.meter.measure(world.alive, new Random(this.seed + round)), exchanges }
  }
}
