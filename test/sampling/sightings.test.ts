import assert from 'node:assert/strict'
import fc from 'fast-check'
import { mix } from '../../src/gossip/mix.ts'
import { Random } from '../../src/gossip/random.ts'
import { SIGHTINGS_PER_HALF } from '../../src/sampling/constants.ts'
import { Sightings } from '../../src/sampling/sightings.ts'

/** What sightings are: two lists of whom one has seen. The one that is full is the older one; the other is thrown away. */
class SlowSightings {
  private older: number[] = []
  private newer: number[] = []

  add(peer: number): void {
    this.newer.push(peer)

    if (this.newer.length === SIGHTINGS_PER_HALF) {
      this.older = this.newer
      this.newer = []
    }
  }

  get size(): number {
    return this.older.length + this.newer.length
  }

  count(peer: number): number {
    return [this.older, this.newer].reduce((sum, half) => sum + (countsOf(half).get(peer) ?? 0), 0)
  }

  histogram(): number[] {
    const peersSeen = (count: number) =>
      [this.older, this.newer].flatMap(half => [...countsOf(half).values()]).filter(seen => seen === count).length
    return Array.from({ length: 63 }, (_, i) => peersSeen(i + 1))
  }
}

/** How often each is in a list, as far as 63. */
function countsOf(half: number[]): Map<number, number> {
  const counts = new Map<number, number>()

  for (const peer of half) {
    counts.set(peer, Math.min(63, (counts.get(peer) ?? 0) + 1))
  }

  return counts
}

/** Hashes of which no two have the same tag, the upper ten bits; few have a cell of their own, the lower ten. */
function properHash(peer: number): number {
  return (peer << 22) | (1_020 + (peer % 7))
}

/** Many nodes, each of which has seen so many of so many peers, all alike, and colluders among them. */
function drawn(peers: number, sightings: number, nodes: number, share = 0, colluders = 0): Sightings {
  const seen = new Sightings(nodes)
  const random = new Random(peers + sightings)

  for (let node = 0; node < nodes; node++) {
    const secret = random.next()

    for (let i = 0; i < sightings; i++) {
      const peer = random.fraction() < share ? peers + random.below(colluders) : random.below(peers)
      seen.add(node, mix(peer ^ secret))
    }
  }

  return seen
}

function meanExpected(seen: Sightings, nodes: number): number {
  return Array.from({ length: nodes }, (_, node) => seen.expected(node)).reduce((sum, each) => sum + each) / nodes
}

describe('sightings', () => {
  it('are what two plain lists of them are', () => {
    const histories = fc.record({
      peers: fc.constantFrom(1, 3, 40, 1_000),
      length: fc.integer({ min: 0, max: 2_200 }),
      seed: fc.nat()
    })

    fc.assert(
      fc.property(histories, ({ peers, length, seed }) => {
        const random = new Random(seed)
        const seen = new Sightings(3)
        const slow = new SlowSightings()

        for (let i = 0; i < length; i++) {
          const peer = random.below(peers)
          slow.add(peer)
          seen.add(1, properHash(peer))
          // neighbours in memory see others
          seen.add(0, properHash(1_001))
          seen.add(2, properHash(1_002))
        }

        assert.equal(seen.size(1), slow.size)
        assert.deepEqual(seen.histogram(1), slow.histogram())

        for (let peer = 0; peer < Math.min(peers, 50); peer++) {
          assert.equal(seen.count(1, properHash(peer)), slow.count(peer))
        }

        assert.equal(seen.count(1, properHash(1_001)) + seen.count(1, properHash(1_002)), 0)
      }),
      { numRuns: 40 }
    )
  })

  it('have room for a half of which no two are of one peer, wherever they belong', () => {
    const seen = new Sightings(1)

    for (let peer = 0; peer < 4 * SIGHTINGS_PER_HALF; peer++) {
      seen.add(0, (peer << 22) | 1_023)
      assert.ok(seen.count(0, (peer << 22) | 1_023) >= 1)
      assert.ok(seen.size(0) <= 2 * SIGHTINGS_PER_HALF)
    }
  })

  it('take one peer in some thousand for another, and hold twice as many cells as are ever used', () => {
    const seen = drawn(100_000, 2 * SIGHTINGS_PER_HALF - 1, 40)
    const random = new Random(9)
    let mistaken = 0

    for (let i = 0; i < 100_000; i++) {
      mistaken += seen.count(i % 40, mix(random.next() | 0x80000000)) > 0 ? 1 : 0
    }

    assert.ok(mistaken / 100_000 < 2 / 500, `${mistaken} of 100,000 who were never seen`)
  })

  for (const peers of [30, 60, 100, 140, 200, 300, 1_000, 3_000]) {
    for (const filled of [0, 100, 256, 511]) {
      it(`tell within some per cent how often each of ${peers} is to be expected, of ${512 + filled}`, () => {
        const nodes = 150
        const expected = meanExpected(drawn(peers, 1_024 + filled, nodes), nodes)
        const truth = (512 + filled) / peers
        assert.ok(Math.abs(expected / truth - 1) < 0.1, `${expected} for ${truth}`)
      })
    }
  }

  it('do not take for zero what they cannot tell, of very many, nor for much', () => {
    for (const [peers, factor] of [
      [10_000, 1.3],
      [30_000, 1.6],
      [100_000, 2.6]
    ]) {
      const expected = meanExpected(drawn(peers, 1_500, 100), 100)
      const truth = (1_500 - 512) / peers
      assert.ok(expected > 0.9 * truth && expected < factor * truth, `${expected} for ${truth} of ${peers}`)
    }
  })

  it('are hardly moved by ten who have a tenth of them', () => {
    for (const peers of [60, 100, 140, 200, 300, 1_000]) {
      const expected = meanExpected(drawn(peers, 1_400, 150, 0.1, 10), 150)
      const truth = (0.9 * (1_400 - 512)) / peers
      assert.ok(Math.abs(expected / truth - 1) < 0.15, `${expected} for ${truth} of ${peers}`)
    }
  })

  it('of two or three peers are as many as can be counted, which is to be expected', () => {
    for (const peers of [1, 2, 3, 4]) {
      const seen = new Sightings(1)

      for (let i = 0; i < 1_900; i++) {
        seen.add(0, properHash(i % peers))
        const excess = seen.count(0, properHash(0)) - seen.expected(0)
        assert.ok(i < 60 || excess < 3, `${excess} more than expected of one of ${peers} after ${i}`)
      }
    }
  })

  it('of nobody let nobody be expected', () => {
    assert.equal(new Sightings(1).expected(0), 0)
  })
})
