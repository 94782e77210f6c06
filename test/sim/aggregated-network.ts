import { AggregationProtocol } from '../../src/aggregation/protocol.ts'
import { Random } from '../../src/gossip/random.ts'
import { Liars } from '../../src/sim/aggregation/liars.ts'
import { AggregationMeter } from '../../src/sim/aggregation/meter.ts'
import { type AggregationRunOptions, aggregationRunParameters } from '../../src/sim/aggregation/parameters.ts'
import { drawValues } from '../../src/sim/aggregation/values.ts'
import { Network } from '../../src/sim/network.ts'

/** What the experiment is made of, with everything within reach. */
export class AggregatedNetwork {
  readonly network: Network
  readonly protocol: AggregationProtocol
  readonly values: Float64Array
  readonly liars: Liars | undefined
  readonly meter: AggregationMeter

  constructor(options: AggregationRunOptions, seed = 1) {
    const { aggregation, distribution, nodes, liars, ...rest } = aggregationRunParameters(options)
    const random = new Random(seed)
    this.network = new Network({ ...rest, nodes }, random)
    const { world } = this.network
    this.values = drawValues(distribution, nodes, world.slots, random.fork())
    this.protocol = new AggregationProtocol({
      nodes: world.slots,
      parameters: aggregation,
      random: random.fork(),
      source: this.network.protocol,
      values: node => this.values[node]
    })
    this.liars = liars === 0 ? undefined : new Liars(this.protocol, nodes, liars, random.fork())
    this.network.stack(this.liars ?? this.protocol)
    this.meter = new AggregationMeter(world, this.protocol, this.values, node => this.isLiar(node))
  }

  isLiar(node: number): boolean {
    return this.liars?.isLiar(node) === true
  }

  advance(rounds: number): void {
    for (let i = 0; i < rounds; i++) {
      this.network.advance()
    }
  }

  /** Nodes that live. */
  living(): number[] {
    const { living, count } = this.network.world
    return [...living.subarray(0, count)]
  }

  /** Nodes that live or have lived. */
  everybody(): number[] {
    return Array.from({ length: this.network.world.used }, (_, node) => node)
  }
}
