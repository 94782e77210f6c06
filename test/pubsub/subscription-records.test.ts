import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { concat } from 'uint8arrays/concat'
import { type Refusal, RefusalError } from '../../src/live/refusal.ts'
import { AxisNumbers } from '../../src/pubsub/axis-numbers.ts'
import { toBoxes } from '../../src/pubsub/boxes.ts'
import { openDescriptors } from '../../src/pubsub/descriptors.ts'
import { checkEvent, parseFilter, toPoint } from '../../src/pubsub/index.ts'
import { MAX_AXES, MAX_CACHED_SUBSCRIPTIONS, OWN_AXES } from '../../src/pubsub/limits.ts'
import { Subscription } from '../../src/pubsub/messages.ts'
import { Region } from '../../src/pubsub/region.ts'
import { seal } from '../../src/pubsub/sealed.ts'
import { circleId, SubscriptionRecords } from '../../src/pubsub/subscription-records.ts'
import { lax } from '../support/stranger.ts'

const FILTER = 'price in [10, 20) and symbol in {AAPL, MSFT}'

function refused(reason: Refusal): (err: unknown) => boolean {
  return err => err instanceof RefusalError && err.reason === reason
}

describe('a signed subscription', () => {
  let key: PrivateKey
  let records: SubscriptionRecords

  before(async () => {
    key = await generateKeyPair('Ed25519')
  })

  beforeEach(() => {
    records = new SubscriptionRecords(new AxisNumbers())
  })

  /** Properly signed, whatever it says. */
  async function signed(number: number, filter: string, by = key): Promise<Uint8Array<ArrayBuffer>> {
    return await seal('gossip-peer-subscription', Subscription.encode({ number, filter }), by)
  }

  it('is read as it was signed, and known from then on', async () => {
    const owner = peerIdFromPrivateKey(key)
    const { envelope } = await records.seal(key, owner, 7, parseFilter(FILTER))
    assert.equal(records.known(envelope), undefined)
    const opened = await records.verify(envelope)
    assert.deepEqual([opened.peer, opened.number, String(opened.filter)], [`${owner}`, 7, FILTER])
    assert.equal(opened.id, circleId(owner, 7))
    assert.notEqual(opened.id, circleId(owner, 8))
    assert.equal(records.known(envelope.slice()), opened)
  })

  it('is the verified one for whoever writes something else before its signature', async () => {
    const opened = await records.verify(await signed(7, FILTER))
    const other = await signed(7, 'price < 3')
    const mixed = concat([other.subarray(0, -64), opened.envelope.subarray(-64)])
    assert.equal(records.known(mixed), opened)
    await assert.rejects(new SubscriptionRecords(new AxisNumbers()).verify(mixed), refused('forged-record'))
  })

  it('is forged when any bit of it is another: or it cannot be read', async () => {
    const envelope = await signed(7, 'a < 1')

    for (let bit = 0; bit < 8 * envelope.byteLength; bit++) {
      const other = envelope.slice()
      other[bit >> 3] ^= 1 << (bit & 7)
      const isRefused = (err: unknown) => refused('bad-filter')(err) || refused('forged-record')(err)
      await assert.rejects(records.verify(other), isRefused, `bit ${bit}`)
    }
  })

  const bad: Array<[what: string, number: number, filter: string]> = [
    ['number 0', 0, FILTER],
    ['a filter that contradicts itself', 1, 'a in [5, 3]'],
    ['a filter that is none', 1, 'price in'],
    ['a filter of 4,097 characters', 1, `a = "${'x'.repeat(4_091)}"`],
    ['a filter of 20,000 characters', 1, 'x'.repeat(20_000)]
  ]

  for (const [what, number, filter] of bad) {
    it(`is refused with ${what}`, async () => {
      await assert.rejects(records.verify(await signed(number, filter)), refused('bad-filter'))
    })
  }

  it('is refused with anything behind its signature, cut short, or none at all', async () => {
    const envelope = await signed(1, FILTER)
    const tail = concat([envelope, Uint8Array.of(0x50, 1)])

    for (const bytes of [tail, envelope.subarray(0, -1), new Uint8Array(0), new Uint8Array(99).fill(0xff)]) {
      await assert.rejects(records.verify(bytes), refused('bad-filter'))
    }

    await assert.rejects(records.verify(await seal('gossip-peer-event', Uint8Array.of(8, 1), key)), RefusalError)
  })

  it('is refused beside the record of another peer, whether or not it is known', async () => {
    const other = await generateKeyPair('Ed25519')
    const { envelope: record } = await lax.seal(other, [], 1n)
    const subscription = await signed(1, FILTER)
    const descriptor = { record, subscription, age: 0 }
    const open = async () => await openDescriptors([descriptor], { peers: lax, subscriptions: records })
    await assert.rejects(open, refused('foreign-record'))
    assert.ok(records.known(subscription) != null)
    await assert.rejects(open, refused('foreign-record'))
  })

  it('is forgotten when enough others have come', async () => {
    const first = await signed(1, 'a < 1')
    await records.verify(first)

    for (let number = 2; number <= MAX_CACHED_SUBSCRIPTIONS; number++) {
      await records.verify(await signed(number, 'a < 1'))
    }

    assert.ok(records.known(first) != null)
    await records.verify(await signed(MAX_CACHED_SUBSCRIPTIONS + 1, 'a < 1'))
    assert.equal(records.known(first), undefined)
  })
})

