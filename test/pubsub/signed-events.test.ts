import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import fc from 'fast-check'
import { concat } from 'uint8arrays/concat'
import { Random } from '../../src/gossip/random.ts'
import { type Refusal, RefusalError } from '../../src/live/refusal.ts'
import { checkEvent } from '../../src/pubsub/event.ts'
import { EventStore } from '../../src/pubsub/event-store.ts'
import {
  DEFAULT_MAX_PAYLOAD_BYTES,
  MAX_AXES,
  MAX_HEAD_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_STORED_BYTES,
  MAX_STORED_EVENTS
} from '../../src/pubsub/limits.ts'
import { type Attribute, SignedEvent } from '../../src/pubsub/messages.ts'
import { seal } from '../../src/pubsub/sealed.ts'
import { openEvent, type PublishedEvent, sealEvent } from '../../src/pubsub/signed-events.ts'
import { drawEvent } from './drawn.ts'

const LIMIT = DEFAULT_MAX_PAYLOAD_BYTES
const NOW = 1_700_000_000_000

function refused(reason: Refusal): (err: unknown) => boolean {
  return err => err instanceof RefusalError && err.reason === reason
}

describe('a signed event', () => {
  let key: PrivateKey

  before(async () => {
    key = await generateKeyPair('Ed25519')
  })

  /** Properly signed, whatever is in it. */
  async function signed(attributes: Attribute[], more: Partial<SignedEvent> = {}): Promise<Uint8Array<ArrayBuffer>> {
    const event = { sequence: 1n, time: BigInt(NOW), attributes, payload: new Uint8Array(0), ...more }
    return await seal('gossip-peer-event', SignedEvent.encode(event), key)
  }

  it('is read as it was signed, whatever its values are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.uint8Array({ maxLength: 300 }),
        fc.bigInt(0n, 2n ** 64n - 1n),
        fc.integer({ min: 0, max: 8.64e15 }),
        async (seed, payload, sequence, time) => {
          const event = checkEvent(drawEvent(new Random(seed)))
          const sealed = await sealEvent(key, event, payload, sequence, time)
          const opened = openEvent(sealed.envelope, LIMIT)
          await opened.verify()
          assert.deepEqual(opened.event, event)
          assert.deepEqual([opened.id, opened.sequence, opened.time], [sealed.id, sequence, time])
          assert.deepEqual([...opened.payload], [...payload])
          assert.ok(opened.publisher.equals(peerIdFromPrivateKey(key)))
        }
      ),
      { numRuns: 50 }
    )
  })

  it('has an id of its publisher and its number, and of nothing else', async () => {
    const event = checkEvent({ a: 1 })
    const one = await sealEvent(key, event, new Uint8Array(0), 1n, NOW)
    const same = await sealEvent(key, checkEvent({}), new Uint8Array(9), 1n, NOW + 1)
    const next = await sealEvent(key, event, new Uint8Array(0), 2n, NOW)
    const others = await sealEvent(await generateKeyPair('Ed25519'), event, new Uint8Array(0), 1n, NOW)
    assert.equal(one.id, same.id)
    assert.equal(new Set([one.id, next.id, others.id]).size, 3)
  })

  it('is forged when any bit of it is another: or it cannot be read', async () => {
    const { envelope } = await sealEvent(key, checkEvent({ price: 1.5, s: 'x', t: true }), Uint8Array.of(7), 1n, NOW)
    const reasons = new Set<string>()

    for (let bit = 0; bit < 8 * envelope.byteLength; bit++) {
      const other = envelope.slice()
      other[bit >> 3] ^= 1 << (bit & 7)

      try {
        await openEvent(other, LIMIT).verify()
        assert.fail(`bit ${bit} may be another`)
      } catch (err) {
        assert.ok(err instanceof RefusalError, `bit ${bit}: ${err}`)
        reasons.add(err.reason)
      }
    }

    assert.deepEqual([...reasons].sort(), ['bad-event', 'forged-event'])
  })

  it('is nothing that was signed as something else', async () => {
    const payload = SignedEvent.encode({ sequence: 1n, time: BigInt(NOW), attributes: [], payload: new Uint8Array(0) })
    const other = await seal('gossip-peer-subscription', payload, key)
    const bad = (err: unknown) => refused('bad-event')(err) || refused('forged-event')(err)
    await assert.rejects(async () => await openEvent(other, LIMIT).verify(), bad)
  })

  const name = (i: number) => ({ name: `a${i}`, number: 1 })
  const cases: Array<[what: string, attributes: Attribute[], more?: Partial<SignedEvent>]> = [
    ['a number that is none', [{ name: 'a', number: Number.NaN }]],
    ['infinity', [{ name: 'a', number: Number.POSITIVE_INFINITY }]],
    ['minus infinity', [{ name: 'a', number: Number.NEGATIVE_INFINITY }]],
    ['an attribute without a value', [{ name: 'a' }]],
    ['two values of one name', [name(1), { name: 'a1', text: 'x' }]],
    ['two values of one name, of which the first is none', [{ name: 'a1' }, name(1)]],
    ['a number and a text in one', [{ name: 'a', number: 1, text: 'x' }]],
    ['33 attributes', Array.from({ length: 33 }, (_, i) => name(i))],
    ['1,000 attributes', Array.from({ length: 1_000 }, (_, i) => name(i))],
    ['a name of no characters', [{ name: '', number: 1 }]],
    ['a name of 65 characters', [{ name: 'a'.repeat(65), number: 1 }]],
    ['a name that begins with a digit', [{ name: '1a', number: 1 }]],
    ['a string of 1,025 bytes', [{ name: 'a', text: 'x'.repeat(1_025) }]],
    ['a time that no calendar has', [], { time: 2n ** 64n - 1n }],
    ['a time one millisecond after the last', [], { time: 8_640_000_000_000_001n }]
  ]

  for (const [what, attributes, more] of cases) {
    it(`is refused with ${what}`, async () => {
      const envelope = await signed(attributes, more)
      assert.throws(() => openEvent(envelope, LIMIT), refused('bad-event'))
    })
  }

  it('is refused with more than it must be, or less, in the one way that there is to write it', async () => {
    const envelope = await signed([name(1)])
    const tail = concat([envelope, Uint8Array.of(0x50, 1)])

    for (const bytes of [tail, envelope.subarray(0, -1), new Uint8Array(0), new Uint8Array(100).fill(0xff)]) {
      assert.throws(() => openEvent(bytes, LIMIT), refused('bad-event'))
    }
  })

  it('may have a payload as long as this peer takes: longer ones are nobody’s fault, unless no peer may take them', async () => {
    const of = (length: number) => signed([name(1)], { payload: new Uint8Array(length) })
    assert.equal(openEvent(await of(100), 100).payload.byteLength, 100)
    const longer = await of(101)
    assert.throws(() => openEvent(longer, 100), refused('long-payload'))
    const muchLonger = await of(101 + MAX_HEAD_BYTES)
    assert.throws(() => openEvent(muchLonger, 100), refused('long-payload'))
    const tooLong = await of(MAX_PAYLOAD_BYTES + MAX_HEAD_BYTES)
    assert.throws(() => openEvent(tooLong, MAX_PAYLOAD_BYTES), refused('bad-event'))
  })

  it('keeps nothing of the message alive that it came in', async () => {
    const { envelope } = await sealEvent(key, checkEvent({ a: 1 }), Uint8Array.of(1, 2), 1n, NOW)
    const message = new Uint8Array(10_000)
    message.set(envelope, 100)
    const opened = openEvent(message.subarray(100, 100 + envelope.byteLength), LIMIT)
    assert.equal(opened.envelope.buffer.byteLength, envelope.byteLength)
    assert.ok(opened.payload.buffer.byteLength <= envelope.byteLength)
    message.fill(0)
    await opened.verify()
  })
})

