// What a sample of a node with a coordinate costs, at a hundred thousand nodes and at a thousand, next to a plain loop over typed
// arrays with the same arithmetic, in turn in one process: of samples drawn before, as the round driver draws them, and as the
// simulator's exchanges do.
// Run with: npm run bench coordinates [-- --latency-matrix FILE]; with a file also on the times in it, and how good coordinates get

import { latencyMatrix } from '../bin/sim/latency-matrix.ts'
import { NOBODY } from '../src/gossip/exchange.ts'
import { Random } from '../src/gossip/random.ts'
import { CoordinateExchange } from '../src/sim/coordinates/exchange.ts'
import { shownDistance } from '../src/sim/coordinates/meter.ts'
import type { SimulatedProtocol, SizedMessage } from '../src/sim/driver.ts'
import { NO_FAULTS } from '../src/sim/faults.ts'
import type { LatencyMatrix } from '../src/sim/latency/latency-matrix.ts'
import type { RoundTrips } from '../src/sim/latency/round-trips.ts'
import { RoundDriver } from '../src/sim/round-driver.ts'
import { World } from '../src/sim/world.ts'
import { DEFAULT_DIMENSIONS } from '../src/vivaldi/constants.ts'
import { RULES, type Rule, vivaldiParameters } from '../src/vivaldi/parameters.ts'
import { Vivaldi } from '../src/vivaldi/vivaldi.ts'
import { type PlainLoop, plainPublished, plainRelative, type Samples } from './plain-vivaldi.ts'
import { median, print } from './report.ts'

/** Samples at a time: a round of many nodes, or many rounds of fewer. */
const SAMPLES = 100_000
const POPULATIONS = [SAMPLES, 1_000]
/** Until the compiler is warm, and nodes have begun to settle. */
const WARM_UP = 12
const TURNS = 40

const PLAIN: Record<Rule, (nodes: number, dimensions: number) => PlainLoop> = {
  relative: plainRelative,
  published: plainPublished
}

/** Nodes between which there are round trips. */
abstract class Crowd {
  readonly nodes: number
  protected readonly random = new Random(1)
  private readonly order: Int32Array

  constructor(nodes: number) {
    this.nodes = nodes
    this.order = Int32Array.from({ length: nodes }, (_, node) => node)
  }

  abstract roundTrip(node: number, peer: number): number

  peer(node: number): number {
    const other = this.random.below(this.nodes - 1)
    return other < node ? other : other + 1
  }

  /** Rounds in which each node has one random peer, in random order. */
  draw(samples: Samples): void {
    for (let i = 0; i < SAMPLES; i++) {
      const turn = i % this.nodes

      if (turn === 0) {
        this.random.shuffle(this.order)
      }

      const node = this.order[turn]
      const peer = this.peer(node)
      samples.nodes[i] = node
      samples.peers[i] = peer
      samples.roundTrips[i] = this.roundTrip(node, peer)
    }
  }
}

/** Nodes that are points in a square of 100 ms, with 5 ms between any two beside. */
class Square extends Crowd {
  private readonly points: Float64Array

  constructor(nodes: number) {
    super(nodes)
    this.points = Float64Array.from({ length: 2 * nodes }, () => 100 * this.random.fraction())
  }

  roundTrip(node: number, peer: number): number {
    const { points } = this
    const x = points[2 * node] - points[2 * peer]
    const y = points[2 * node + 1] - points[2 * peer + 1]
    return 5 + Math.sqrt(x * x + y * y)
  }
}

/** The hosts of a measured matrix. */
class Hosts extends Crowd {
  private readonly matrix: LatencyMatrix

  constructor(matrix: LatencyMatrix) {
    super(matrix.hosts)
    this.matrix = matrix
  }

  roundTrip(node: number, peer: number): number {
    return this.matrix.roundTrip(node, peer)
  }
}

/** The least that a driver can drive: exchanges that say nothing, and are samples for those who start them. */
class Sampling implements SimulatedProtocol<SizedMessage> {
  private readonly vivaldi: Vivaldi
  private readonly square: Square

  constructor(vivaldi: Vivaldi, square: Square) {
    this.vivaldi = vivaldi
    this.square = square
  }

  createMessage(): SizedMessage {
    return { byteLength: 0 }
  }

  partner(node: number): number {
    return this.square.peer(node)
  }

  anotherPartner(): number {
    return NOBODY
  }

  request(): void {}

  respond(): boolean {
    return true
  }

  absorb(node: number, from: number): void {
    const { vivaldi } = this
    vivaldi.observe(node, from, this.square.roundTrip(node, from), vivaldi.rows, from * vivaldi.stride)
  }

