import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import * as fc from 'fast-check'
import { Random } from '../../src/gossip/random.ts'
import { leadingZeroBits, stampOf } from '../../src/live/stamp.ts'
import { searchStamp } from '../../src/live/stamp-search.ts'

const PEER = peerIdFromString('12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5')
const OTHER = peerIdFromString('12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE')
const NONCE = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

/** The definition, written out: the hash as text, and its leading zeros. */
function slowWork(id: PeerId, nonce: bigint): number {
  const hash = createHash('sha256')
    .update('gossip-peer/stamp/1')
    .update(id.toMultihash().bytes)
    .update(Buffer.from(nonce.toString(16).padStart(16, '0'), 'hex'))
    .digest('hex')
  const text = Array.from(hash, digit => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('')
  return /^0*/.exec(text)?.[0].length ?? 0
}

function begin(seed: number, signal = new AbortController().signal) {
  return { random: new Random(seed), signal }
}

describe('a stamp', () => {
  it('is worth the zeros that its hash begins with', () => {
    fc.assert(
      fc.property(NONCE, fc.constantFrom(PEER, OTHER), (nonce, id) => {
        assert.deepEqual(stampOf(id, nonce), { nonce, bits: slowWork(id, nonce) })
      })
    )
  })

  it('has known answers, which no later version may change', () => {
    const known: Array<[PeerId, nonce: bigint, bits: number]> = [
      [PEER, 0n, 0],
      [PEER, 1n, 2],
      [PEER, 114n, 11],
      [PEER, 1_634_638n, 23],
      [OTHER, 114n, 0],
      [OTHER, 1_166n, 11],
      [OTHER, 84_425n, 16],
      [OTHER, 908_681n, 23]
    ]

    for (const [id, nonce, bits] of known) {
      assert.equal(stampOf(id, nonce).bits, bits, `${nonce}`)
    }
  })

  it('of 256 zero bits would be the best there is', () => {
    assert.equal(leadingZeroBits(new Uint8Array(32)), 256)
    assert.equal(leadingZeroBits(Uint8Array.of(0, 0, 1)), 23)
    assert.equal(leadingZeroBits(Uint8Array.of(0x80)), 0)
    assert.equal(leadingZeroBits(Uint8Array.of(0x40)), 1)
  })
})

describe('the search for a stamp', () => {
  for (const type of ['Ed25519', 'secp256k1', 'RSA'] as const) {
    it(`finds one for an identity with a key of the kind ${type}`, async () => {
      const id = peerIdFromPrivateKey(await (type === 'RSA' ? generateKeyPair(type, 2048) : generateKeyPair(type)))

      for (const bits of [1, 5, 10]) {
        const stamp = await searchStamp(id, bits, begin(bits))
        assert.ok(stamp.bits >= bits, `${stamp.bits} bits`)
        assert.equal(stamp.bits, slowWork(id, stamp.nonce))
      }
    })
  }

  it('begins where its random source says, and misses none on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async seed => {
        const { nonce } = await searchStamp(PEER, 9, begin(seed))
        const random = new Random(seed)
        let expected = ((BigInt(random.next()) << 32n) | BigInt(random.next())) & ~0xffn

        while (slowWork(PEER, expected) < 9) {
          expected = BigInt.asUintN(64, expected + 1n)
        }

        assert.equal(nonce, expected)
      }),
      { numRuns: 5 }
    )
  })

  it('takes twice as many hashes for each bit more', async () => {
    const tries = async (bits: number) => {
      let sum = 0n

      for (let seed = 0; seed < 200; seed++) {
        const { nonce } = await searchStamp(PEER, bits, begin(seed))
        const random = new Random(seed)
        sum += BigInt.asUintN(64, nonce - (((BigInt(random.next()) << 32n) | BigInt(random.next())) & ~0xffn)) + 1n
      }

      return Number(sum) / 200
    }

    for (const bits of [4, 8]) {
      // a geometric distribution: the mean of 200 is within four standard errors of 2^bits
      assert.ok(Math.abs((await tries(bits)) / 2 ** bits - 1) < 4 / Math.sqrt(200), `${bits} bits`)
    }
  })

  it('lets others have their turn, and ends when it is told to', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const hashes: number[] = []
    let turns = 0
    const ticking = setInterval(() => turns++)

    const searching = searchStamp(PEER, 200, {
      ...begin(1, controller.signal),
      onSlice: (done, milliseconds) => {
        hashes.push(done)
        assert.ok(milliseconds > 0)

        if (turns > 5) {
          controller.abort(reason)
        }
      }
    })
    await assert.rejects(searching, reason)
    clearInterval(ticking)
    assert.ok(
      hashes.every((count, i) => i === 0 || count > hashes[i - 1]),
      hashes.join()
    )
  })

  it('does not begin when it was told to end before', async () => {
    const reason = new Error('never mind')
    await assert.rejects(searchStamp(PEER, 0, begin(1, AbortSignal.abort(reason))), reason)
  })
})
