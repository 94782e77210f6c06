import assert from 'node:assert/strict'
import fc from 'fast-check'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { Views } from '../../src/gossip/views.ts'
import { Candidates } from '../../src/overlay/candidates.ts'
import { PeerIndex } from '../../src/overlay/peer-index.ts'
import type { Places } from '../../src/overlay/places.ts'
import { torus } from '../../src/overlay/torus.ts'
import { chiSquare, chiSquarePValue } from '../../src/sim/experiments/chi-square.ts'

const SIDE = 16

/** Peer 0 chooses among peers 1, 2, ... at these points; where there is no shape, nearness is all that counts. */
function candidatesAt(points: number[][], seed = 1, shaped = true) {
  const plane = torus(SIDE, SIDE).places(points.length)
  const places: Places<number[]> = shaped ? plane : Object.create(plane, { directions: { value: 0 } })
  const candidates = new Candidates(Math.max(1, points.length), places, new Random(seed))
  candidates.load(new Views(1, 1), 0, 10, NOBODY)

  for (const [peer, point] of points.entries()) {
    places.set(peer, point)

    if (peer > 0) {
      candidates.add(peer, peer)
    }
  }

  return { places, candidates, chosen: () => chosenOf(candidates) }
}

function chosenOf({ order, chosen, peers }: Candidates<number[]>): number[] {
  return Array.from(order.subarray(0, chosen), at => peers[at])
}

const coordinate = fc.nat(SIDE - 1)
const crowd = fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 40 })
const limits = fc.integer({ min: 1, max: 24 })

