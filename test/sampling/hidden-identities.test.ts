import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { PeerTable } from '../../src/gossip/peer-table.ts'
import type { VerifiedRecord } from '../../src/live/records.ts'
import { digestOf, HiddenIdentities, secretOf } from '../../src/sampling/hidden-identities.ts'
import { lax } from '../support/stranger.ts'

describe('hidden identities', () => {
  let alice: VerifiedRecord
  let bob: VerifiedRecord
  let aliceLater: VerifiedRecord

  before(async () => {
    const [key, other] = [await generateKeyPair('Ed25519'), await generateKeyPair('Ed25519')]
    alice = await lax.seal(key, [], 1n)
    aliceLater = await lax.seal(key, [], 2n)
    bob = await lax.seal(other, [], 1n)
  })

  it('are the first 32 bits of SHA-256 over the secret and the id', () => {
    const secret = secretOf()
    const hash = createHash('sha256').update(secret).update(alice.id.toMultihash().bytes).digest()
    assert.equal(digestOf(alice.id, secret), hash.readInt32BE(0))
  })

  it('differ from node to node, and are the same again with the same seed', () => {
    const digests = [undefined, undefined, 1, 2].map(seed => digestOf(alice.id, secretOf(seed)))
    assert.equal(new Set(digests).size, digests.length)
    assert.equal(digestOf(alice.id, secretOf(1)), digests[2])
    assert.equal(secretOf().byteLength, 16)
    assert.equal(secretOf(1).byteLength, 16)
  })

  it('follow the peer, not the number', () => {
    const peers = new PeerTable<VerifiedRecord>(1, () => false)
    const secret = secretOf()
    const identities = new HiddenIdentities(peers, secret)

    const number = peers.set(alice.key, alice)
    assert.equal(identities.of(number), digestOf(alice.id, secret))
    peers.set(alice.key, aliceLater)
    assert.equal(identities.of(number), digestOf(alice.id, secret))

    // the table is full: the number is given away
    assert.equal(peers.set(bob.key, bob), number)
    assert.equal(identities.of(number), digestOf(bob.id, secret))
  })

  it('are computed once for each record', () => {
    const peers = new PeerTable<VerifiedRecord>(1, () => false)
    const identities = new HiddenIdentities(peers, secretOf())
    let asked = 0
    const record = {
      ...alice,
      get id() {
        asked++
        return alice.id
      }
    } as VerifiedRecord
    const number = peers.set(alice.key, record)
    asked = 0
    identities.of(number)
    identities.of(number)
    assert.equal(asked, 1)
  })
})
