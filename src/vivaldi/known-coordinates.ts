import type { VerifiedRecord } from '../live/records.ts'
import type { Refusal } from '../live/refusal.ts'
import { type Coordinate, defectOf } from './coordinate.ts'
import { PROFILE } from './limits.ts'

const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT

/** What a record says of a coordinate: its position, height and error, why that is none, or nothing. */
export type Claim = Float64Array | Refusal | undefined

/** The coordinates that peers have signed. Each record is read once. */
export class KnownCoordinates {
  private readonly dimensions: number
  private readonly read = new WeakMap<VerifiedRecord, { claim: Claim }>()

  constructor(dimensions: number) {
    this.dimensions = dimensions
  }

  claimOf(record: VerifiedRecord): Claim {
    let found = this.read.get(record)

    if (found == null) {
      const value = record.profiles.get(PROFILE)
      found = { claim: value && this.decode(value) }
      this.read.set(record, found)
    }

    return found.claim
  }

  /** The coordinate in a record, if there is one that can be. */
  find(record: VerifiedRecord): Float64Array | undefined {
    const claim = this.claimOf(record)
    return typeof claim === 'string' ? undefined : claim
  }

  private decode(value: Uint8Array): Claim {
    if (value.byteLength !== (this.dimensions + 2) * FLOAT_BYTES) {
      return 'bad-profile'
    }

    const values = decodeCoordinate(value)
    return defectOf(values, 0, this.dimensions) ?? values
  }
}

/** How a coordinate is written in a record: position, height and error, four bytes a number, the low ones first. */
export function encodeCoordinate({ position, height, error }: Coordinate): Uint8Array {
  const values = [...position, height, error]
  const view = new DataView(new ArrayBuffer(values.length * FLOAT_BYTES))

  for (const [i, value] of values.entries()) {
    view.setFloat32(i * FLOAT_BYTES, value, true)
  }

  return new Uint8Array(view.buffer)
}

/** Reads the numbers that there are, four bytes each. */
export function decodeCoordinate(bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float64Array.from({ length: Math.floor(bytes.byteLength / FLOAT_BYTES) }, (_, i) =>
    view.getFloat32(i * FLOAT_BYTES, true)
  )
}
