/**
 * Where the peers of a population are, by their numbers, and how far apart: all that the core knows of a space.
 *
 * Distances are finite, not negative, and the same both ways.
 */
export interface Places<P> {
  /** Directions in which the shape has a neighbour, 0 where a space has no shape but nearness. At most 30. */
  readonly directions: number
  /** Bytes of its arrays. */
  readonly stateBytes: number

  /** The peer is there from now on. */
  set(peer: number, position: P): void

  get(peer: number): P

  /** Distances from one peer to the first `count` of a list, in their order, into `out`. */
  distances(from: number, peers: Int32Array, count: number, out: Float64Array): void

  distance(from: number, to: number): number

  /** The directions in which the other one lies and is no farther than its distance: a bit for each. */
  sides(from: number, to: number): number

  /** How far the other one is for those who go in a direction; `Infinity` when one never gets there that way. */
  reach(direction: number, from: number, to: number): number
}
