import { oneOf } from '../../gossip/parameters.ts'
import type { Random } from '../../gossip/random.ts'
import { LatencyMatrix } from './latency-matrix.ts'
import { MatrixRoundTrips } from './matrix-round-trips.ts'
import { meanRoundTrip } from './mean.ts'
import { GENERATORS, TOPOLOGIES, type Topology } from './topologies.ts'

/** The round-trip times between the nodes of a simulation: one truth for all that happens in it. */
export interface RoundTrips {
  /** From one node to another and back, in milliseconds. Above zero between two different nodes. */
  roundTrip(from: number, to: number): number
  /** Mean over the pairs of different nodes, in milliseconds, as nearly as a sample of them tells. */
  readonly mean: number
  /** Bytes of the arrays that are kept for the nodes. */
  readonly stateBytes?: number
}

/**
 * Round-trip times between the nodes of a simulation.
 *
 * @param source - measured ones: every node is at a host of the matrix, chosen at random; with more nodes than hosts, all
 * hosts have as many to within one, and between two nodes at the same host it is the shortest time in the matrix. Or a
 * {@link TOPOLOGIES | topology}, whose times are the same either way.
 * @param nodes - how many nodes there will ever be, from 2 on
 * @param random - what is drawn comes from it, here and now: the same seed gives the same times
 * @throws ParameterError when there is no such topology
 */
export function createRoundTrips(source: LatencyMatrix | Topology, nodes: number, random: Random): RoundTrips {
  if (source instanceof LatencyMatrix) {
    return MatrixRoundTrips.place(source, nodes, random)
  }

  const generated = GENERATORS[oneOf('topology', source, TOPOLOGIES)](nodes, random)
  return { ...generated, mean: meanRoundTrip(generated.roundTrip, nodes, random) }
}
