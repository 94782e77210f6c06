import assert from 'node:assert/strict'
import type { VerifiedRecord } from '../../src/live/records.ts'
import { MAX_KNOWN_PEERS } from '../../src/vivaldi/limits.ts'
import { MetPeers } from '../../src/vivaldi/met-peers.ts'

const EVER = Number.NEGATIVE_INFINITY

function peer(i: number): VerifiedRecord {
  return { key: `peer ${i}` } as VerifiedRecord
}

describe('peers that were met', () => {
  it('keep their numbers, and the last record that came along', () => {
    const met = new MetPeers(() => false)
    const [first, second] = [met.numberOf(peer(1)), met.numberOf(peer(2))]
    const newer = peer(1)
    assert.notEqual(first, second)
    assert.equal(met.numberOf(newer), first)
    assert.equal(met.record(first), newer)
    assert.equal(met.record(second)?.key, 'peer 2')
    assert.equal(met.record(99), undefined)
  })

  it('count as living from the last time they were met, in that order', () => {
    const met = new MetPeers(() => false)
    met.meet(peer(1), 10)
    met.meet(peer(2), 20)
    met.meet(peer(3), 30)
    met.meet(peer(1), 40)
    assert.deepEqual(met.since(EVER), ['peer 2', 'peer 3', 'peer 1'])
    assert.deepEqual(met.since(30), ['peer 3', 'peer 1'])
    assert.deepEqual(met.since(30.1), ['peer 1'])
    assert.deepEqual(met.since(40.1), [])
  })

  it('are so many at most: who was met longest ago is forgotten', () => {
    const met = new MetPeers(() => false)
    met.meet(peer(0), 0)

    for (let i = 1; i <= MAX_KNOWN_PEERS; i++) {
      met.meet(peer(i), i)
      // the second one is met again and again
      met.meet(peer(1), i)
    }

    const living = met.since(EVER)
    assert.equal(living.length, MAX_KNOWN_PEERS)
    assert.ok(!living.includes('peer 0') && living.includes('peer 1') && living.includes(`peer ${MAX_KNOWN_PEERS}`))
    met.meet(peer(-1), MAX_KNOWN_PEERS)
    assert.equal(met.since(EVER).length, MAX_KNOWN_PEERS)
    assert.ok(!met.since(EVER).includes('peer 2'))
  })

  it('share a limited number of numbers, none of which is taken from a partner', () => {
    const inUse = new Set<number>()
    const met = new MetPeers(number => inUse.has(number))
    const partner = met.numberOf(peer(0))
    inUse.add(partner)

    for (let i = 1; i <= 3 * MAX_KNOWN_PEERS; i++) {
      assert.ok(met.numberOf(peer(i)) <= MAX_KNOWN_PEERS)
    }

    assert.equal(met.record(partner)?.key, 'peer 0')
    assert.equal(met.numberOf(peer(0)), partner)
  })
})
