import assert from 'node:assert/strict'
import { PeerFilter } from '../../src/gossip/peer-filter.ts'
import { Random } from '../../src/gossip/random.ts'

describe('the filter of peers', () => {
  it('knows everybody who was added since it was cleared, and hardly anybody else', () => {
    const random = new Random(1)
    const filter = new PeerFilter(30)
    let asked = 0
    let falseAlarms = 0

    // more often than its marks can count
    for (let i = 0; i < 1_000; i++) {
      const added = new Set<number>()
      const list = Int32Array.from({ length: 15 }, () => random.below(1_000_000))
      filter.fill(list, 0, list.length)

      for (const peer of list) {
        added.add(peer)
      }

      for (let k = 0; k < 15; k++) {
        const peer = random.below(1_000_000)
        const marked = filter.add(peer)
        assert.ok(marked || !added.has(peer))
        added.add(peer)
      }

      for (const peer of added) {
        assert.ok(filter.mayHold(peer))
      }

      for (let k = 0; k < 30; k++) {
        const peer = random.below(1_000_000)

        if (!added.has(peer)) {
          asked++
          falseAlarms += filter.mayHold(peer) ? 1 : 0
        }
      }
    }

    assert.ok(falseAlarms / asked < 1 / 25, `${falseAlarms} of ${asked}`)
  })
})
