import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import * as fc from 'fast-check'
import { NOBODY } from '../../src/gossip/exchange.ts'
import type { OwnRecord } from '../../src/live/own-record.ts'
import { SELF } from '../../src/live/population.ts'
import { Records, type VerifiedRecord } from '../../src/live/records.ts'
import { type Refusal, RefusalError } from '../../src/live/refusal.ts'
import { OverlayCodec } from '../../src/overlay/codec.ts'
import { KnownPeers } from '../../src/overlay/known-peers.ts'
import { MAX_MESSAGE_BYTES } from '../../src/overlay/limits.ts'
import { OverlayMessage } from '../../src/overlay/message.ts'
import { type Descriptor, Exchange } from '../../src/overlay/messages.ts'
import { Positions } from '../../src/overlay/positions.ts'
import { PROFILE, positioned, SPACE } from '../support/positioned.ts'

const CAPACITY = 10

/** One end of the wire. */
class End {
  readonly record: VerifiedRecord
  readonly codec: OverlayCodec
  readonly peers: KnownPeers<number[]>
  readonly places = SPACE.places(10)
  readonly gone: number[] = []
  readonly news: number[] = []
  exceeded: bigint | undefined

  constructor(record: VerifiedRecord, capacity = CAPACITY) {
    const positions = new Positions(SPACE, PROFILE)
    const own = {
      current: record,
      exceed: (seq: bigint) => {
        this.exceeded = seq
      }
    } as unknown as OwnRecord
    const underlay = { records: new Records({ maxBytes: 2_048, maxAddresses: 16, maxCached: 1_000 }), own }
    this.record = record
    this.peers = new KnownPeers({
      positions,
      places: this.places,
      underlay: () => undefined,
      inUse: () => false,
      onGone: peer => this.gone.push(peer),
      onNews: peer => this.news.push(peer)
    })
    this.codec = new OverlayCodec({
      createMessage: () => new OverlayMessage(capacity),
      peers: this.peers,
      positions,
      underlay: () => underlay
    })
  }

  say(descriptors: Array<[VerifiedRecord, number]>): Uint8Array {
    const message = this.codec.createMessage()

    for (const [record, age] of descriptors) {
      message.add(record === this.record ? SELF : this.peers.learn(record), age)
    }

    return this.codec.encode(message)
  }

  /** Whom it takes from a message, with ages, and by what position; and whom it takes for the sender. */
  async hear(bytes: Uint8Array, from: VerifiedRecord, kind: 'request' | 'reply' = 'request') {
    const out = this.codec.createMessage()
    const sender = this.codec.adopt(await this.codec.open(bytes, kind, from.id), from.id, out)
    const taken = Array.from({ length: out.size }, (_, i) => [
      this.peers.record(out.peers[i])?.key,
      out.ages[i],
      this.places.get(out.peers[i])
    ])
    return { sender: sender === NOBODY ? undefined : this.peers.record(sender)?.key, taken }
  }
}

function wire(...descriptors: Array<[VerifiedRecord, number]>): Uint8Array {
  return Exchange.encode({ descriptors: descriptors.map(([{ envelope }, age]) => ({ record: envelope, age })) })
}

