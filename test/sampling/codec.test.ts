import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import * as fc from 'fast-check'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { PeerTable } from '../../src/gossip/peer-table.ts'
import { Random } from '../../src/gossip/random.ts'
import { MAX_AGE } from '../../src/gossip/views.ts'
import { SELF } from '../../src/live/population.ts'
import { Records, type VerifiedRecord } from '../../src/live/records.ts'
import { type Refusal, RefusalError } from '../../src/live/refusal.ts'
import { stampOf } from '../../src/live/stamp.ts'
import { searchStamp } from '../../src/live/stamp-search.ts'
import type { Admission } from '../../src/sampling/admission.ts'
import { SamplingCodec } from '../../src/sampling/codec.ts'
import { MAX_MESSAGE_BYTES, MAX_VIEW_SIZE } from '../../src/sampling/constants.ts'
import { SamplingMessage } from '../../src/sampling/message.ts'
import { Exchange } from '../../src/sampling/messages.ts'

const CAPACITY = 8

interface EndInit extends Partial<Admission> {
  capacity?: number
  inUse?(peer: number): boolean
}

/** One end of the wire. */
class End {
  readonly peers: PeerTable<VerifiedRecord>
  readonly codec: SamplingCodec
  readonly newer: bigint[] = []
  readonly leftOut: Refusal[] = []
  /** Whom the view holds. */
  held: number[] = []

  constructor(self: VerifiedRecord, { capacity = 100, inUse = () => true, ...admission }: EndInit = {}) {
    this.peers = new PeerTable(capacity, inUse)
    this.codec = new SamplingCodec({
      records: new Records({ maxBytes: 2_000, maxAddresses: 16, maxCached: 1_000 }),
      peers: this.peers,
      self: () => self,
      onNewerSelf: seq => this.newer.push(seq),
      createMessage: () => new SamplingMessage(CAPACITY),
      admission: { stampBits: 0, maxPerBlock: 0, ...admission },
      held: () => this.held,
      onLeftOut: reason => this.leftOut.push(reason)
    })
  }

  /** Makes the peer known, and returns its number. */
  know(record: VerifiedRecord): number {
    return this.peers.set(record.key, record)
  }

  /** The message as this end understands it: who sent it, and each descriptor as key and age. */
  async hear(bytes: Uint8Array, from: VerifiedRecord, kind: 'request' | 'reply' = 'request') {
    const message = this.codec.createMessage()
    const sender = this.codec.adopt(await this.codec.open(bytes, kind, from.id), from.id, message)
    const descriptors = Array.from({ length: message.size }, (_, i) => {
      const peer = message.peers[i]
      return [peer === SELF ? 'self' : this.peers.get(peer)?.key, message.ages[i]]
    })
    return {
      sender: sender === NOBODY ? undefined : this.peers.get(sender)?.key,
      joining: message.joining,
      descriptors
    }
  }
}

