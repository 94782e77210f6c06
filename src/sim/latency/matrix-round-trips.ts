import type { Random } from '../../gossip/random.ts'
import type { LatencyMatrix } from './latency-matrix.ts'
import type { RoundTrips } from './round-trips.ts'

/** The times of a matrix, between nodes that are at its hosts. */
export class MatrixRoundTrips implements RoundTrips {
  readonly mean: number
  private readonly matrix: LatencyMatrix
  /** Where each node is. */
  private readonly hosts: Uint16Array

  private constructor(matrix: LatencyMatrix, hosts: Uint16Array) {
    this.mean = matrix.mean
    this.matrix = matrix
    this.hosts = hosts
  }

  /** Puts nodes at hosts at random, at each as many as at any other to within one. */
  static place(matrix: LatencyMatrix, nodes: number, random: Random): MatrixRoundTrips {
    const hosts = new Uint16Array(nodes)
    const order = Int32Array.from({ length: matrix.hosts }, (_, host) => host)

    for (let node = 0; node < nodes; node++) {
      const turn = node % matrix.hosts

      if (turn === 0) {
        random.shuffle(order)
      }

      hosts[node] = order[turn]
    }

    return new MatrixRoundTrips(matrix, hosts)
  }

  /** The times of another matrix of the same hosts, with every node where it is. */
  at(matrix: LatencyMatrix): MatrixRoundTrips {
    return new MatrixRoundTrips(matrix, this.hosts)
  }

  get stateBytes(): number {
    return this.hosts.byteLength
  }

  roundTrip(from: number, to: number): number {
    return this.matrix.roundTrip(this.hosts[from], this.hosts[to])
  }
}