describe('the events that a peer keeps', () => {
  const event = (i: number, bytes: number) => ({
    published: { id: `${i}`, envelope: new Uint8Array(bytes) } as unknown as PublishedEvent,
    point: new Float64Array(0)
  })

  it('are the last ones, so many at most', () => {
    const store = new EventStore()

    for (let i = 0; i < MAX_STORED_EVENTS + 3; i++) {
      store.add(event(i, 1))
    }

    assert.deepEqual(
      [2, 3, MAX_STORED_EVENTS + 2].map(i => store.has(`${i}`)),
      [false, true, true]
    )
    store.clear()
    assert.equal(store.get('3'), undefined)
  })

  it('take no more bytes than they may', () => {
    const store = new EventStore()
    const bytes = MAX_PAYLOAD_BYTES
    // beside its envelope and what is in it, each has a point
    const most = Math.floor(MAX_STORED_BYTES / (2 * bytes + 8 * MAX_AXES))

    for (let i = 0; i <= most; i++) {
      store.add(event(i, bytes))
    }

    assert.deepEqual(
      [0, 1, most].map(i => store.has(`${i}`)),
      [false, true, true]
    )
    store.clear()

    for (let i = 0; i < most; i++) {
      store.add(event(i, bytes))
    }

    assert.ok(store.has('0'), 'nothing is counted that was cleared')
  })
})
