import { AggregationProtocol } from '../../aggregation/protocol.ts'
import type { Random } from '../../gossip/random.ts'
import { Liars } from '../aggregation/liars.ts'
import { type AggregationMeasures, AggregationMeter } from '../aggregation/meter.ts'
import {
  type AggregationRunOptions,
  type AggregationRunParameters,
  aggregationRunParameters,
  describeAggregationRun
} from '../aggregation/parameters.ts'
import { drawValues } from '../aggregation/values.ts'
import type { Driver, ExchangeCounts } from '../driver.ts'
import type { Experiment, Run } from '../experiment.ts'
import { Network } from '../network.ts'
import { NETWORK_OPTIONS } from '../parameters.ts'
import { aggregationFigure } from './aggregation-figure.ts'

/** Push-pull averaging and what is made of it, over peer sampling: how fast it converges, and how near to the truth. */
export const aggregation: Experiment<AggregationRunOptions, AggregationRunParameters, AggregationMeasures> = {
  name: 'aggregation',
  description: 'Averages, sums, counts, quantiles by push-pull gossip: variance, errors, and what losses do to the sum',
  options: [
    ...NETWORK_OPTIONS,
    'function',
    'quantile',
    'bins',
    'range',
    'distribution',
    'epoch',
    'retries',
    'trimmed',
    'instances',
    'liars'
  ],
  measuresStart: true,
  parameters: aggregationRunParameters,
  describe: describeAggregationRun,
  start: (parameters, random) => new AggregationRun(parameters, random),
  figure: aggregationFigure
}

class AggregationRun implements Run<AggregationMeasures> {
  private readonly network: Network
  private readonly driver: Driver
  private readonly meter: AggregationMeter
  private readonly values: Float64Array

  constructor(parameters: AggregationRunParameters, random: Random) {
    const { nodes, liars, distribution } = parameters
    this.network = new Network(parameters, random)
    const { world } = this.network
    const [ofValues, ofProtocol, ofLiars] = Array.from({ length: 3 }, () => random.fork())
    const values = drawValues(distribution, nodes, world.slots, ofValues)
    const protocol = new AggregationProtocol({
      nodes: world.slots,
      parameters: parameters.aggregation,
      random: ofProtocol,
      source: this.network.protocol,
      values: node => values[node]
    })
    const played = liars === 0 ? undefined : new Liars(protocol, nodes, liars, ofLiars)
    this.driver = this.network.stack(played ?? protocol)
    this.meter = new AggregationMeter(world, protocol, values, node => played?.isLiar(node) ?? false)
    this.values = values
  }

  /** Those of aggregation, not of the peer sampling below it. */
  get counts(): ExchangeCounts {
    return this.driver.counts
  }

  get bytesPerNode(): number {
    const { network, meter, values } = this
    return network.bytesPerNode + (meter.stateBytes + values.byteLength) / network.world.slots
  }

  advance(): void {
    this.network.advance()
  }

  check(): void {
    this.network.check()
  }

  measure(): AggregationMeasures {
    return this.meter.measure(this.network.round)
  }
}