describe('the choice among candidates', () => {
  it('takes the nearest, as many as there is room for', () => {
    fc.assert(
      fc.property(crowd, limits, (points, limit) => {
        const { places, candidates, chosen } = candidatesAt(points, 1, false)
        const slow = points.map((_, peer) => places.distance(0, peer)).slice(1)
        slow.sort((a, b) => a - b)
        candidates.choose(0, limit)
        const distances = chosen().map(peer => places.distance(0, peer))
        assert.deepEqual(
          distances.toSorted((a, b) => a - b),
          slow.slice(0, limit)
        )
        assert.equal(new Set(chosen()).size, candidates.chosen)
        assert.equal(candidates.far, 0)
      })
    )
  })

  it('ranks them, and after them those that stand for a direction', () => {
    fc.assert(
      fc.property(crowd, limits, (points, limit) => {
        const { places, candidates, chosen } = candidatesAt(points)
        candidates.rank(0, limit)
        const near = chosen().slice(0, candidates.chosen - candidates.far)
        const distances = near.map(peer => places.distance(0, peer))
        assert.deepEqual(
          distances,
          distances.toSorted((a, b) => a - b)
        )
        assert.equal(candidates.chosen, Math.min(limit, points.length - 1))
        assert.equal(new Set(chosen()).size, candidates.chosen)
      })
    )
  })

  it('keeps the nearest in each direction wherever there is room for more than those', () => {
    fc.assert(
      fc.property(crowd, fc.integer({ min: 5, max: 24 }), fc.boolean(), (points, limit, ranked) => {
        const { places, candidates, chosen } = candidatesAt(points)
        ranked ? candidates.rank(0, limit) : candidates.choose(0, limit)

        for (const direction of [0, 1, 2, 3]) {
          const reach = (peer: number) => places.reach(direction, 0, peer)
          const nearest = Math.min(...points.map((_, peer) => reach(peer)))
          assert.equal(Math.min(...chosen().map(reach)), nearest)
        }
      }),
      { numRuns: 2_000 }
    )
  })

  it('gives up no more of the nearest for directions than it must', () => {
    fc.assert(
      fc.property(crowd, fc.integer({ min: 5, max: 24 }), (points, limit) => {
        const { places, candidates, chosen } = candidatesAt(points)
        const all = points.map((_, peer) => places.distance(0, peer)).slice(1)
        const bound = all.sort((a, b) => a - b)[limit - 1] ?? Infinity
        candidates.rank(0, limit)
        const near = chosen().filter(peer => places.distance(0, peer) <= bound)
        assert.ok(near.length >= candidates.chosen - candidates.far)
        assert.ok(candidates.far <= 4)
      })
    )
  })

  it('does not drop the only neighbour to the north for one far in the east', () => {
    // a crowd at one point, one to the north of it, and one far away in each other direction
    const crowded = Array.from({ length: 6 }, () => [8, 8])
    const { candidates, chosen } = candidatesAt([...crowded, [8, 9], [13, 8], [8, 4], [3, 8]])
    candidates.rank(0, 6)
    assert.deepEqual(
      chosen().filter(peer => peer > 5),
      [6, 7, 8, 9]
    )
    assert.equal(candidates.far, 3)
  })

  it('says how near another one must be to be chosen', () => {
    fc.assert(
      fc.property(crowd, limits, fc.boolean(), (points, limit, shaped) => {
        const { places, candidates, chosen } = candidatesAt(points, 1, shaped)
        const last = points.length - 1
        candidates.size = Math.max(0, last - 1)
        candidates.choose(0, limit)
        const bound = candidates.bound()
        candidates.size = last
        candidates.choose(0, limit)

        if (last > 0 && places.distance(0, last) > bound) {
          assert.ok(!chosen().includes(last))
        }
      })
    )
  })

  it('lets in anybody from anywhere while the shape lacks somebody', () => {
    const points = [
      [8, 8],
      [8, 9],
      [8, 10],
      [8, 11],
      [9, 11],
      [7, 11]
    ]
    const { candidates: shapeless } = candidatesAt(points, 1, false)
    const { candidates } = candidatesAt(points)
    shapeless.choose(0, 5)
    assert.ok(shapeless.bound() < 5)
    candidates.choose(0, 5)
    assert.equal(candidates.bound(), Number.POSITIVE_INFINITY)
    candidates.choose(0, 6)
    assert.equal(candidates.bound(), Number.POSITIVE_INFINITY)
  })

  for (const [name, choose] of [
    ['choosing', (candidates: Candidates<number[]>) => candidates.choose(0, 3)],
    ['ranking', (candidates: Candidates<number[]>) => candidates.rank(0, 3)]
  ] as const) {
    it(`breaks ties at random, ${name}: each of twelve is as likely`, () => {
      const around = [
        [0, 3],
        [1, 2],
        [2, 1],
        [3, 0],
        [2, -1],
        [1, -2],
        [0, -3],
        [-1, -2],
        [-2, -1],
        [-3, 0],
        [-2, 1],
        [-1, 2]
      ].map(([x, y]) => [8 + x, 8 + y])
      const { candidates, chosen } = candidatesAt([[8, 8], ...around], 5)
      const counts = Array<number>(12).fill(0)
      const firsts = Array<number>(12).fill(0)
      const runs = 4_000

      for (let i = 0; i < runs; i++) {
        choose(candidates)

        for (const peer of chosen()) {
          counts[peer - 1]++
        }

        firsts[chosen()[0] - 1]++
      }

      // three of twelve without replacement vary less than so many draws: the statistic is too small, not too large
      assert.ok(chiSquarePValue(chiSquare(counts, runs * 3, 12), 11) > 0.01, String(counts))
      assert.ok(name === 'choosing' || chiSquarePValue(chiSquare(firsts, runs, 12), 11) > 0.01, String(firsts))
    })
  }

  it('breaks ties at random also between those at no distance, and across a hole', () => {
    const here = candidatesAt(
      Array.from({ length: 9 }, () => [4, 4]),
      3
    )
    const seen = new Set<number>()

    for (let i = 0; i < 200; i++) {
      here.candidates.rank(0, 1)
      seen.add(here.chosen()[0])
    }

    assert.equal(seen.size, 8)

    // five at the same point; to the north two that are as far
    const beyond = candidatesAt([...Array.from({ length: 6 }, () => [4, 4]), [3, 9], [5, 9]], 3)
    const north = new Set<number>()

    for (let i = 0; i < 50; i++) {
      beyond.candidates.rank(0, 5)
      north.add(beyond.chosen()[4])
    }

    assert.deepEqual(north, new Set([6, 7]))
  })

  it('holds nobody twice, at the younger age, and leaves out the old and whom it shall', () => {
    const views = new Views(1, 4)
    const places = torus(SIDE, SIDE).places(10)
    const candidates = new Candidates(10, places, new Random(1))

    for (const [peer, age] of [
      [1, 3],
      [2, 11],
      [3, 10],
      [4, 0]
    ]) {
      views.append(0, peer, age)
    }

    candidates.load(views, 0, 10, 4)
    candidates.add(3, 5)
    candidates.add(1, 5)
    candidates.add(2, 6)
    candidates.add(2, 7)
    assert.deepEqual([...candidates.peers.subarray(0, candidates.size)], [1, 3, 2])
    assert.deepEqual([...candidates.ages.subarray(0, candidates.size)], [3, 5, 6])
  })
})

describe('the index of a list of peers', () => {
  it('finds whoever was put there, and nobody else, however often it is cleared', () => {
    const list = new Int32Array(16)
    const index = new PeerIndex(list)

    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2 ** 31 - 1), { maxLength: 16 }), fc.nat(2 ** 31 - 1), (peers, other) => {
        index.clear()

        for (const [at, peer] of peers.entries()) {
          list[at] = peer
          index.put(peer, at)
        }

        for (const peer of [...peers, other]) {
          assert.equal(index.find(peer, peers.length), peers.indexOf(peer))
        }
      }),
      { numRuns: 1_000 }
    )
  })

  it('finds nobody from before, however often it was cleared', () => {
    const index = new PeerIndex(Int32Array.of(5))
    index.put(5, 0)

    for (let times = 1; times <= 600; times++) {
      index.clear()
      assert.equal(index.find(5, 0), -1)
    }
  })

  it('finds those that share a bucket', () => {
    // so many peers in a table of 32 buckets that most share one
    const list = Int32Array.from({ length: 2 }, (_, i) => i)
    const index = new PeerIndex(list)

    for (let other = 2; other < 2_000; other++) {
      index.clear()
      list[0] = 1
      list[1] = other
      index.put(1, 0)
      index.put(other, 1)
      assert.equal(index.find(1, 2), 0)
      assert.equal(index.find(other, 2), 1)
    }
  })
})
