import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { decodeFrame, encodeFrame, type FrameKind, HEADER_BYTES } from '../../src/live/frame.ts'
import { RefusalError } from '../../src/live/refusal.ts'

const KINDS: FrameKind[] = ['request', 'reply', 'busy']

describe('a frame', () => {
  it('arrives as it was sent, wherever in memory it lands', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...KINDS),
        fc.nat(2 ** 32 - 1),
        fc.uint8Array(),
        fc.nat(20),
        (kind, exchange, body, offset) => {
          const bytes = encodeFrame(kind, exchange, body)
          const memory = new Uint8Array(bytes.length + offset + 7).fill(0xff)
          memory.set(bytes, offset)
          const frame = decodeFrame(memory.subarray(offset, offset + bytes.length))
          assert.deepEqual({ ...frame, body: [...frame.body] }, { kind, exchange, body: [...body] })
        }
      )
    )
  })

  it('is refused without a whole header, or with a kind that there is not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3 * HEADER_BYTES }), bytes => {
        if (bytes.length >= HEADER_BYTES && bytes[0] < KINDS.length) {
          assert.equal(decodeFrame(bytes).kind, KINDS[bytes[0]])
        } else {
          assert.throws(
            () => decodeFrame(bytes),
            err => err instanceof RefusalError && err.reason === 'malformed'
          )
        }
      })
    )
  })
})
