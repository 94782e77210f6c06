import assert from 'node:assert/strict'
import { PeerTable } from '../../src/gossip/peer-table.ts'
import { Quarantine } from '../../src/gossip/quarantine.ts'

describe('the peer table', () => {
  it('gives a peer the same number for as long as it is in use', () => {
    const used = new Set<number>()
    const table = new PeerTable<number>(8, peer => used.has(peer))
    const kept = table.set('kept', 0)
    used.add(kept)

    for (let i = 0; i < 1_000; i++) {
      table.set(`passing ${i}`, i)
    }

    assert.equal(table.number('kept'), kept)
    assert.equal(table.get(kept), 0)
  })

  it('never gives number 0, which is the node itself, nor one number to two peers', () => {
    const table = new PeerTable<string>(16, () => false)

    for (let i = 0; i < 200; i++) {
      const number = table.set(`peer ${i}`, `value ${i}`)
      assert.notEqual(number, 0)
      assert.equal(table.get(number), `value ${i}`)
      assert.equal(table.number(`peer ${i}`), number)
    }
  })

  it('stays within its limit while numbers are free', () => {
    const table = new PeerTable<number>(32, () => false)

    for (let i = 0; i < 10_000; i++) {
      table.set(`peer ${i}`, i)
      assert.ok(table.size <= 32)
    }
  })
})

describe('the quarantine', () => {
  it('refuses a peer for so many rounds', () => {
    const quarantine = new Quarantine(2, 4, 10)
    quarantine.add(1, 77, 100)
    assert.ok(quarantine.holds(1, 77, 100))
    assert.ok(quarantine.holds(1, 77, 109))
    assert.ok(!quarantine.holds(1, 77, 110))
    assert.ok(!quarantine.holds(0, 77, 100), 'each node has its own')
  })

  it('ends as soon as the peer itself speaks', () => {
    const quarantine = new Quarantine(1, 4, 10)
    quarantine.add(0, 77, 0)
    quarantine.lift(0, 77)
    assert.ok(!quarantine.holds(0, 77, 1))
  })

  it('remembers the latest failures when there are too many', () => {
    const quarantine = new Quarantine(1, 3, 10)

    for (const peer of [1, 2, 3, 4]) {
      quarantine.add(0, peer, 0)
    }

    assert.deepEqual(
      [1, 2, 3, 4].map(peer => quarantine.holds(0, peer, 1)),
      [false, true, true, true]
    )
  })
})
