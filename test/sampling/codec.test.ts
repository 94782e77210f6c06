import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import * as fc from 'fast-check'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { PeerTable } from '../../src/gossip/peer-table.ts'
import { MAX_AGE } from '../../src/gossip/views.ts'
import { SELF } from '../../src/live/population.ts'
import { Records, type VerifiedRecord } from '../../src/live/records.ts'
import { type Refusal, RefusalError } from '../../src/live/refusal.ts'
import { SamplingCodec } from '../../src/sampling/codec.ts'
import { MAX_MESSAGE_BYTES, MAX_VIEW_SIZE } from '../../src/sampling/constants.ts'
import type { Defences } from '../../src/sampling/defences.ts'
import { SamplingMessage } from '../../src/sampling/message.ts'
import { Exchange } from '../../src/sampling/messages.ts'

const CAPACITY = 8

interface EndInit extends Partial<Defences> {
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

  constructor(self: VerifiedRecord, { capacity = 100, inUse = () => true, ...defences }: EndInit = {}) {
    this.peers = new PeerTable(capacity, inUse)
    this.codec = new SamplingCodec({
      records: new Records({ maxBytes: 2_000, maxAddresses: 16, maxCached: 1_000 }),
      peers: this.peers,
      self: () => self,
      onNewerSelf: seq => this.newer.push(seq),
      createMessage: () => new SamplingMessage(CAPACITY),
      defences: { stampBits: 0, maxPerBlock: 0, ...defences },
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
      descriptors: descriptors.map(([{ envelope }, age]) => ({ record: envelope, age }))
    })
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
})
