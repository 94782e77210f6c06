// What an aggregating exchange costs, at a million nodes and with more to exchange at a hundred thousand, by the round driver
// over uniform draws or over the links of a random graph, next to a plain loop over typed arrays that makes the same
// exchanges, in turn in one process. Run with: npm run bench aggregation

import { type AggregationOptions, aggregationParameters } from '../src/aggregation/parameters.ts'
import { AggregationProtocol } from '../src/aggregation/protocol.ts'
import type { PeerSource } from '../src/gossip/peer-source.ts'
import { Random } from '../src/gossip/random.ts'
import { NO_FAULTS } from '../src/sim/faults.ts'
import { RoundDriver } from '../src/sim/round-driver.ts'
import { World } from '../src/sim/world.ts'
import { median, print } from './report.ts'

const MANY = 1_000_000
const FEWER = 100_000
/** The first ones warm up the compiler; an epoch ends among the others. */
const WARM_UP = 6
const ROUNDS = 32

/** Uniform draws from all other nodes. */
class Oracle implements PeerSource {
  private readonly nodes: number
  private readonly random: Random

  constructor(nodes: number, random: Random) {
    this.nodes = nodes
    this.random = random
  }

  sample(node: number): number {
    const peer = this.random.below(this.nodes - 1)
    return peer < node ? peer : peer + 1
  }

  members(): number {
    return 0
  }
}

/** Links of each node, as many as peer sampling's views have. */
const LINKS = 30

/** A random link of a static random graph: the memory that a view of peer sampling costs, too. */
class Graph implements PeerSource {
  private readonly links: Int32Array
  private readonly random: Random

  constructor(nodes: number, random: Random) {
    this.links = Int32Array.from({ length: nodes * LINKS }, (_, link) => {
      const peer = random.below(nodes - 1)
      return peer < Math.floor(link / LINKS) ? peer : peer + 1
    })
    this.random = random
  }

  sample(node: number): number {
    return this.links[node * LINKS + this.random.below(LINKS)]
  }

  members(): number {
    return 0
  }
}

type Source = new (nodes: number, random: Random) => PeerSource

/** Runs rounds of it, and says what each exchange took, in nanoseconds. */
type Contender = () => number

function timed(nodes: number, round: () => void): Contender {
  return () => {
    const began = performance.now()
    round()
    return ((performance.now() - began) * 1e6) / nodes
  }
}

function plainLoop(nodes: number, Source: Source): Contender {
  const random = new Random(1)
  const source = new Source(nodes, new Random(2))
  const values = Float64Array.from({ length: nodes }, (_, node) => node)
  const order = Int32Array.from({ length: nodes }, (_, node) => node)

  return timed(nodes, () => {
    random.shuffle(order)

    for (let i = 0; i < nodes; i++) {
      const node = order[i]
      const partner = source.sample(node)
      const mean = (values[node] + values[partner]) / 2
      values[node] = mean
      values[partner] = mean
    }
  })
}

function ours(nodes: number, options: AggregationOptions, Source: Source): Contender {
  const parameters = aggregationParameters(options)
  const source = new Source(nodes, new Random(2))
  const protocol = new AggregationProtocol({ nodes, parameters, random: new Random(3), source, values: node => node })
  const world = new World(nodes, NO_FAULTS, WARM_UP + ROUNDS, new Random(4))
  const driver = new RoundDriver(protocol, world, new Random(1))
  let round = 0

  return timed(nodes, () => {
    round++
    driver.run(round)
  })
}

const average = { aggregates: [{ name: 'value', function: 'average' as const }], size: false }

/** Each in turn with the loop, so that a busy moment of the machine hits both; the plainest one while nothing else has run. */
compare('one average', MANY, average)
compare('one average over a random graph', MANY, average, Graph)
compare('one average, trimmed', FEWER, {
  aggregates: [{ ...average.aggregates[0], range: { from: 0, to: FEWER } }],
  size: false,
  trimmed: true
})
compare('one average and the size', FEWER, { ...average, size: true })

function compare(name: string, nodes: number, options: AggregationOptions, Source: Source = Oracle): void {
  const contenders = [plainLoop(nodes, Source), ours(nodes, options, Source)]
  const took = contenders.map((): number[] => [])

  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const [i, contender] of contenders.entries()) {
      const nanoseconds = contender()

      if (round >= WARM_UP) {
        took[i].push(nanoseconds)
      }
    }
  }

  print(`${name}, ${nodes} nodes`, {
    'nanoseconds per exchange': median(took[1]),
    'nanoseconds per exchange in a plain loop': median(took[0]),
    ratio: median(took[1].map((value, i) => value / took[0][i]))
  })
}
