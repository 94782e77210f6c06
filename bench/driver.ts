// What the simulator itself takes of an exchange in round mode: the cheapest protocol there is, driven, next to a plain
// loop that makes the very same exchanges. Run with: npm run bench driver
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { NOBODY } from '../src/gossip/exchange.ts'
import { Random } from '../src/gossip/random.ts'
import type { SimulatedProtocol } from '../src/sim/driver.ts'
import { NO_FAULTS } from '../src/sim/faults.ts'
import { Network } from '../src/sim/network.ts'
import { networkParameters } from '../src/sim/parameters.ts'
import { RoundDriver } from '../src/sim/round-driver.ts'
import { World } from '../src/sim/world.ts'
import { median, print } from './report.ts'

const ROUNDS = 25
/** Until the code is compiled. */
const WARM_UP = 10

/** Each a process of its own: how code gets compiled differs from one to the next. */
const PROCESSES = 5

/** Push-pull averaging (Jelasity et al., TOCS 2005) over partners drawn from all nodes. */
class Averaging implements SimulatedProtocol<Float64Array> {
  readonly values: Float64Array
  private readonly random: Random

  constructor(nodes: number, random: Random) {
    this.values = Float64Array.from({ length: nodes }, (_, node) => node)
    this.random = random
  }

  createMessage(): Float64Array {
    return new Float64Array(1)
  }

  partner(node: number): number {
    return another(node, this.values.length, this.random)
  }

  anotherPartner(): number {
    return NOBODY
  }

  request(node: number, _partner: number, out: Float64Array): void {
    out[0] = this.values[node]
  }

  respond(node: number, _from: number, request: Float64Array, out: Float64Array): boolean {
    out[0] = this.values[node]
    this.values[node] = (request[0] + this.values[node]) / 2
    return true
  }

  absorb(node: number, _from: number, _request: Float64Array, reply: Float64Array): void {
    this.values[node] = (reply[0] + this.values[node]) / 2
  }

  abandon(): void {}
}

function another(node: number, nodes: number, random: Random): number {
  const drawn = random.below(nodes - 1)
  return drawn < node ? drawn : drawn + 1
}

/** Round after round of the same exchanges, without a driver. */
function plainLoop(values: Float64Array, ofOrder: Random, ofPartners: Random): () => void {
  const everybody = Int32Array.from(values, (_, node) => node)
  const order = new Int32Array(values.length)

  return () => {
    order.set(everybody)
    ofOrder.shuffle(order)

    for (const node of order) {
      const partner = another(node, values.length, ofPartners)
      const mean = (values[node] + values[partner]) / 2
      values[node] = mean
      values[partner] = mean
    }
  }
}

/** Nanoseconds per exchange of both, in this process. */
function measure(nodes: number, beside: boolean): { driven: number; plain: number } {
  if (beside) {
    // the driver's code has driven another protocol before, as it has where protocols are stacked
    const network = new Network(networkParameters({ nodes: 10_000, rounds: 20, mode: 'rounds' }), new Random(1))

    while (network.round < 20) {
      network.advance()
    }
  }

  const world = new World(nodes, NO_FAULTS, ROUNDS, new Random(1))
  const protocol = new Averaging(nodes, new Random(2))
  const driver = new RoundDriver(protocol, world, new Random(3))
  const values = Float64Array.from(protocol.values)
  const loop = plainLoop(values, new Random(3), new Random(2))
  const driven: number[] = []
  const plain: number[] = []

  for (let round = 1; round <= ROUNDS; round++) {
    const start = performance.now()
    driver.run(round)
    const middle = performance.now()
    loop()
    driven.push(((middle - start) * 1e6) / nodes)
    plain.push(((performance.now() - middle) * 1e6) / nodes)
  }

  if (values.some((value, node) => value !== protocol.values[node])) {
    throw new Error('the plain loop has made other exchanges')
  }

  return { driven: median(driven.slice(WARM_UP)), plain: median(plain.slice(WARM_UP)) }
}

const [nodes, beside] = process.argv.slice(2)

if (nodes != null) {
  console.log(JSON.stringify(measure(Number(nodes), beside === 'beside')))
} else {
  for (const nodes of [10_000, 1_000_000]) {
    for (const beside of ['alone', 'beside']) {
      const script = fileURLToPath(import.meta.url)
      const runs = Array.from({ length: PROCESSES }, () => {
        const output = execFileSync(process.execPath, [script, String(nodes), beside], { encoding: 'utf8' })
        return JSON.parse(output) as ReturnType<typeof measure>
      })

      print(`${nodes} nodes, ${beside === 'alone' ? 'the only protocol' : 'after peer sampling'}`, {
        'nanoseconds per exchange': median(runs.map(run => run.driven)),
        'nanoseconds per exchange in a plain loop': median(runs.map(run => run.plain)),
        ratio: median(runs.map(run => run.driven / run.plain))
      })
    }
  }
}