describe('a sampling message on the wire', () => {
  const records = new Records({ maxBytes: 2_000, maxAddresses: 16, maxCached: 1_000 })
  let keys: PrivateKey[]
  let all: VerifiedRecord[]
  let alice: VerifiedRecord
  let bob: VerifiedRecord
  let others: VerifiedRecord[]

  before(async () => {
    keys = await Promise.all(Array.from({ length: 20 }, () => generateKeyPair('Ed25519')))
    all = await Promise.all(keys.map(key => recordOf(key, 1n)))
    ;[alice, bob, ...others] = all
  })

  async function recordOf(key: PrivateKey, seq: bigint, addresses = 1): Promise<VerifiedRecord> {
    const multiaddrs = Array.from({ length: addresses }, (_, i) => multiaddr(`/ip4/127.0.0.1/tcp/${Number(seq) + i}`))
    return records.seal(key, multiaddrs, seq)
  }

  function wire(descriptors: Array<[VerifiedRecord, number]>, joining = false): Uint8Array {
    return Exchange.encode({
      joining,
      descriptors: descriptors.map(([{ envelope, stamp }, age]) => ({ record: envelope, age, stamp: stamp?.nonce }))
    })
  }

  /** The peer as it is after so much work. */
  async function worked(record: VerifiedRecord, bits: number): Promise<VerifiedRecord> {
    const { signal } = new AbortController()
    return { ...record, stamp: await searchStamp(record.id, bits, { random: new Random(bits), signal }) }
  }

  /** The first nonces are worth little: one that is worth just so many bits. */
  function cheap(record: VerifiedRecord, bits: number): VerifiedRecord {
    let nonce = 0n

    while (stampOf(record.id, nonce).bits !== bits) {
      nonce++
    }

    return { ...record, stamp: stampOf(record.id, nonce) }
  }

  function refusedAs(reason: Refusal): (err: unknown) => boolean {
    return err => err instanceof RefusalError && err.reason === reason
  }

  it('says the same at both ends, by whatever numbers each knows the peers', async () => {
    const ages = fc.array(fc.nat(MAX_AGE), { minLength: 0, maxLength: CAPACITY - 1 })

    await fc.assert(
      fc.asyncProperty(ages, fc.boolean(), fc.nat(10), async (said, joining, skip) => {
        const [here, there] = [new End(alice), new End(bob)]
        const message = here.codec.createMessage()
        message.joining = joining
        message.add(SELF, 0)
        said.forEach((age, i) => {
          message.add(here.know(others[i]), age)
        })

        for (const record of others.slice(0, skip)) {
          there.know(record)
        }

        assert.deepEqual(await there.hear(here.codec.encode(message), alice), {
          sender: alice.key,
          joining,
          descriptors: [[alice.key, 0], ...said.map((age, i) => [others[i].key, age])]
        })
      }),
      { numRuns: 30 }
    )
  })

  it('names its receiver by the number of itself', async () => {
    const { descriptors } = await new End(bob).hear(
      wire([
        [alice, 0],
        [bob, 3]
      ]),
      alice
    )
    assert.deepEqual(descriptors, [
      [alice.key, 0],
      ['self', 3]
    ])
  })

  it('makes nobody younger but its sender, who cannot be old', async () => {
    const { descriptors } = await new End(bob).hear(
      wire([
        [alice, 900],
        [others[0], 900]
      ]),
      alice
    )
    assert.deepEqual(descriptors, [
      [alice.key, 0],
      [others[0].key, 900]
    ])
  })

  it('makes nobody a member who can be reached nowhere, its sender included', async () => {
    const hidden = await recordOf(keys[0], 2n, 0)
    const { sender, descriptors } = await new End(bob).hear(
      wire([
        [hidden, 0],
        [others[0], 1]
      ]),
      hidden
    )
    assert.equal(sender, undefined)
    assert.deepEqual(descriptors, [[others[0].key, 1]])
  })

  it('brings newer records, and never an older one', async () => {
    const end = new End(bob)
    const seqs: Array<bigint | undefined> = []

    for (const seq of [5n, 3n, 5n, 9n, 8n]) {
      const sent = await recordOf(keys[0], seq)
      await end.hear(wire([[sent, 0]]), sent)
      const number = end.peers.number(alice.key)
      seqs.push(number == null ? undefined : end.peers.get(number)?.seq)
    }

    assert.deepEqual(seqs, [5n, 5n, 5n, 9n, 9n])
    assert.equal(end.peers.size, 1)
  })

  it('tells a peer of a newer record of its own', async () => {
    const end = new End(bob)
    await end.hear(wire([[alice, 0]]), alice)
    assert.deepEqual(end.newer, [])
    await end.hear(
      wire([
        [alice, 0],
        [await recordOf(keys[1], 7n), 0]
      ]),
      alice
    )
    assert.deepEqual(end.newer, [7n])
  })

  it('gives each peer a number of its own, also when the table is full', async () => {
    // nobody is in use: with each new peer a quarter of the table is taken back, those named longest ago first
    const end = new End(bob, { capacity: 8, inUse: () => false })

    for (const record of others.slice(0, 8)) {
      end.know(record)
    }

    // the first one is known, and was named longest ago
    const named = [others[0], others[9], others[10], others[11]]
    const { descriptors } = await end.hear(wire(named.map((record, i) => [record, i])), alice, 'reply')
    assert.deepEqual(
      descriptors,
      named.map((record, i) => [record.key, i])
    )
  })

  it('of a peer with a larger view is understood as far as it can be used', async () => {
    const said = all.slice(0, CAPACITY + 5).map((record, i): [VerifiedRecord, number] => [record, i])
    const { sender, descriptors } = await new End(others[10]).hear(wire(said), alice)
    assert.equal(sender, alice.key)
    assert.deepEqual(
      descriptors,
      said.slice(0, CAPACITY).map(([{ key }, age]) => [key, age])
    )
  })

  it('ends before it is too long for its receiver, however large views and records are', async () => {
    const here = new End(alice)
    const message = new SamplingMessage(100)
    const host = `${'long-'.repeat(10)}name.${'of-a-'.repeat(10)}host.example`
    const addresses = Array.from({ length: 14 }, (_, i) => multiaddr(`/dns4/${host}/tcp/${4_000 + i}`))
    const said: Uint8Array[] = []

    while (message.size < 100) {
      const record = await records.seal(await generateKeyPair('Ed25519'), addresses, 1n)
      assert.ok(record.envelope.length > 1_800, `a record of ${record.envelope.length} bytes`)
      message.add(here.know(record), MAX_AGE)
      said.push(record.envelope)
    }

    const bytes = here.codec.encode(message)
    const { descriptors } = Exchange.decode(bytes)
    assert.ok(bytes.length <= MAX_MESSAGE_BYTES, `${bytes.length} bytes`)
    assert.ok(bytes.length > MAX_MESSAGE_BYTES - 3_000, `${bytes.length} bytes`)
    assert.deepEqual(
      descriptors.map(({ record }) => record),
      said.slice(0, descriptors.length)
    )
  })

  it('changes nothing when it is refused', async () => {
    const end = new End(bob)
    const forged = { ...others[3], envelope: others[3].envelope.slice() }
    forged.envelope[forged.envelope.length - 1] ^= 1
    const refused: Array<[reason: string, bytes: Uint8Array]> = [
      [
        'age-out-of-range',
        wire([[alice, 0], ...others.slice(0, 3).map(other => [other, MAX_AGE + 1] as [VerifiedRecord, number])])
      ],
      ['duplicate', wire([alice, others[0], others[1], others[0]].map((record, i) => [record, i]))],
      ['forged-record', wire([alice, others[0], forged].map(record => [record, 0]))],
      ['not-the-sender', wire([others[0], alice].map(record => [record, 0]))],
      ['not-the-sender', wire([])],
      ['too-many-descriptors', wire(Array.from({ length: MAX_VIEW_SIZE + 2 }, () => [alice, 0]))],
      ['malformed', new Uint8Array(50).fill(0xff)]
    ]

    for (const [reason, bytes] of refused) {
      await assert.rejects(end.hear(bytes, alice), err => {
        assert.ok(err instanceof RefusalError, String(err))
        assert.equal(err.reason, reason)
        return true
      })
    }

    assert.equal(end.peers.size, 0)
  })

  it('need not begin with its sender when it is an answer', async () => {
    const { sender, descriptors } = await new End(bob).hear(wire([[others[0], 4]]), alice, 'reply')
    assert.equal(sender, undefined)
    assert.deepEqual(descriptors, [[others[0].key, 4]])
  })

  describe('with stamps', () => {
    it('hands on those of others and its own, whether or not it asks for any', async () => {
      const me = await worked(alice, 6)
      const paid = await worked(others[0], 6)
      const here = new End(me)
      const message = here.codec.createMessage()
      message.add(SELF, 0)
      message.add(here.know(paid), 1)
      message.add(here.know(others[1]), 2)

      for (const end of [new End(bob), new End(bob, { stampBits: 6 })]) {
        await end.hear(here.codec.encode(message), me)
        const numbers = [me, paid].map(({ key }) => end.peers.number(key) as number)
        const onward = end.codec.createMessage()
        numbers.forEach((number, age) => {
          onward.add(number, age)
        })
        assert.deepEqual(
          Exchange.decode(end.codec.encode(onward)).descriptors.map(({ stamp }) => stamp),
          [me.stamp?.nonce, paid.stamp?.nonce]
        )
      }

      assert.deepEqual(
        Exchange.decode(here.codec.encode(message)).descriptors.map(({ stamp }) => stamp),
        [me.stamp?.nonce, paid.stamp?.nonce, undefined]
      )
    })

    it('leaves out who has not worked enough, counts it, and takes the rest', async () => {
      const end = new End(bob, { stampBits: 6 })
      const me = cheap(alice, 6)
      const [enough, little] = [cheap(others[0], 6), cheap(others[1], 5)]
      let stolen = others[2]

      // one in 64 is worth something to the thief by chance
      for (let owner = 3; stolen.stamp == null || stampOf(stolen.id, stolen.stamp.nonce).bits >= 6; owner++) {
        stolen = { ...others[2], stamp: (await worked(others[owner], 10)).stamp }
      }

      const { sender, descriptors } = await end.hear(
        wire([me, little, enough, stolen, others[4], bob].map((record, age) => [record, age])),
        me
      )
      assert.equal(sender, alice.key)
      assert.deepEqual(descriptors, [
        [alice.key, 0],
        [enough.key, 2],
        ['self', 5]
      ])
      assert.deepEqual(end.leftOut, ['too-little-work', 'too-little-work', 'too-little-work'])
      assert.equal(end.peers.size, 2)
    })

    it('refuses the message of a sender that has not worked enough, as a request or as an answer', async () => {
      for (const kind of ['request', 'reply'] as const) {
        for (const me of [alice, cheap(alice, 5)]) {
          const end = new End(bob, { stampBits: 6 })
          const said = wire([me, cheap(others[0], 6)].map((record, age) => [record, age]))
          await assert.rejects(end.hear(said, me, kind), refusedAs('too-little-work'))
          // again, now that the record is known
          await assert.rejects(end.hear(said, me, kind), refusedAs('too-little-work'))
          assert.equal(end.peers.size, 0)
          assert.deepEqual(end.leftOut, [])
        }
      }
    })

    it('verifies nothing for a sender that has not worked enough', async () => {
      const end = new End(bob, { stampBits: 6 })
      const forged = { ...others[0], envelope: others[0].envelope.slice() }
      forged.envelope[forged.envelope.length - 1] ^= 1
      await assert.rejects(
        end.hear(wire([alice, forged].map(record => [record, 0])), alice),
        refusedAs('too-little-work')
      )
    })

    it('believes a better stamp that comes later, and keeps the best', async () => {
      const end = new End(bob, { stampBits: 4 })
      const me = cheap(alice, 4)
      const bits: Array<number | undefined> = []

      for (const work of [0, 3, 4, 2, 7, 5]) {
        await end.hear(wire([me, cheap(others[0], work)].map((record, age) => [record, age])), me)
        const number = end.peers.number(others[0].key)
        bits.push(number == null ? undefined : end.peers.get(number)?.stamp?.bits)
      }

      assert.deepEqual(bits, [undefined, undefined, 4, 4, 7, 7])
      assert.deepEqual(end.leftOut, ['too-little-work', 'too-little-work'])
    })

    it('holds for the identity: a newer record needs no new stamp, and may do without', async () => {
      const end = new End(bob, { stampBits: 6 })
      const old = cheap(alice, 6)
      const renewed = await recordOf(keys[0], 2n)
      await end.hear(wire([[old, 0]]), old)
      const { sender } = await end.hear(wire([[renewed, 0]]), renewed)
      assert.equal(sender, alice.key)
      const known = end.peers.get(end.peers.number(alice.key) as number)
      assert.equal(known?.seq, 2n)
      assert.equal(known?.stamp?.nonce, old.stamp?.nonce)

      // and a stamp that comes with an older record is as good
      const better = cheap(alice, 8)
      await end.hear(wire([[better, 0]]), better)
      assert.equal(known?.stamp?.nonce, better.stamp?.nonce)
    })

    it('holds for whom others name by an older record without it', async () => {
      const end = new End(bob, { stampBits: 6 })
      const me = cheap(alice, 6)
      const renewed = cheap(await recordOf(keys[2], 2n), 6)
      const heard = async (other: VerifiedRecord) =>
        await end.hear(
          wire([
            [me, 0],
            [other, 1]
          ]),
          me
        )
      const { descriptors } = await heard(renewed)
      assert.deepEqual((await heard(others[0])).descriptors, descriptors)
      assert.deepEqual(end.leftOut, [])
    })

    it('asks for none with zero bits', async () => {
      const end = new End(bob)
      const { descriptors } = await end.hear(wire([alice, ...others.slice(0, 3)].map(record => [record, 0])), alice)
      assert.equal(descriptors.length, 4)
      assert.deepEqual(end.leftOut, [])
    })
  })

  describe('with a cap per address block', () => {
    /** A peer in a block of its own choice. */
    async function living(who: number, block: number, seq = 1n): Promise<VerifiedRecord> {
      return await records.seal(keys[who], [multiaddr(`/ip4/8.8.${block}.${who + 1}/tcp/1`)], seq)
    }

    async function hear(end: End, ...said: VerifiedRecord[]): Promise<unknown[]> {
      const { descriptors } = await end.hear(wire(said.map((record, age) => [record, age])), said[0])
      return descriptors.map(([key]) => said.findIndex(record => record.key === key))
    }

    it('takes as many of a block as may be in the view, and counts the others', async () => {
      const end = new End(bob, { maxPerBlock: 2 })
      const crowd = await Promise.all([2, 3, 4, 5].map(who => living(who, 7)))
      const lone = await living(6, 8)
      assert.deepEqual(await hear(end, ...crowd.slice(0, 3), lone, crowd[3]), [0, 1, 3])
      assert.deepEqual(end.leftOut, ['crowded-block', 'crowded-block'])
      assert.equal(end.peers.size, 3)
    })

    it('counts those who are in the view already, and lets them stay', async () => {
      const end = new End(bob, { maxPerBlock: 2 })
      const [a, b, c, d] = await Promise.all([2, 3, 4, 5].map(who => living(who, 7)))
      end.held = [a, b].map(record => end.know(record))
      assert.deepEqual(await hear(end, c, b, d, a), [1, 3])
      end.held.pop()
      // known, but not in the view any more
      assert.deepEqual(await hear(end, a, c, b), [0, 1])
    })

    it('does not let a member move into a block that is full', async () => {
      const end = new End(bob, { maxPerBlock: 1 })
      const [a, b] = [await living(2, 7), await living(3, 8)]
      end.held = [a, b].map(record => end.know(record))
      assert.deepEqual(await hear(end, await living(3, 7, 2n)), [])
      assert.equal(end.peers.get(end.held[1])?.seq, 1n)
      assert.deepEqual(await hear(end, await living(3, 9, 3n), await living(4, 8)), [0, 1])
      assert.equal(end.peers.get(end.held[1])?.seq, 3n)
    })

    it('goes by where a member is now, not by where it was', async () => {
      const end = new End(bob, { maxPerBlock: 1 })
      const [before, now, other] = [await living(2, 7, 1n), await living(2, 8, 2n), await living(3, 7)]
      end.held = [now, other].map(record => end.know(record))
      assert.deepEqual(await hear(end, before, other), [0, 1])
      assert.equal(end.peers.get(end.held[0])?.seq, 2n)
    })

    it('answers a sender whose block is full, but makes it no member', async () => {
      const end = new End(bob, { maxPerBlock: 1 })
      const [a, b, c] = [await living(2, 7), await living(3, 7), await living(4, 8)]
      end.held = [end.know(a)]
      const { sender, descriptors } = await end.hear(
        wire([
          [b, 0],
          [c, 1]
        ]),
        b
      )
      assert.equal(sender, undefined)
      assert.deepEqual(descriptors, [[c.key, 1]])
    })

    it('counts neither this peer nor peers on loopback', async () => {
      const end = new End(await living(1, 7), { maxPerBlock: 1 })
      assert.deepEqual(await hear(end, await living(2, 7), alice, ...others.slice(5, 8)), [0, 1, 2, 3, 4])
    })

    it('takes any number of a block with none', async () => {
      const end = new End(bob)
      assert.deepEqual(await hear(end, ...(await Promise.all([2, 3, 4, 5].map(who => living(who, 7))))), [0, 1, 2, 3])
    })
  })
})
