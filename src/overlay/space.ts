import type { Places } from './places.ts'

/**
 * Positions, how far apart they are, and how they are written. A peer's position is in its signed record: nobody can move
 * another one.
 *
 * `D` are the names of its directions: `never` where there are none.
 */
export interface Space<P, D extends string = string> {
  /** Its kind and size, such as `torus 50x50`: only peers of the same space are neighbours. 1 to 56 characters. */
  readonly name: string

  /** Names of the directions in which the shape has a neighbour; none where nearness is all there is. */
  readonly directions: readonly D[]

  /** @throws ParameterError `position` unless it is one of this space */
  check(position: P): P

  /** Not negative, the same both ways, and finite. */
  distance(a: P, b: P): number

  /** At most 256 bytes. */
  encode(position: P): Uint8Array

  /**
   * Reads what {@link encode} has written. What comes of it goes through {@link check}.
   *
   * @throws any error where there is nothing to be read
   */
  decode(bytes: Uint8Array): P

  /**
   * A position for a peer that was given none, drawn from 32 bytes that stand for the peer. Absent: it must be given one.
   */
  derive?(digest: Uint8Array): P

  /** Where the peers of a population are; there is room for so many, or more as they come. */
  places(peers: number): Places<P>
}
