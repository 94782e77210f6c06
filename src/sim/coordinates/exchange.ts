import type { Failure } from '../../gossip/exchange.ts'
import type { PeerSource } from '../../gossip/peer-source.ts'
import type { Random } from '../../gossip/random.ts'
import type { Vivaldi } from '../../vivaldi/vivaldi.ts'
import type { SimulatedProtocol } from '../driver.ts'
import type { RoundTrips } from '../latency/round-trips.ts'
import type { CoordinateLiars } from './liars.ts'
import { CoordinateMessage } from './message.ts'
import type { FixedNeighbours } from './neighbours.ts'

/** What nodes that measure each other are made of. */
export interface CoordinatePopulation {
  vivaldi: Vivaldi
  truth: RoundTrips
  /** Where partners come from, unless there are fixed ones. */
  source: Pick<PeerSource, 'sample'>
  neighbours?: FixedNeighbours
  liars?: CoordinateLiars
  /** By what share samples are longer than the truth, on average: queues make them so. Default: 0. */
  noise?: number
  /** Draws the noise. */
  random: Random
}

/** Each node takes one sample a round: it asks somebody where he is, and sees how long the answer takes. */
export class CoordinateExchange implements SimulatedProtocol<CoordinateMessage> {
  readonly vivaldi: Vivaldi
  /** Samples that each node has taken. */
  readonly taken: Uint32Array
  private readonly truth: RoundTrips
  private readonly source: Pick<PeerSource, 'sample'>
  private readonly neighbours: FixedNeighbours | undefined
  private readonly liars: CoordinateLiars | undefined
  private readonly noise: number
  private readonly random: Random
  /** What {@link prefetch} has read last: kept, lest the reads be left out. */
  protected read = 0

  constructor({ vivaldi, truth, source, neighbours, liars, noise = 0, random }: CoordinatePopulation) {
    this.vivaldi = vivaldi
    this.taken = new Uint32Array(vivaldi.nodes)
    this.truth = truth
    this.source = neighbours ?? source
    this.neighbours = neighbours
    this.liars = liars
    this.noise = noise
    this.random = random
  }

  get stateBytes(): number {
    const { vivaldi, taken, neighbours, liars } = this
    return vivaldi.stateBytes + taken.byteLength + (neighbours?.stateBytes ?? 0) + (liars?.stateBytes ?? 0)
  }

  createMessage(): CoordinateMessage {
    return new CoordinateMessage(this.vivaldi.width)
  }

  newcomers(first: number, end: number): void {
    this.vivaldi.newcomers(first, end)
  }

  partner(node: number): number {
    return this.source.sample(node)
  }

  anotherPartner(node: number): number {
    return this.source.sample(node)
  }

  /** Reads where nodes are, so that it is at hand when their turns come. */
  prefetch(nodes: Int32Array, from: number, to: number): void {
    const { rows, stride } = this.vivaldi
    let read = 0

    for (let i = from; i < to; i++) {
      read += rows[nodes[i] * stride] + rows[(nodes[i] + 1) * stride - 1]
    }

    this.read = read
  }

  request(): void {}

  /** Never busy: a node that waits for an answer can say where it is. */
  respond(node: number, _from: number, _request: CoordinateMessage, { coordinate }: CoordinateMessage): boolean {
    if (this.liars?.has(node)) {
      this.liars.claim(coordinate)
      return true
    }

    const { rows, stride, width } = this.vivaldi
    const from = node * stride

    for (let i = 0; i < width; i++) {
      coordinate[i] = rows[from + i]
    }

    return true
  }

  absorb(node: number, from: number, _request: CoordinateMessage, { coordinate }: CoordinateMessage): void {
    if (this.vivaldi.observe(node, from, this.sample(node, from), coordinate) === undefined) {
      this.taken[node]++
    }
  }

  abandon(node: number, partner: number, why: Failure): void {
    if (why === 'unreachable') {
      this.neighbours?.replace(node, partner)
    }
  }

  private sample(node: number, from: number): number {
    const roundTrip = this.truth.roundTrip(node, from)
    return this.noise === 0 ? roundTrip : roundTrip * (1 - this.noise * Math.log(1 - this.random.fraction()))
  }
}
