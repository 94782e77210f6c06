import assert from 'node:assert/strict'
import fc from 'fast-check'
import { nextHops } from '../../src/overlay/next-hops.ts'

describe('a greedy step', () => {
  it('goes to those that are strictly nearer, the nearest first', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.nat(20), (known, own) => {
        const hops = nextHops(known, peer => peer, own)
        assert.deepEqual(
          hops,
          known.filter(peer => peer < own).sort((a, b) => a - b)
        )
      })
    )
  })

  it('asks for each distance once, and keeps the order of those that are as near', () => {
    const asked: string[] = []
    const hops = nextHops(
      ['b1', 'c2', 'a1', 'd3'],
      peer => {
        asked.push(peer)
        return Number(peer[1])
      },
      3
    )
    assert.deepEqual(hops, ['b1', 'a1', 'c2'])
    assert.deepEqual(asked, ['b1', 'c2', 'a1', 'd3'])
  })

  it('goes nowhere from where nobody is nearer', () => {
    assert.deepEqual(
      nextHops([1, 2], peer => peer, 1),
      []
    )
    assert.deepEqual(
      nextHops([], peer => peer, 1),
      []
    )
  })
})
