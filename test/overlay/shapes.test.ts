import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { QUARANTINE_ROUNDS } from '../../src/overlay/constants.ts'
import { euclidean } from '../../src/overlay/euclidean.ts'
import { line } from '../../src/overlay/line.ts'
import { ring } from '../../src/overlay/ring.ts'
import { torus } from '../../src/overlay/torus.ts'
import { StackedOverlay, torusOf } from './stacked-overlay.ts'

const SEEDS = [1, 2, 3]

describe('shapes that come about over peer sampling', () => {
  for (const seed of SEEDS) {
    it(`a torus of 10 x 5 within 4 rounds, seed ${seed}`, () => {
      const overlay = torusOf(10, 5, { view: 8, message: 8, psi: 4 }, seed)
      assert.ok(overlay.roundsToShape(4) <= 4)
    })

    it(`rings of crowds, seed ${seed}: everybody finds the next and the previous one`, () => {
      // four crowds, far apart and each denser than its nodes can see over
      const random = new Random(seed)
      const at = Array.from({ length: 160 }, (_, node) => [(node % 4) * 25 + random.fraction() / 100])
      const overlay = new StackedOverlay(ring(100), node => at[node], {}, { nodes: 160 }, seed)
      assert.ok(overlay.roundsToShape(25) <= 25)
    })
  }

  it('a torus of 50 x 50 within 11 rounds', () => {
    const overlay = torusOf(50, 50, {}, 1)
    overlay.advance(11)
    const { places } = overlay.protocol

    for (const node of overlay.living) {
      for (const direction of [0, 1, 2, 3]) {
        assert.equal(places.distance(node, overlay.protocol.neighbour(node, direction)), 1)
      }
    }
  })

  it('a torus with the shortest messages and the smallest views', () => {
    assert.ok(torusOf(8, 8, { view: 5, message: 2, psi: 5 }, 1).roundsToShape(60) <= 60)
    assert.ok(torusOf(8, 8, { view: 5, message: 100, psi: 1 }, 1).roundsToShape(40) <= 40)
  })

  it('a torus of 2 x 2, where one neighbour stands in two directions', () => {
    const overlay = torusOf(2, 2, {}, 1)
    assert.ok(overlay.roundsToShape(5) <= 5)
    assert.equal(overlay.protocol.neighbour(0, 0), overlay.protocol.neighbour(0, 2))
  })

  it('a torus of points that are empty or held by many', () => {
    const random = new Random(4)
    const at = Array.from({ length: 200 }, () => [random.below(14), random.below(14)])
    const overlay = new StackedOverlay(torus(14, 14), node => at[node], {}, { nodes: 200 }, 4)
    assert.ok(overlay.roundsToShape(20) <= 20)
  })

  it('a line, which ends on both sides', () => {
    const random = new Random(6)
    const at = Array.from({ length: 150 }, () => [random.fraction() * 10])
    const overlay = new StackedOverlay(line(10), node => at[node], {}, { nodes: 150 }, 6)
    assert.ok(overlay.roundsToShape(15) <= 15)
    const ends = overlay.living.filter(node => [0, 1].some(side => overlay.protocol.neighbour(node, side) === -1))
    assert.equal(ends.length, 2)
  })

  it('nearness alone in a Euclidean space: views hold the nearest in order', () => {
    const random = new Random(7)
    const at = Array.from({ length: 200 }, () => [random.fraction(), random.fraction(), random.fraction()])
    const overlay = new StackedOverlay(euclidean(3), node => at[node], { view: 10 }, { nodes: 200 }, 7)
    overlay.advance(20)
    const { views, places } = overlay.protocol
    let right = 0

    for (const node of overlay.living) {
      const others = overlay.living.filter(other => other !== node)
      const nearest = others.sort((a, b) => places.distance(node, a) - places.distance(node, b)).slice(0, 10)
      const view = nearest.map((_, i) => views.peer(node, i))
      right += view.filter(peer => nearest.includes(peer)).length
      const distances = view.map(peer => places.distance(node, peer))
      assert.deepEqual(
        distances,
        distances.toSorted((a, b) => a - b)
      )
    }

    assert.ok(right >= 0.995 * 2_000, `${right} of 2000`)
  })

  it('a torus by asking one random peer a round: it takes far longer, but gets there', () => {
    const overlay = torusOf(6, 6, { selection: 'closest' }, 1)
    overlay.advance(3)
    assert.ok(overlay.wrongLinks() > 0)
    assert.ok(overlay.roundsToShape(400) <= 400)
  })
})

describe('shapes that heal', () => {
  for (const seed of SEEDS) {
    it(`a quarter dies at random, seed ${seed}: the living find each other, and forget the dead`, () => {
      const overlay = torusOf(16, 16, {}, seed, { crash: [{ share: 0.25, round: 10 }] })
      overlay.advance(10)
      assert.ok(overlay.roundsToShape(25) <= 25)
      overlay.advance(15)
      const living = new Set(overlay.living)
      const { views } = overlay.protocol

      for (const node of living) {
        for (let i = 0; i < views.size(node); i++) {
          assert.ok(living.has(views.peer(node, i)), `${node} still holds ${views.peer(node, i)}`)
        }
      }
    })
  }

  it('a cut that ends', () => {
    const overlay = torusOf(16, 16, {}, 2, { partition: [{ from: 10, to: 14, parts: 2 }] })
    overlay.advance(14)
    // when nobody refuses the other side any more
    assert.ok(overlay.roundsToShape(QUARANTINE_ROUNDS + 5) <= QUARANTINE_ROUNDS + 5)
  })

  it('peers that move: their neighbours are others, and so are those whom they leave', () => {
    const overlay = torusOf(12, 12, {}, 3)
    overlay.advance(8)
    const { places } = overlay.protocol
    const before = places.get(0)
    places.set(0, places.get(78))
    places.set(78, before)
    assert.ok(overlay.roundsToShape(15) <= 15)
  })

  it('newcomers settle in the round in which they come, on a torus that runs', () => {
    // as many as there are come once more, on the same points: each has all of its neighbours beside it
    const overlay = torusOf(20, 20, {}, 5, { join: [{ share: 0.02, round: 12 }] })
    overlay.advance(13)
    const newcomers = overlay.living.filter(node => node >= 400)
    assert.equal(newcomers.length, 8)
    assert.ok(overlay.wrongLinks(newcomers) <= 2, `${overlay.wrongLinks(newcomers)} of 32 links`)
  })
})
