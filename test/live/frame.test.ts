import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { decodeFrame, encodeFrame, type FrameKind, headerBytes } from '../../src/live/frame.ts'
import { RefusalError } from '../../src/live/refusal.ts'

const KINDS: FrameKind[] = ['request', 'reply', 'busy']

describe('a frame', () => {
  it('arrives as it was sent, wherever in memory it lands', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...KINDS),
        fc.nat(2 ** 32 - 1),
        fc.uint8Array(),
        fc.nat(2 ** 32 - 1),
        fc.nat(20),
        (kind, exchange, body, microseconds, offset) => {
          const bytes = encodeFrame(kind, exchange, body, microseconds / 1_000)
          const memory = new Uint8Array(bytes.length + offset + 7).fill(0xff)
          memory.set(bytes, offset)
          const frame = decodeFrame(memory.subarray(offset, offset + bytes.length))
          const held = kind === 'request' ? 0 : microseconds / 1_000
          assert.deepEqual({ ...frame, body: [...frame.body] }, { kind, exchange, held, body: [...body] })
          assert.equal(bytes.length, headerBytes(kind) + body.length)
        }
      )
    )
  })

  it('says how long a request was held to the microsecond, and at most what there is room for', () => {
    const heard = (held: number) => decodeFrame(encodeFrame('busy', 1, undefined, held)).held
    assert.deepEqual(
      [0, 0.0004, 0.0006, 1.2344, 5e9, Infinity].map(heard),
      [0, 0, 0.001, 1.234, 4_294_967.295, 4_294_967.295]
    )
  })

  it('has a header of five bytes for a request, and of nine for an answer', () => {
    assert.deepEqual([...encodeFrame('request', 0x01020304, Uint8Array.of(9), 7)], [0, 1, 2, 3, 4, 9])
    assert.deepEqual(
      [...encodeFrame('reply', 0x01020304, Uint8Array.of(9), 0x050607 / 1_000)],
      [1, 1, 2, 3, 4, 0, 5, 6, 7, 9]
    )
    assert.deepEqual([...encodeFrame('busy', 1)], [2, 0, 0, 0, 1, 0, 0, 0, 0])
  })

  it('is refused without a whole header, or with a kind that there is not', () => {
    fc.assert(
      fc.property(fc.nat(KINDS.length), fc.uint8Array({ maxLength: 2 * headerBytes('reply') }), (first, bytes) => {
        bytes.set([first].slice(0, bytes.length))
        const kind = KINDS[bytes[0]]

        if (kind != null && bytes.length >= headerBytes(kind)) {
          assert.equal(decodeFrame(bytes).kind, kind)
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
