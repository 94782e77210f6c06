import type { PeerId } from '@libp2p/interface'
import { sha256 } from '@noble/hashes/sha2.js'

/** Begins what is hashed, so that work for something else is worth nothing here. */
const TAG = new TextEncoder().encode('gossip-peer/stamp/1')

/** Bytes of a nonce. */
export const NONCE_BYTES = 8

/**
 * Proof that an identity has cost work: a number that somebody had to search for (A. Back, "Hashcash", 2002). It is bound
 * to the identity alone, so that addresses may change without new work.
 */
export interface Stamp {
  /** From 0 to 2^64 - 1. */
  readonly nonce: bigint
  /** The zero bits that its hash begins with: b of them take 2^b hashes to find, on average. */
  readonly bits: number
}

/** What a nonce is worth to a peer, whoever found it. Costs two blocks of SHA-256, a few microseconds. */
export function stampOf(id: PeerId, nonce: bigint): Stamp {
  return { nonce, bits: leadingZeroBits(sha256(stampMessage(id, nonce))) }
}

/** What is hashed: tag, peer id (its multihash), nonce (big-endian). */
export function stampMessage(id: PeerId, nonce: bigint): Uint8Array<ArrayBuffer> {
  const key = id.toMultihash().bytes
  const message = new Uint8Array(TAG.length + key.length + NONCE_BYTES)
  message.set(TAG)
  message.set(key, TAG.length)
  new DataView(message.buffer).setBigUint64(message.length - NONCE_BYTES, nonce)
  return message
}

/** How many zero bits come before the first one bit. */
export function leadingZeroBits(bytes: Uint8Array): number {
  const first = bytes.findIndex(byte => byte !== 0)
  return first === -1 ? bytes.length * 8 : first * 8 + Math.clz32(bytes[first]) - 24
}
