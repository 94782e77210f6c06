import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2pEvents, PrivateKey } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import * as fc from 'fast-check'
import { TypedEventEmitter } from 'main-event'
import { concat } from 'uint8arrays/concat'
import { ParameterError } from '../../src/gossip/index.ts'
import { Profiles as Message, type Profile } from '../../src/live/messages.ts'
import { OwnRecord } from '../../src/live/own-record.ts'
import type { Profiles } from '../../src/live/profiles.ts'
import { Records } from '../../src/live/records.ts'

const LIMITS = { maxBytes: 2_048, maxAddresses: 16, maxCached: 100 }
const PLACE = Uint8Array.of(3, 4)

const honest = fc.uniqueArray(
  fc.record({ name: fc.string({ minLength: 1, maxLength: 64 }), value: fc.uint8Array({ maxLength: 100 }) }),
  { maxLength: 8, selector: ({ name }) => name }
)

describe('the profiles of a peer', () => {
  let key: PrivateKey

  before(async () => {
    key = await generateKeyPair('Ed25519')
  })

  /** A record properly signed that says whatever it likes. */
  async function sealed(profiles: Array<{ name: string; value: Uint8Array }>): Promise<Uint8Array> {
    return await withPayload(Message.encode({ profiles: profiles as Profile[] }))
  }

  async function withPayload(behind: Uint8Array): Promise<Uint8Array> {
    const record = new PeerRecord({ peerId: peerIdFromPrivateKey(key), multiaddrs: addresses(1), seqNumber: 1n })
    const payload = concat([record.marshal(), behind])
    const { domain, codec } = record
    return (await RecordEnvelope.seal({ domain, codec, marshal: () => payload, equals: () => false }, key)).marshal()
  }

  it('are read back by whoever verifies the record, and skipped by whoever knows nothing of them', async () => {
    await fc.assert(
      fc.asyncProperty(honest, async list => {
        const profiles: Profiles = new Map(list.map(({ name, value }) => [name, value.slice()]))
        const { envelope } = await new Records({ ...LIMITS, maxBytes: 10_000 }).seal(key, addresses(2), 7n, profiles)
        const read = await new Records({ ...LIMITS, maxBytes: 10_000 }).verify(envelope)
        assert.deepEqual(read.profiles, profiles)

        const certified = await RecordEnvelope.openAndCertify(envelope, PeerRecord.DOMAIN)
        const plain = PeerRecord.createFromProtobuf(certified.payload)
        assert.equal(plain.peerId.toString(), read.key)
        assert.deepEqual(plain.multiaddrs.map(String), addresses(2).map(String))
        assert.equal(plain.seqNumber, 7n)
        assert.deepEqual(certified.payload.subarray(0, plain.marshal().length), plain.marshal())
      }),
      { numRuns: 50 }
    )
  })

  it('cost a peer that has none not a byte', async () => {
    const plain = new PeerRecord({ peerId: peerIdFromPrivateKey(key), multiaddrs: addresses(2), seqNumber: 9n })
    const expected = (await RecordEnvelope.seal(plain, key)).marshal()
    const { envelope, profiles } = await new Records(LIMITS).seal(key, addresses(2), 9n)
    assert.deepEqual([...envelope], [...expected])
    assert.equal(profiles.size, 0)
    assert.equal((await new Records(LIMITS).verify(expected)).profiles.size, 0)
  })

  it('cannot be changed by others: the signature is of them too', async () => {
    const { envelope } = await new Records(LIMITS).seal(key, [], 1n, new Map([['torus', PLACE]]))
    const at = Buffer.from(envelope).indexOf(Buffer.from('torus')) + 'torus'.length + 2
    assert.deepEqual(envelope.subarray(at, at + 2), PLACE)

    for (const i of [at - 4, at, at + 1]) {
      const forged = envelope.slice()
      forged[i] ^= 1
      await assert.rejects(new Records(LIMITS).verify(forged), { reason: 'forged-record' })
    }
  })

  it('are within limits, or the record is bad', async () => {
    const records = new Records({ ...LIMITS, maxBytes: 10_000 })
    const many = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `name ${i}`, value: PLACE }))
    const named = (name: string) => ({ name, value: PLACE })
    const good = [
      many(8),
      [named('n'), named('n'.repeat(64))],
      [{ name: 'long', value: new Uint8Array(256) }],
      [{ name: 'empty', value: new Uint8Array(0) }]
    ]
    const bad = [
      many(9),
      many(200),
      [named('n'.repeat(65))],
      [named('')],
      [{ name: 'long', value: new Uint8Array(257) }],
      [named('twice'), named('once'), named('twice')]
    ]

    for (const profiles of good) {
      assert.equal((await records.verify(await sealed(profiles))).profiles.size, profiles.length)
    }

    for (const profiles of bad) {
      await assert.rejects(records.verify(await sealed(profiles)), { reason: 'bad-record' })
    }
  })

  it('are bad when they cannot be read, and what is unknown between them is skipped', async () => {
    const records = new Records(LIMITS)
    const tag = [0xa2, 0x06]
    await assert.rejects(records.verify(await withPayload(Uint8Array.of(...tag, 2, 0x0a, 9))), { reason: 'bad-record' })
    await assert.rejects(records.verify(await withPayload(Uint8Array.of(...tag, 9, 0x0a))), { reason: 'bad-record' })

    const later = Uint8Array.of(0xaa, 0x06, 3, 1, 2, 3)
    const [one, other] = ['one', 'other'].map(name => Message.encode({ profiles: [{ name, value: PLACE.slice() }] }))
    const { profiles } = await records.verify(await withPayload(concat([later, one, later, other])))
    assert.deepEqual([...profiles.keys()], ['one', 'other'])
  })

  it('are never left out where the record would be too long: addresses are', async () => {
    const profiles: Profiles = new Map([0, 1, 2].map(i => [`n${i}`, new Uint8Array(256).fill(i)]))
    const host = `${'long-'.repeat(12)}.${'very-'.repeat(12)}.${'name-'.repeat(12)}.example`
    const all = Array.from({ length: 16 }, (_, i) => multiaddr(`/dns4/${host}/tcp/${i + 1}`))
    const { envelope } = await new Records(LIMITS).seal(key, all, 1n, profiles)
    const read = await new Records(LIMITS).verify(envelope)
    assert.deepEqual(read.profiles, profiles)
    assert.ok(read.multiaddrs.length >= 3 && read.multiaddrs.length < 8, `${read.multiaddrs.length} addresses`)
  })

  describe('of this peer', () => {
    let own: OwnRecord
    /** Of the records that it has sealed. */
    let numbers: bigint[]
    const events = new TypedEventEmitter<Libp2pEvents>()

    beforeEach(() => {
      const records = new Records(LIMITS)
      const seal = records.seal.bind(records)
      numbers = []
      records.seal = (key, multiaddrs, seq, profiles) => {
        numbers.push(seq)
        return seal(key, multiaddrs, seq, profiles)
      }
      own = new OwnRecord(
        { privateKey: key, addressManager: { getAddresses: () => addresses(1) } as AddressManager, events },
        records,
        () => 1_000,
        defaultLogger().forComponent('test')
      )
    })

    afterEach(() => own.stop())

    it('are in its first record when they were set before, and in a newer one when they change', async () => {
      own.show('torus', PLACE)
      await own.start()
      assert.deepEqual(own.current.profiles, new Map([['torus', PLACE]]))
      const seqs = [own.current.seq]

      for (const value of [Uint8Array.of(3, 5), Uint8Array.of(3), undefined]) {
        own.show('torus', value)
        await own.settled
        assert.deepEqual(own.current.profiles.get('torus'), value)
        assert.deepEqual((await new Records(LIMITS).verify(own.current.envelope)).profiles, own.current.profiles)
        seqs.push(own.current.seq)
      }

      assert.deepEqual(seqs, [1_000n, 1_001n, 1_002n, 1_003n])
      assert.equal(own.current.profiles.size, 0)
    })

    it('are set while the first record is being sealed, in a record with a number of its own', async () => {
      const starting = own.start()

      while (numbers.length === 0) {
        await Promise.resolve()
      }

      own.show('torus', PLACE)
      await Promise.all([starting, own.settled])
      assert.deepEqual(numbers, [1_000n, 1_001n])
      assert.deepEqual([own.current.seq, own.current.profiles.size], [1_001n, 1])
    })

    it('cost no new record when they are as they were', async () => {
      await own.start()
      own.show('torus', PLACE)
      await own.settled
      const { current } = own
      own.show('torus', PLACE.slice())
      own.show('none', undefined)
      events.safeDispatchEvent('self:peer:update')
      await own.settled
      assert.equal(own.current, current)
    })

    it('are its own: what becomes of the bytes that were handed in changes nothing', async () => {
      const bytes = PLACE.slice()
      own.show('torus', bytes)
      bytes.fill(9)
      await own.start()
      assert.deepEqual(own.current.profiles.get('torus'), PLACE)
    })

    it('wait for the next start when it has stopped', async () => {
      await own.start()
      const { seq } = own.current
      own.stop()
      own.show('torus', PLACE)
      await own.settled
      assert.equal(own.current.seq, seq)
      await own.start()
      assert.equal(own.current.seq, seq + 1n)
      assert.equal(own.current.profiles.size, 1)
    })

    it('are refused when others would refuse them, or when little room is left for addresses; the rest stays', async () => {
      const kilobyte = [0, 1, 2].map(i => [`n${i}`, new Uint8Array(256)] as const)

      for (const [name, value] of kilobyte) {
        own.show(name, value)
      }

      const bad = [
        ['', PLACE],
        ['n'.repeat(65), PLACE],
        ['long', new Uint8Array(257)],
        ['fourth', new Uint8Array(256)]
      ] as const

      for (const [name, value] of bad) {
        assert.throws(() => own.show(name, value), ParameterError)
      }

      for (let i = 3; i < 8; i++) {
        own.show(`n${i}`, PLACE)
      }

      assert.throws(() => own.show('ninth', PLACE), ParameterError)
      own.show('n0', PLACE)
      await own.start()
      assert.deepEqual([...own.current.profiles.keys()], ['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'])
      assert.equal(own.current.multiaddrs.length, 1)
    })
  })
})

function addresses(count: number): Multiaddr[] {
  return Array.from({ length: count }, (_, i) => multiaddr(`/ip4/127.0.0.1/tcp/${i + 1}`))
}
