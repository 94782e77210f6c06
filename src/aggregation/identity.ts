import { sha256 } from '@noble/hashes/sha2.js'
import type { Aggregate } from './aggregate.ts'

/** Bytes by which an aggregate is known on the wire: two of the same network are not the same by chance. */
export const IDENTITY_BYTES = 8

/**
 * What an aggregate is known by on the wire: a digest of all that must be the same at two peers whose cells are to be
 * exchanged. A quantile is only read from them.
 */
export function identityOf({ name, function: kind, range, bins }: Aggregate): Uint8Array {
  const said = JSON.stringify([name, kind, range?.from ?? null, range?.to ?? null, bins])
  return sha256(new TextEncoder().encode(said)).slice(0, IDENTITY_BYTES)
}

/** An identity as a key of tables. */
export function keyOf(identity: Uint8Array): string {
  return String.fromCharCode(...identity)
}