describe('the codec of an overlay', () => {
  let keys: PrivateKey[]
  let alice: VerifiedRecord
  let bob: VerifiedRecord
  let others: VerifiedRecord[]
  let all: VerifiedRecord[]

  before(async () => {
    keys = await Promise.all(Array.from({ length: 14 }, () => generateKeyPair('Ed25519')))
    all = await Promise.all(keys.map((key, i) => positioned(key, [i, 2 * i])))
    ;[alice, bob, ...others] = all
  })

  it('says the same at both ends, positions included, by whatever numbers each knows the peers', async () => {
    const ages = fc.array(fc.nat(10), { maxLength: CAPACITY - 1 })

    await fc.assert(
      fc.asyncProperty(ages, fc.nat(others.length), fc.constantFrom('request', 'reply'), async (said, skip, kind) => {
        const [here, there] = [new End(alice), new End(bob)]

        for (const record of others.slice(0, skip)) {
          there.peers.learn(record)
        }

        const bytes = here.say([[alice, 0], ...said.map((age, i): [VerifiedRecord, number] => [others[i], age])])
        assert.deepEqual(await there.hear(bytes, alice, kind as 'request' | 'reply'), {
          sender: alice.key,
          taken: [[alice.key, 0, [0, 0]], ...said.map((age, i) => [others[i].key, age, [i + 2, 2 * (i + 2)]])]
        })
      }),
      { numRuns: 30 }
    )
  })

  it('refuses a whole message for one thing in it that is wrong, and takes note of nobody', async () => {
    const [key] = keys.slice(-1)
    const mallory = all[all.length - 1]
    const float = (...numbers: number[]) => new Uint8Array(new Float64Array(numbers).buffer)
    const forged = others[0].envelope.slice()
    forged[forged.length - 1] ^= 1
    const foreign = await positioned(keys[3], [1, 1])
    const descriptor = (record?: Uint8Array, age = 1): Descriptor => ({ record: record?.slice(), age })
    const behind = (...descriptors: Descriptor[]) =>
      Exchange.encode({ descriptors: [descriptor(alice.envelope, 0), descriptor(bob.envelope), ...descriptors] })
    const at = async (position: number[] | Uint8Array | undefined, profile = PROFILE) =>
      behind(descriptor((await positioned(key, position, { profile })).envelope))

    const messages: Array<[Refusal, Uint8Array]> = [
      ['malformed', Uint8Array.of(10, 200, 1)],
      ['bad-record', behind(descriptor(undefined))],
      ['bad-record', behind(descriptor(new Uint8Array(0)))],
      ['bad-record', behind(descriptor(new Uint8Array(3_000)))],
      ['forged-record', behind(descriptor(forged))],
      ['age-out-of-range', behind(descriptor(mallory.envelope, 65_536))],
      ['duplicate', behind(descriptor(mallory.envelope), descriptor(mallory.envelope))],
      [
        'duplicate',
        behind(descriptor(mallory.envelope), descriptor((await positioned(key, [1, 1], { seq: 2n })).envelope))
      ],
      ['too-many-descriptors', behind(...Array.from({ length: 99 }, () => descriptor(mallory.envelope)))],
      ['not-the-sender', wire()],
      ['not-the-sender', wire([foreign, 0], [alice, 0])],
      ['bad-profile', await at(undefined)],
      ['bad-profile', await at([1, 1], 'overlay torus 50x51')],
      ['bad-profile', await at([1, 1], 'overlay torus 50x50/red')],
      ['bad-profile', await at(float(Number.NaN, 1))],
      ['bad-profile', await at(float(1, Number.POSITIVE_INFINITY))],
      ['bad-profile', await at(float(50, 1))],
      ['bad-profile', await at(float(-1, 1))],
      ['bad-profile', await at(float(0.5, 1))],
      ['bad-profile', await at(float(1))],
      ['bad-profile', await at(float(1, 1, 1))],
      ['bad-profile', await at(new Uint8Array(15))],
      ['bad-profile', await at(new Uint8Array(0))]
    ]

    for (const [reason, bytes] of messages) {
      for (const kind of ['request', 'reply'] as const) {
        const end = new End(others[1])
        await assert.rejects(
          end.hear(bytes, alice, kind),
          err => err instanceof RefusalError && err.reason === reason,
          reason
        )
        assert.equal(end.peers.size, 0)
      }
    }
  })

  it('takes the first descriptors of a message that is larger than its own, and up to a hundred', async () => {
    const end = new End(bob, 3)
    const { taken } = await end.hear(
      wire([alice, 0], ...others.map((record): [VerifiedRecord, number] => [record, 3])),
      alice
    )
    assert.deepEqual(
      taken.map(([key]) => key),
      [alice, others[0], others[1]].map(({ key }) => key)
    )
  })

  it('never takes itself, and learns from its own newer record that its clock went back', async () => {
    const end = new End(bob)
    const older = await positioned(keys[1], [1, 1], { seq: 0n })
    const newer = await positioned(keys[1], [1, 1], { seq: 9n })
    assert.deepEqual((await end.hear(wire([alice, 0], [older, 1]), alice)).taken.length, 1)
    assert.deepEqual((await end.hear(wire([alice, 0], [bob, 1]), alice)).taken.length, 1)
    assert.equal(end.exceeded, undefined)
    assert.deepEqual((await end.hear(wire([alice, 0], [newer, 1]), alice)).taken.length, 1)
    assert.equal(end.exceeded, 9n)
  })

  it('does not believe a sender that makes itself old', async () => {
    const { taken } = await new End(bob).hear(wire([alice, 7], [others[0], 7]), alice)
    assert.deepEqual(
      taken.map(([, age]) => age),
      [0, 7]
    )
  })

  it('knows the sender without an address, and takes nobody who has none', async () => {
    const end = new End(bob)
    const silent = await positioned(keys[0], [4, 4], { addresses: [] })
    const another = await positioned(keys[5], [4, 4], { addresses: [] })
    const { sender, taken } = await end.hear(wire([silent, 0], [another, 0], [others[0], 0]), silent)
    assert.equal(sender, silent.key)
    assert.deepEqual(
      taken.map(([key]) => key),
      [others[0].key]
    )
    assert.deepEqual(end.places.get(end.peers.number(silent.key)), [4, 4])
  })

  it('goes by the newest record of a peer, whoever brings an older one', async () => {
    const end = new End(bob)
    const moved = await positioned(keys[2], [40, 41], { seq: 5n })
    assert.deepEqual((await end.hear(wire([alice, 0], [moved, 2]), alice)).taken[1], [moved.key, 2, [40, 41]])
    assert.deepEqual((await end.hear(wire([alice, 0], [others[0], 1]), alice)).taken[1], [moved.key, 1, [40, 41]])
    const back = await positioned(keys[2], [3, 3], { seq: 6n })
    assert.deepEqual((await end.hear(wire([alice, 0], [back, 2]), alice)).taken[1], [moved.key, 2, [3, 3]])
  })

  it('hands on the newest record that it has, as many as a message may hold', async () => {
    const crowd = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const key = await generateKeyPair('Ed25519')
        const more = new Map([0, 1, 2, 3].map(n => [`more ${n}`, new Uint8Array(250)] as const))
        const { lax } = await import('../support/stranger.ts')
        return await lax.seal(key, [], BigInt(i), new Map([[PROFILE, SPACE.encode([1, 1]).slice()], ...more]))
      })
    )
    const end = new End(alice, 100)
    const bytes = end.say([[alice, 0], ...crowd.map((record): [VerifiedRecord, number] => [record, 1])])
    assert.ok(bytes.byteLength <= MAX_MESSAGE_BYTES && bytes.byteLength > MAX_MESSAGE_BYTES - 2_000, `${bytes.length}`)
    assert.ok(Exchange.decode(bytes).descriptors.length < 60)
  })

  describe('with a table of known peers', () => {
    it('lets a peer go whose newest record has no position, and does not take it back by an older one', async () => {
      const end = new End(bob)
      const peer = end.peers.learn(alice)
      assert.equal(end.peers.learn(alice), peer)
      assert.deepEqual(end.gone, [])
      assert.equal(end.peers.learn(await positioned(keys[0], undefined, { seq: 2n })), NOBODY)
      assert.deepEqual(end.gone, [peer])
      assert.equal(end.peers.learn(alice), NOBODY)
      assert.equal((await end.hear(wire([alice, 0], [others[0], 1]), alice)).sender, undefined)
      const again = await positioned(keys[0], [8, 8], { seq: 3n })
      assert.deepEqual(end.places.get(end.peers.learn(again)), [8, 8])
    })

    it('tells of a peer that has signed something new, and of no other', async () => {
      const end = new End(bob)
      const peer = end.peers.learn(alice)
      const newer = await positioned(keys[0], [1, 2], { seq: 2n })
      end.peers.learn(alice)
      assert.deepEqual(end.news, [])
      end.peers.learn(newer)
      end.peers.learn(newer)
      end.peers.learn(alice)
      assert.deepEqual(end.news, [peer])
    })

    it('takes no note of peers that are not in the space', async () => {
      const end = new End(bob)
      assert.equal(end.peers.learn(await positioned(keys[0], undefined)), NOBODY)
      assert.deepEqual([end.peers.size, end.gone], [0, []])
    })
  })
})