describe('numbers of axes', () => {
  it('are left for what this peer asks for, whatever others do', () => {
    const axes = new AxisNumbers()
    const flood = (name: string, numberOf: (axis: string) => number) => {
      for (let i = 0; i < MAX_AXES; i++) {
        new Region(toBoxes(parseFilter(`${name}${i} < 1`)), numberOf)
      }
    }
    flood('theirs', axes.numberOf)
    const at = (late: number) => axes.toArray(toPoint(checkEvent({ late })))
    const own = new Region(toBoxes(parseFilter('late < 1')), axes.ownNumberOf)
    assert.deepEqual([own.holds(at(0), 0), own.holds(at(5), 0)], [true, false])
    // what it asks for is told apart in what others ask for, too
    const theirs = new Region(toBoxes(parseFilter('late > 2 and theirs999 = 1')), axes.numberOf)
    assert.deepEqual([theirs.overlaps(own), theirs.holds(at(5), 0)], [false, true])
    flood('ours', axes.ownNumberOf)
    assert.deepEqual([axes.size, axes.isFull, axes.ownNumberOf('one more')], [MAX_AXES, true, -1])
  })

  it('are as many as there may be; regions are wider in what goes beyond, and never narrower', () => {
    const axes = new AxisNumbers()
    const first = new Region(toBoxes(parseFilter('first < 1')), axes.numberOf)
    assert.equal(axes.isFull, false)

    for (let i = 0; i < 1_000; i++) {
      new Region(toBoxes(parseFilter(`a${i} < 1`)), axes.numberOf)
    }

    assert.equal(axes.isFull, true)
    const late = new Region(toBoxes(parseFilter('first < 1 and late < 1')), axes.numberOf)
    const at = (event: Record<string, number>) => axes.toArray(toPoint(checkEvent(event)))
    assert.equal(at({ late: 0 }).length, MAX_AXES - OWN_AXES)
    assert.deepEqual(
      [at({ first: 0 }), at({ first: 2 }), at({ other: 0 })].map(point => first.holds(point, 0)),
      [true, false, false]
    )
    assert.deepEqual(
      [at({ first: 0, late: 0 }), at({ first: 0, late: 5 }), at({ first: 5, late: 0 })].map(p => late.holds(p, 0)),
      [true, true, false]
    )
  })
})
