import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { SELF } from '../../src/live/population.ts'
import { Records, type VerifiedRecord } from '../../src/live/records.ts'
import { type Refusal, RefusalError } from '../../src/live/refusal.ts'
import type { Underlay } from '../../src/live/underlay.ts'
import { LIMITS } from '../../src/vivaldi/limits.ts'
import { MetPeers } from '../../src/vivaldi/met-peers.ts'
import { Probes } from '../../src/vivaldi/probes.ts'
import { floats, signed } from './signed.ts'

const NOTHING = new Uint8Array(0)

/** One end of the wire. */
function endOf(record: VerifiedRecord) {
  const records = new Records({ maxBytes: 2_048, maxAddresses: 16, maxCached: 1_000 })
  const met = new MetPeers(() => false)
  const underlay = { records, own: { current: record } } as unknown as Underlay
  const probes = new Probes({
    underlay: () => underlay,
    wanted: () => 2,
    choose: () => 7,
    numberOf: record => met.numberOf(record)
  })
  return { probes, records, met }
}

describe('probes', () => {
  let alice: VerifiedRecord
  let bob: VerifiedRecord

  before(async () => {
    const keys = await Promise.all([generateKeyPair('Ed25519'), generateKeyPair('Ed25519')])
    ;[alice, bob] = await Promise.all(keys.map((key, i) => signed(key, floats(i, 2, 3))))
  })

  async function refused(reason: Refusal, open: () => unknown): Promise<void> {
    await assert.rejects(
      async () => await open(),
      (err: unknown) => err instanceof RefusalError && err.reason === reason
    )
  }

  it('ask for nothing, and are answered with the newest record', async () => {
    const [asking, answering] = [endOf(alice), endOf(bob)]
    const message = asking.probes.createMessage()
    // what is left in the buffer is not said
    message.envelope = alice.envelope
    asking.probes.request(SELF, 1, message)
    const request = asking.probes.encode(message)
    assert.equal(request.byteLength, 0)

    const heard = await answering.probes.open(request, 'request', alice.id)
    assert.equal(answering.probes.adopt(heard), NOBODY)
    assert.equal(answering.probes.respond(SELF, NOBODY, message, message), true)
    const reply = answering.probes.encode(message)
    assert.deepEqual(reply, bob.envelope)
    assert.ok(reply.byteLength <= LIMITS.maxMessageBytes)

    assert.equal(asking.records.newest(bob.key), undefined)
    const number = asking.probes.adopt(await asking.probes.open(reply, 'reply', bob.id))
    assert.equal(asking.met.record(number)?.key, bob.key)
    assert.deepEqual(asking.records.newest(bob.key)?.envelope, bob.envelope)
  })

  it('verify a record once', async () => {
    const { probes, records } = endOf(alice)
    const first = await probes.open(bob.envelope, 'reply', bob.id)
    records.verify = () => assert.fail('verified again')
    assert.equal(probes.open(bob.envelope, 'reply', bob.id), first)
  })

  it('refuse a question that says something', async () => {
    const { probes } = endOf(alice)
    await refused('malformed', () => probes.open(Uint8Array.of(0), 'request', bob.id))
    await refused('malformed', () => probes.open(bob.envelope, 'request', bob.id))
  })

  it('refuse any answer but a record that its sender has signed', async () => {
    const { probes, records } = endOf(alice)
    const forged = bob.envelope.slice()
    forged[forged.byteLength - 1] ^= 1
    const long = await signed(await generateKeyPair('Ed25519'), new Uint8Array(4_000))
    await refused('bad-record', () => probes.open(NOTHING, 'reply', bob.id))
    await refused('bad-record', () => probes.open(Uint8Array.of(1, 2, 3), 'reply', bob.id))
    await refused('bad-record', () => probes.open(bob.envelope.slice(0, -1), 'reply', bob.id))
    await refused('bad-record', () => probes.open(long.envelope, 'reply', long.id))
    await refused('forged-record', () => probes.open(forged, 'reply', bob.id))
    await refused('not-the-sender', () => probes.open(bob.envelope, 'reply', alice.id))
    // now it is known, and still of somebody else
    assert.ok(records.known(bob.envelope) != null)
    await refused('not-the-sender', () => probes.open(bob.envelope, 'reply', alice.id))
  })

  it('are as many in a round as samples lack, with whom the service says', () => {
    const { probes } = endOf(alice)
    assert.deepEqual([probes.turns(), probes.partner(), probes.anotherPartner()], [2, 7, 7])
  })
})
