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

  it('takes no number back that was given just now, and looks for them now and then only, when all others are in use', () => {
    const capacity = 64
    let looks = 0
    let all = true
    const table = new PeerTable<string>(capacity, peer => {
      looks++
      return all && peer <= capacity
    })

    for (let i = 1; i <= capacity; i++) {
      assert.equal(table.set(`used ${i}`, ''), i)
    }

    const given = ['a', 'b', 'c', 'd'].map(key => table.set(key, key))
    assert.deepEqual(
      given.map(number => table.get(number)),
      ['a', 'b', 'c', 'd']
    )
    looks = 0

    for (let i = 0; i < capacity; i++) {
      table.set(`passing ${i}`, '')
    }

    assert.ok(looks <= (capacity / 4) * 2 * capacity, `${looks}`)
    assert.ok(table.size <= capacity + 8)
    all = false

    for (let i = 0; i < capacity; i++) {
      table.set(`passing again ${i}`, '')
    }

    assert.ok(table.size <= capacity)
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
