import assert from 'node:assert/strict'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import * as fc from 'fast-check'
import { BlockCount } from '../../src/live/block-count.ts'
import type { VerifiedRecord } from '../../src/live/records.ts'

const id = peerIdFromString('12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5')

/** A peer with an address in each of these blocks. */
function peer(key: number, blocks: number[]): VerifiedRecord {
  const multiaddrs = blocks.map(block => multiaddr(`/ip4/8.8.${block}.${key}/tcp/1`))
  return { id, key: String(key), multiaddrs, seq: 1n, profiles: new Map(), envelope: new Uint8Array(0) }
}

const PEERS = fc.array(fc.tuple(fc.nat(20), fc.uniqueArray(fc.nat(4), { maxLength: 3 })), { maxLength: 40 })

/** Whether nobody who is to join, or to move, makes any block too full; asks everybody anew each time. */
function slowAdmit(set: Map<string, VerifiedRecord>, newcomer: VerifiedRecord, max: number): boolean {
  const blocksOf = ({ multiaddrs }: VerifiedRecord) => multiaddrs.map(address => address.toString().split('.')[2])
  const others = [...set.values()].filter(({ key }) => key !== newcomer.key)
  return blocksOf(newcomer).every(block => others.filter(other => blocksOf(other).includes(block)).length < max)
}

describe('the count of address blocks', () => {
  it('admits whoever finds room in all its blocks, as a slow count does', () => {
    fc.assert(
      fc.property(PEERS, PEERS, fc.integer({ min: 1, max: 4 }), (before, after, max) => {
        const count = new BlockCount(max)
        const set = new Map<string, VerifiedRecord>()

        for (const [key, blocks] of before) {
          const record = peer(key, blocks)

          if (slowAdmit(set, record, max)) {
            set.set(record.key, record)
          }
        }

        count.begin([peer(99, [0, 1, 2, 3, 4])])
        count.begin(set.values())

        for (const [key, blocks] of after) {
          const record = peer(key, blocks)
          const admitted = slowAdmit(set, record, max)
          assert.equal(count.admit(record), admitted)

          if (admitted) {
            set.set(record.key, record)
          }
        }
      })
    )
  })

  it('lets stay who is there already, however full its block is', () => {
    const members = [1, 2, 3].map(key => peer(key, [0]))
    const count = new BlockCount(1)
    count.begin(members)
    assert.deepEqual(
      members.map(member => count.admit(member)),
      [true, true, true]
    )
    assert.equal(count.admit(peer(4, [0])), false)
  })
})
