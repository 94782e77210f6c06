import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import * as fc from 'fast-check'
import { Records, type VerifiedRecord } from '../../src/live/records.ts'
import { type Refusal, RefusalError } from '../../src/live/refusal.ts'

const LIMITS = { maxBytes: 1_000, maxAddresses: 4, maxCached: 100 }

describe('a signed record', () => {
  let somebody: PrivateKey
  let other: PrivateKey

  before(async () => {
    somebody = await generateKeyPair('Ed25519')
    other = await generateKeyPair('Ed25519')
  })

  it('tells everybody who its peer is and where', async () => {
    const sealed = await new Records(LIMITS).seal(somebody, addresses(2), 7n)
    const read = await new Records(LIMITS).verify(sealed.envelope)
    assert.equal(read.key, peerIdFromPrivateKey(somebody).toString())
    assert.equal(read.id.toString(), read.key)
    assert.deepEqual(read.multiaddrs.map(String), addresses(2).map(String))
    assert.equal(read.seq, 7n)
    assert.deepEqual(read.envelope, sealed.envelope)
  })

  it('says nothing of the peer twice: addresses are without its id', async () => {
    const id = peerIdFromPrivateKey(somebody)
    const sealed = await new Records(LIMITS).seal(somebody, [multiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${id}`)], 1n)
    assert.deepEqual(sealed.multiaddrs.map(String), ['/ip4/127.0.0.1/tcp/1'])
  })

  it('keeps the relay that leads to the peer', async () => {
    const id = peerIdFromPrivateKey(somebody)
    const relayed = `/ip4/1.2.3.4/tcp/4001/p2p/${peerIdFromPrivateKey(other)}/p2p-circuit`

    for (const address of [relayed, `${relayed}/p2p/${id}`]) {
      const sealed = await new Records(LIMITS).seal(somebody, [multiaddr(address)], 1n)
      const read = await new Records(LIMITS).verify(sealed.envelope)
      assert.deepEqual(
        [sealed, read].map(({ multiaddrs }) => multiaddrs.join()),
        [relayed, relayed]
      )
    }
  })

  it('is never too long for others: of long addresses it lists fewer', async () => {
    const limits = { ...LIMITS, maxBytes: 2_048, maxAddresses: 16 }
    const host = `${'long-'.repeat(12)}.${'very-'.repeat(12)}.${'name-'.repeat(12)}.example`
    const all = Array.from({ length: 16 }, (_, i) => multiaddr(`/dns4/${host}/tcp/${i + 1}`))
    const { envelope } = await new Records(limits).seal(somebody, all, 1n)
    const { multiaddrs } = await new Records(limits).verify(envelope)
    assert.ok(multiaddrs.length >= 8 && multiaddrs.length < 16, `${multiaddrs.length} addresses`)
    assert.deepEqual(multiaddrs.map(String), all.slice(0, multiaddrs.length).map(String))
  })

  it('is verified once and then known by its signature, all of it', async () => {
    const { envelope } = await new Records(LIMITS).seal(somebody, addresses(1), 1n)
    const records = new Records(LIMITS)
    assert.equal(records.known(envelope), undefined)
    const verified = await records.verify(envelope)
    assert.equal(records.known(envelope.slice()), verified)

    for (let i = envelope.length - 64; i < envelope.length; i++) {
      const altered = envelope.slice()
      altered[i] ^= 1
      assert.equal(records.known(altered), undefined)
    }

    assert.equal(records.known(envelope.subarray(1)), undefined)
    assert.equal(records.known(new Uint8Array(0)), undefined)
  })

  it('cannot be passed off as that of another peer, by putting its signature behind the own one', async () => {
    const lax = new Records({ ...LIMITS, maxAddresses: 100 })
    const { envelope: own } = await lax.seal(other, addresses(1), 1n)
    const { envelope: honest } = await lax.seal(somebody, addresses(9), 1n)
    const signature = honest.subarray(-64)
    const filling = honest.length - own.length - 64 - 4
    // two fields that the schema does not have: bytes of any length that a decoder skips
    const poison = Uint8Array.of(...own, 0x7a, filling, ...new Uint8Array(filling), 0x7a, 64, ...signature)
    assert.equal(poison.length, honest.length)

    const records = new Records({ ...LIMITS, maxAddresses: 100 })
    await assert.rejects(records.verify(poison), { reason: 'bad-record' })
    assert.equal(records.known(honest), undefined)
    assert.equal((await records.verify(honest)).key, peerIdFromPrivateKey(somebody).toString())
  })

  it('does not keep the message alive that it came in', async () => {
    const { envelope } = await new Records(LIMITS).seal(somebody, addresses(1), 1n)
    const message = new Uint8Array(60_000)
    message.set(envelope, 100)
    const verified = await new Records(LIMITS).verify(message.subarray(100, 100 + envelope.length))
    assert.equal(verified.envelope.buffer.byteLength, envelope.byteLength)
  })

  it('is remembered within a limit: the oldest goes first', async () => {
    const records = new Records({ ...LIMITS, maxCached: 2 })
    const sealed = []

    for (const seq of [1n, 2n, 3n]) {
      sealed.push(await records.seal(somebody, addresses(1), seq))
    }

    assert.deepEqual(
      sealed.map(({ envelope }) => records.known(envelope)?.seq),
      [undefined, 2n, 3n]
    )
  })

  it('is found by its peer while it is the newest one that is kept, and forgotten with the others', async () => {
    const keys = [somebody, other]
    const sealer = new Records({ ...LIMITS, maxCached: 1_000 })
    const seqs = [1n, 2n, 3n, 4n, 5n]
    const sealed = await Promise.all(keys.map(key => Promise.all(seqs.map(seq => sealer.seal(key, addresses(1), seq)))))
    const arrivals = fc.array(fc.tuple(fc.nat(1), fc.nat(seqs.length - 1)), { maxLength: 25 })

    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 6 }), async (arrived, maxCached) => {
        const records = new Records({ ...LIMITS, maxCached })
        const everVerified: VerifiedRecord[] = []

        for (const [peer, i] of arrived) {
          const { envelope } = sealed[peer][i]

          if (records.known(envelope) == null) {
            everVerified.push(await records.verify(envelope))
          }

          for (const [{ key }] of sealed) {
            const newest = records.newest(key)
            const all = everVerified.filter(record => record.key === key)
            const kept = all.filter(record => records.known(record.envelope) === record)
            const highest = (some: VerifiedRecord[]) => some.toSorted((a, b) => Number(b.seq - a.seq))[0]

            if (newest != null) {
              assert.ok(kept.includes(newest), 'it is kept, and of this peer')
            }

            // what has been forgotten may have been newer than what is left
            if (highest(kept)?.seq === highest(all)?.seq) {
              assert.equal(newest, highest(kept))
            }
          }
        }
      })
    )
  })

  it('is found by its peer if it is the own one, and not after it was verified twice at once and forgotten', async () => {
    const records = new Records({ ...LIMITS, maxCached: 2 })
    const key = peerIdFromPrivateKey(somebody).toString()
    assert.equal(records.newest(key), undefined)
    const own = await records.seal(somebody, addresses(1), 1n)
    assert.equal(records.newest(key), own)

    const newer = await new Records(LIMITS).seal(somebody, addresses(1), 2n)
    const [, second] = await Promise.all([records.verify(newer.envelope), records.verify(newer.envelope)])
    assert.equal(records.newest(key), second)

    for (const seq of [1n, 2n]) {
      await records.seal(other, addresses(1), seq)
    }

    assert.equal(records.newest(key), undefined)
  })

  it('is refused with any bit of it flipped', async () => {
    const { envelope } = await new Records(LIMITS).seal(somebody, addresses(2), 1n)

    await fc.assert(
      fc.asyncProperty(fc.nat(envelope.length * 8 - 1), async bit => {
        const forged = envelope.slice()
        forged[bit >> 3] ^= 1 << (bit & 7)
        assert.match(await refusalOf(forged), /^(bad|forged|foreign)-record$/)
      })
    )
  })

  it('is forged when its signature is of something else', async () => {
    const records = new Records(LIMITS)
    const one = await records.seal(somebody, addresses(1), 1n)
    const two = await records.seal(somebody, addresses(1), 2n)
    const forged = one.envelope.slice()
    forged.set(two.envelope.subarray(-64), forged.length - 64)
    assert.equal(await refusalOf(forged), 'forged-record')
  })

  it('is foreign when another key signed it, however well', async () => {
    const record = new PeerRecord({ peerId: peerIdFromPrivateKey(somebody), multiaddrs: addresses(1), seqNumber: 1n })
    assert.equal(await refusalOf((await RecordEnvelope.seal(record, other)).marshal()), 'foreign-record')
  })

  it('is bad when it is too long, lists too many addresses, or is none at all', async () => {
    const lax = new Records({ ...LIMITS, maxBytes: 1_000_000, maxAddresses: 1_000 })
    assert.equal(await refusalOf((await lax.seal(somebody, addresses(200), 1n)).envelope), 'bad-record')
    assert.equal(await refusalOf((await lax.seal(somebody, addresses(5), 1n)).envelope), 'bad-record')
    assert.equal(await refusalOf(new Uint8Array(0)), 'bad-record')

    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async noise => {
        assert.equal(await refusalOf(noise), 'bad-record')
      })
    )
  })
})

function addresses(count: number): Multiaddr[] {
  return Array.from({ length: count }, (_, i) => multiaddr(`/ip4/127.0.0.1/tcp/${i + 1}`))
}

async function refusalOf(envelope: Uint8Array): Promise<Refusal> {
  try {
    await new Records(LIMITS).verify(envelope)
  } catch (err) {
    assert.ok(err instanceof RefusalError, String(err))
    return err.reason
  }

  throw new Error('the record was taken')
}
