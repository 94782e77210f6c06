import type { PeerId } from '@libp2p/interface'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Random } from '../gossip/random.ts'
import { leadingZeroBits, NONCE_BYTES, type Stamp, stampMessage, stampOf } from './stamp.ts'

/** Milliseconds of hashing after which everything else gets its turn. Our choice: shorter than a blink, and half of what
 * a partner on the same machine may notice. */
const SLICE = 10

/** Nonces tried at a time: those that differ in their last byte only. */
const BATCH = 256

export interface StampSearchInit {
  /** Where to begin: two searches for one identity then do not do the same work. */
  random: Random
  signal: AbortSignal
  /** Called after each slice: how many hashes were made since the search began, and in how many milliseconds. */
  onSlice?(hashes: number, milliseconds: number): void
}

/**
 * Searches for a stamp of at least so many bits, in slices of some 10 ms.
 *
 * @throws the reason of the signal when it is aborted
 */
export async function searchStamp(
  id: PeerId,
  bits: number,
  { random, signal, onSlice }: StampSearchInit
): Promise<Stamp> {
  const began = performance.now()
  const batch = new Batch(id)
  let first = (BigInt(random.next()) << 32n) | (BigInt(random.next()) & 0xffffff00n)
  let hashes = 0
  signal.throwIfAborted()

  for (;;) {
    const end = performance.now() + SLICE

    do {
      const found = batch.search(first, bits)

      if (found != null) {
        return stampOf(id, found)
      }

      first = BigInt.asUintN(64, first + BigInt(BATCH))
      hashes += BATCH
    } while (performance.now() < end)

    onSlice?.(hashes, performance.now() - began)
    await new Promise(resolve => setTimeout(resolve))
    signal.throwIfAborted()
  }
}

/**
 * Tries nonces that differ in their last byte. What comes before that byte is hashed once for all of them: with the usual
 * key (Ed25519) it is just one block of SHA-256, so that each nonce takes one block instead of two.
 */
class Batch {
  private readonly message: Uint8Array
  private readonly nonce: DataView
  private readonly blank = sha256.create()
  private readonly head = sha256.create()
  private readonly whole = sha256.create()
  private readonly last = new Uint8Array(1)
  private readonly digest = new Uint8Array(sha256.outputLen)

  constructor(id: PeerId) {
    const message = stampMessage(id, 0n)
    this.message = message.subarray(0, -1)
    this.nonce = new DataView(message.buffer, message.length - NONCE_BYTES)
  }

  /** The first nonce worth so many bits of the {@link BATCH} from this one on, whose last byte is zero. */
  search(first: bigint, bits: number): bigint | undefined {
    const { blank, head, whole, last, digest } = this
    this.nonce.setBigUint64(0, first)
    blank._cloneInto(head).update(this.message)

    for (let i = 0; i < BATCH; i++) {
      last[0] = i
      head._cloneInto(whole).update(last).digestInto(digest)

      if (leadingZeroBits(digest) >= bits) {
        return first + BigInt(i)
      }
    }

    return undefined
  }
}