  abandon(): void {}
}

function populate(nodes: number, rule: Rule): Vivaldi {
  return new Vivaldi({ nodes, parameters: vivaldiParameters({ rule, filter: 'none' }), random: new Random(3) })
}

function room(): Samples {
  return {
    nodes: new Int32Array(SAMPLES),
    peers: new Int32Array(SAMPLES),
    roundTrips: new Float64Array(SAMPLES)
  }
}

for (const nodes of POPULATIONS) {
  for (const rule of RULES) {
    sample(`coordinates of ${nodes} nodes, rule ${rule}`, new Square(nodes), rule)
  }
}

const file = process.argv[2]

if (file != null) {
  const matrix = latencyMatrix(file)

  for (const rule of RULES) {
    const hosts = new Hosts(matrix)
    const vivaldi = sample(`coordinates of the ${hosts.nodes} hosts of ${matrix.name}, rule ${rule}`, hosts, rule)
    print('  and in the end', { 'median relative error, %': 100 * medianError(vivaldi, hosts) })
  }
}

/** Samples drawn before, taken by both. */
function sample(name: string, crowd: Crowd, rule: Rule): Vivaldi {
  const samples = room()
  const plain = PLAIN[rule](crowd.nodes, DEFAULT_DIMENSIONS)
  const vivaldi = populate(crowd.nodes, rule)

  compare(
    name,
    () => crowd.draw(samples),
    () => plain(samples),
    () => {
      for (let i = 0; i < SAMPLES; i++) {
        vivaldi.observe(
          samples.nodes[i],
          samples.peers[i],
          samples.roundTrips[i],
          vivaldi.rows,
          samples.peers[i] * vivaldi.stride
        )
      }
    }
  )
  return vivaldi
}

/** Over all pairs, of what nodes show. */
function medianError(vivaldi: Vivaldi, crowd: Crowd): number {
  const nodes = Array.from({ length: crowd.nodes }, (_, node) => node)
  const errors = nodes.flatMap(a =>
    nodes
      .filter(b => b !== a)
      .map(b => Math.abs(shownDistance(vivaldi, a, b) - crowd.roundTrip(a, b)) / crowd.roundTrip(a, b))
  )
  return median(errors)
}

for (const nodes of POPULATIONS) {
  drive('by the round driver', nodes, (vivaldi, square) => new Sampling(vivaldi, square))
  drive('in the simulator', nodes, (vivaldi, square) => {
    const truth: RoundTrips = { roundTrip: (from, to) => square.roundTrip(from, to), mean: 0 }
    const source = { sample: (node: number) => square.peer(node) }
    return new CoordinateExchange({ vivaldi, truth, source, random: new Random(6) })
  })
}

/** Rounds of a protocol in which each node takes a sample, against samples that are drawn and taken by the plain loop. */
function drive<M extends SizedMessage>(
  how: string,
  nodes: number,
  create: (vivaldi: Vivaldi, square: Square) => SimulatedProtocol<M>
): void {
  const square = new Square(nodes)
  const samples = room()
  const plain = plainRelative(nodes, DEFAULT_DIMENSIONS)
  const protocol = create(populate(nodes, 'relative'), new Square(nodes))
  const rounds = SAMPLES / nodes
  const world = new World(nodes, NO_FAULTS, (WARM_UP + TURNS) * rounds, new Random(4))
  const driver = new RoundDriver(protocol, world, new Random(5))
  let round = 0

  compare(
    `coordinates of ${nodes} nodes, ${how}`,
    () => {},
    () => {
      square.draw(samples)
      plain(samples)
    },
    () => {
      for (let i = 0; i < rounds; i++) {
        driver.run(++round)
      }
    }
  )
}

/** Each goes first in turn, so that what one leaves in the cache favours neither. */
function compare(name: string, prepare: () => void, plain: () => void, ours: () => void): void {
  const contenders = [plain, ours]
  const took = contenders.map((): number[] => [])

  for (let turn = 0; turn < WARM_UP + TURNS; turn++) {
    prepare()

    for (const which of turn % 2 === 0 ? [0, 1] : [1, 0]) {
      const began = performance.now()
      contenders[which]()

      if (turn >= WARM_UP) {
        took[which].push(((performance.now() - began) * 1e6) / SAMPLES)
      }
    }
  }

  print(name, {
    'samples per second': Math.round(1e9 / median(took[1])),
    'nanoseconds per sample': median(took[1]),
    'nanoseconds per sample in a plain loop': median(took[0]),
    ratio: median(took[1].map((value, i) => value / took[0][i]))
  })
}
