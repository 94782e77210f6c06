// What a sample of a node with a coordinate costs, at a hundred thousand nodes and at a thousand, next to a plain loop over typed
// arrays with the same arithmetic, in turn in one process: of samples drawn before, and as the round driver draws them.
// Run with: npm run bench coordinates

import { NOBODY } from '../src/gossip/exchange.ts'
import { Random } from '../src/gossip/random.ts'
import type { SimulatedProtocol, SizedMessage } from '../src/sim/driver.ts'
import { NO_FAULTS } from '../src/sim/faults.ts'
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

/** Nodes that are points in a square of 100 ms, with 5 ms between any two beside. */
class Square {
  readonly nodes: number
  private readonly points: Float64Array
  private readonly random: Random
  private readonly order: Int32Array

  constructor(nodes: number) {
    this.nodes = nodes
    this.random = new Random(1)
    this.points = Float64Array.from({ length: 2 * nodes }, () => 100 * this.random.fraction())
    this.order = Int32Array.from({ length: nodes }, (_, node) => node)
  }

  peer(node: number): number {
    const other = this.random.below(this.nodes - 1)
    return other < node ? other : other + 1
  }

  roundTrip(node: number, peer: number): number {
    const { points } = this
    const x = points[2 * node] - points[2 * peer]
    const y = points[2 * node + 1] - points[2 * peer + 1]
    return 5 + Math.sqrt(x * x + y * y)
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
    vivaldi.observe(node, from, this.square.roundTrip(node, from), vivaldi.shown, from * vivaldi.width)
  }

  abandon(): void {}
}

function create(nodes: number, rule: Rule): Vivaldi {
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
    const square = new Square(nodes)
    const samples = room()
    const plain = PLAIN[rule](nodes, DEFAULT_DIMENSIONS)
    const vivaldi = create(nodes, rule)

    compare(
      `coordinates of ${nodes} nodes, rule ${rule}`,
      () => square.draw(samples),
      () => plain(samples),
      () => {
        for (let i = 0; i < SAMPLES; i++) {
          vivaldi.observe(
            samples.nodes[i],
            samples.peers[i],
            samples.roundTrips[i],
            vivaldi.shown,
            samples.peers[i] * vivaldi.width
          )
        }
      }
    )
  }
}

for (const nodes of POPULATIONS) {
  const square = new Square(nodes)
  const samples = room()
  const plain = plainRelative(nodes, DEFAULT_DIMENSIONS)
  const protocol = new Sampling(create(nodes, 'relative'), new Square(nodes))
  const rounds = SAMPLES / nodes
  const world = new World(nodes, NO_FAULTS, (WARM_UP + TURNS) * rounds, new Random(4))
  const driver = new RoundDriver(protocol, world, new Random(5))
  let round = 0

  compare(
    `coordinates of ${nodes} nodes, by the round driver`,
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
