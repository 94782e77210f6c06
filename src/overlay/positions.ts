import { ParameterError } from '../gossip/parameters.ts'
import { MAX_PROFILE_VALUE } from '../live/profiles.ts'
import type { VerifiedRecord } from '../live/records.ts'
import { distanceOrNone } from './own-space.ts'
import type { Space } from './space.ts'

/** The positions that peers have signed. Each record is read once. */
export class Positions<P> {
  readonly space: Space<P>
  private readonly profile: string
  private readonly read = new WeakMap<VerifiedRecord, { position: P } | 'none'>()

  /** @param profile - the key under which a position is in a record */
  constructor(space: Space<P>, profile: string) {
    this.space = space
    this.profile = profile
  }

  /** Whether the peer says that it is in this space, and where that can be. */
  has(record: VerifiedRecord): boolean {
    return this.lookUp(record) !== 'none'
  }

  /** @throws Error unless the record {@link has} one */
  of(record: VerifiedRecord): P {
    const found = this.lookUp(record)

    if (found === 'none') {
      throw new Error(`${record.key} has no position`)
    }

    return found.position
  }

  /** What is no distance is as far as can be: an application's mistake must not stop a peer. */
  distance(a: P, b: P): number {
    const distance = distanceOrNone((a, b) => this.space.distance(a, b), a, b)
    return distance >= 0 && distance < Number.MAX_VALUE ? distance : Number.MAX_VALUE
  }

  /**
   * How a position is written in a record.
   *
   * @throws ParameterError `position`
   */
  encode(position: P): Uint8Array<ArrayBuffer> {
    const value = this.space.encode(this.space.check(position)).slice()

    if (value.byteLength > MAX_PROFILE_VALUE) {
      throw new ParameterError('position', `takes ${value.byteLength} bytes, more than ${MAX_PROFILE_VALUE}`)
    }

    return value
  }

  /** @throws any error where no position of this space is written */
  decode(value: Uint8Array): P {
    return this.space.check(this.space.decode(value))
  }

  private lookUp(record: VerifiedRecord): { position: P } | 'none' {
    let found = this.read.get(record)

    if (found == null) {
      found = this.find(record)
      this.read.set(record, found)
    }

    return found
  }

  private find({ profiles }: VerifiedRecord): { position: P } | 'none' {
    const value = profiles.get(this.profile)

    try {
      return value == null ? 'none' : { position: this.decode(value) }
    } catch {
      return 'none'
    }
  }
}
