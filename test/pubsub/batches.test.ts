import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Refusal, RefusalError } from '../../src/live/refusal.ts'
import { decodeBatch, decodeBatchReply, encodeBatch, encodeBatchReply, type Fate } from '../../src/pubsub/batches.ts'
import { packIds, unpackIds } from '../../src/pubsub/codec.ts'
import {
  EVENTS_LIMITS,
  MAX_BATCH,
  MAX_BATCH_BYTES,
  MAX_HEAD_BYTES,
  MAX_PAYLOAD_BYTES
} from '../../src/pubsub/limits.ts'
import { Batch, BatchReply } from '../../src/pubsub/messages.ts'

const CIRCLE = 2 ** 32
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const id = bytes(16).map(id => unpackIds(id)[0])
const uint32 = fc.integer({ min: 0, max: CIRCLE - 1 })
const target = fc.record({ to: uint32, arc: fc.double({ min: 0, max: CIRCLE, noNaN: true }) })
const event = fc.uint8Array({ minLength: 1, maxLength: 40 }).map(event => Uint8Array.from(event))

function refused(reason: Refusal): (err: unknown) => boolean {
  return err => err instanceof RefusalError && err.reason === reason
}

const NO_BATCH: Batch = { handOffs: [], notices: [], wanted: new Uint8Array(0) }

describe('a batch', () => {
  it('is read as it was written', () => {
    const batch = fc.record({
      handOffs: fc.array(fc.record({ event, targets: fc.array(target, { minLength: 1, maxLength: 5 }) })),
      notices: fc.array(fc.record({ event: id, from: uint32, to: uint32 })),
      wanted: fc.array(id)
    })
    fc.assert(fc.property(batch, batch => assert.deepEqual(plain(decodeBatch(encodeBatch(batch))), plain(batch))))
  })

  it('of noise is refused, and nothing else happens', () => {
    const read = (noise: Uint8Array) => {
      try {
        decodeBatch(noise)
        decodeBatchReply(noise, 0)
      } catch (err) {
        assert.ok(err instanceof RefusalError, String(err))
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), read))
  })

  const handOff = (targets: number, arc = 0) => ({
    event: new Uint8Array(1),
    targets: Array.from({ length: targets }, () => ({ to: 1, arc }))
  })
  const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value)
  const notice = { event: new Uint8Array(16), from: 1, to: 1 }
  const bad: Array<[reason: Refusal, what: string, batch: Partial<Batch>]> = [
    ['too-many-descriptors', 'too many events', { handOffs: times(MAX_BATCH + 1, handOff(1)) }],
    ['too-many-descriptors', 'too many targets of one event', { handOffs: [handOff(MAX_BATCH + 1)] }],
    ['too-many-descriptors', 'too many notices', { notices: times(MAX_BATCH + 1, notice) }],
    ['malformed', 'too many ids', { wanted: new Uint8Array(16 * (MAX_BATCH + 1)) }],
    ['malformed', 'ids that end within one', { wanted: new Uint8Array(17) }],
    ['malformed', 'a notice of a longer id', { notices: [{ ...notice, event: new Uint8Array(17) }] }],
    ['malformed', 'a notice of no id', { notices: [{ ...notice, event: new Uint8Array(0) }] }],
    ['out-of-range', 'a negative arc', { handOffs: [handOff(1, -1)] }],
    ['out-of-range', 'an arc beyond the circle', { handOffs: [handOff(1), handOff(2, CIRCLE + 1)] }],
    ['out-of-range', 'an arc that is no number', { handOffs: [handOff(1, Number.NaN)] }],
    ['out-of-range', 'an endless arc', { handOffs: [handOff(1, Number.POSITIVE_INFINITY)] }]
  ]

  for (const [reason, what, batch] of bad) {
    it(`of ${what} is refused: ${reason}`, () => {
      assert.throws(() => decodeBatch(Batch.encode({ ...NO_BATCH, ...batch })), refused(reason))
    })
  }

  it('as large as it may be is read, and no longer than a request may be', () => {
    const largest = {
      handOffs: times(MAX_BATCH, handOff(1, CIRCLE)),
      notices: times(MAX_BATCH, { ...notice, from: CIRCLE - 1, to: CIRCLE - 1 }),
      wanted: new Uint8Array(16 * MAX_BATCH)
    }
    const encoded = Batch.encode(largest)
    assert.equal(decodeBatch(encoded).handOffs.length, MAX_BATCH)
    const events = Math.max(MAX_BATCH_BYTES, MAX_PAYLOAD_BYTES + MAX_HEAD_BYTES)
    assert.ok(encoded.byteLength + events <= EVENTS_LIMITS.maxBytes)
  })
})

describe('the answer to a batch', () => {
  const fate = fc.constantFrom<Fate[]>('taken', 'had', 'gone', 'refused', 'full')

  it('is read as it was written, and says of each what became of it', () => {
    fc.assert(
      fc.property(fc.array(fate), fc.array(event, { maxLength: 9 }), (fates, events) => {
        const encoded = encodeBatchReply(fates, events)
        const reply = decodeBatchReply(encoded, fates.length)
        assert.deepEqual([reply.fates, reply.events.map(e => [...e])], [fates, events.map(e => [...e])])
        assert.throws(() => decodeBatchReply(encoded, fates.length + 1), refused('malformed'))
      })
    )
  })

  it('is refused with a fate that there is not, and with too many events', () => {
    const fates = Uint8Array.of(0, 5)
    assert.throws(() => decodeBatchReply(BatchReply.encode({ fates, events: [] }), 2), refused('malformed'))
    const events = new Array(MAX_BATCH + 1).fill(new Uint8Array(1))
    const many = BatchReply.encode({ fates: new Uint8Array(0), events })
    assert.throws(() => decodeBatchReply(many, 0), refused('too-many-descriptors'))
  })
})

describe('ids of events', () => {
  it('are the same after they have been packed', () => {
    fc.assert(
      fc.property(fc.array(bytes(16)), ids => {
        const packed = Uint8Array.from(ids.flatMap(id => [...id]))
        assert.deepEqual([...packIds(unpackIds(packed))], [...packed])
      })
    )
  })
})

/** Without what kind of array it is. */
function plain({ handOffs, notices, wanted }: ReturnType<typeof decodeBatch>) {
  return {
    handOffs: handOffs.map(({ event, targets }) => ({
      event: [...event],
      targets: targets.map(({ to, arc }) => [to, arc + 0])
    })),
    notices: notices.map(({ event, from, to }) => [event, from, to]),
    wanted: [...wanted]
  }
}
