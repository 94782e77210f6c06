import { ParameterError } from '../gossip/parameters.ts'
import type { Places } from './places.ts'
import type { Space } from './space.ts'

/** Longest name of a space. */
const MAX_NAME = 56

/** As far as can be, and room for what is added to break ties. */
const FARTHEST = Number.MAX_VALUE / 2

/** What an application says of a space of its own. */
export interface OwnSpace<P> {
  /** 1 to 56 characters. Only peers of the same space are neighbours. */
  name: string
  /** Must be finite, not negative, and the same both ways. One of the profiles may be another peer's: see `decode`. */
  distance(a: P, b: P): number
  /** At most 256 bytes. */
  encode(profile: P): Uint8Array
  /** Must throw where `encode` cannot have written this: it comes from other peers. */
  decode(bytes: Uint8Array): P
}

/**
 * A space of the application's own: any profile, at any distance from another one that is a number. It has no shape: neighbours
 * are the nearest.
 *
 * @throws ParameterError when its name is impossible
 */
export function ownSpace<P>({ name, distance, encode, decode }: OwnSpace<P>): Space<P, never> {
  if (name.length === 0 || name.length > MAX_NAME) {
    throw new ParameterError('name', `"${name}" has not 1 to ${MAX_NAME} characters`)
  }

  return {
    name,
    directions: [],
    check: profile => profile,
    distance,
    encode,
    decode,
    places: () => new ProfilePlaces(distance)
  }
}

class ProfilePlaces<P> implements Places<P> {
  readonly directions = 0
  readonly stateBytes = 0
  private readonly profiles: P[] = []
  private readonly between: (a: P, b: P) => number

  constructor(between: (a: P, b: P) => number) {
    this.between = between
  }

  set(peer: number, profile: P): void {
    this.profiles[peer] = profile
  }

  get(peer: number): P {
    return this.profiles[peer]
  }

  distances(from: number, peers: Int32Array, count: number, out: Float64Array): void {
    for (let i = 0; i < count; i++) {
      out[i] = this.distance(from, peers[i])
    }
  }

  /** What is no distance is as far as can be: an application's mistake must not stop a peer. */
  distance(from: number, to: number): number {
    const distance = distanceOrNone(this.between, this.profiles[from], this.profiles[to])
    return distance >= 0 && distance < FARTHEST ? distance : FARTHEST
  }

  sides(): number {
    return 0
  }

  reach(): number {
    return Number.POSITIVE_INFINITY
  }
}

/** NaN where the application throws: what it reads may be of another peer, who may lie. */
export function distanceOrNone<P>(distance: (a: P, b: P) => number, a: P, b: P): number {
  try {
    return distance(a, b)
  } catch {
    return Number.NaN
  }
}
