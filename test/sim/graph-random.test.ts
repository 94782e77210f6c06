import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Random } from '../../src/gossip/random.ts'
import { Views } from '../../src/gossip/views.ts'
import { GraphMeter } from '../../src/sim/graph/meter.ts'
import { fillAtRandom } from '../../src/sim/graph/random-graph.ts'
import { sample } from '../../src/sim/graph/sample.ts'

function randomGraph(nodes: number, capacity: number, seed: number): Views {
  const views = new Views(nodes, capacity)
  fillAtRandom(views, nodes, new Random(seed))
  return views
}

function viewOf(views: Views, node: number): number[] {
  return Array.from({ length: views.size(node) }, (_, i) => views.peer(node, i))
}

/** Sum of the squared deviations from equally many in each place, in units of that number. */
function chiSquare(counts: number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

function assertWithin(actual: number, expected: number, share: number): void {
  assert.ok(Math.abs(actual / expected - 1) < share, `${actual} is not within ${share * 100} % of ${expected}`)
}

describe('a random graph', () => {
  it('gives every node as many distinct others as there are and as there is room for', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 60 }),
        fc.nat({ max: 5 }),
        fc.integer({ min: 1, max: 60 }),
        (seed, nodes, unused, capacity) => {
          const views = new Views(nodes + unused, capacity)

          // what was there before is gone, and with it the ages
          for (let node = 0; node < views.nodes; node++) {
            views.append(node, node, 9)
          }

          fillAtRandom(views, nodes, new Random(seed))

          for (let node = 0; node < nodes; node++) {
            const view = viewOf(views, node)
            assert.equal(new Set(view).size, Math.min(capacity, nodes - 1))
            assert.equal(view.length, Math.min(capacity, nodes - 1))
            assert.ok(!view.includes(node))
            assert.ok(view.every((peer, i) => peer >= 0 && peer < nodes && views.age(node, i) === 0))
          }

          for (let node = nodes; node < views.nodes; node++) {
            assert.deepEqual(viewOf(views, node), [node])
          }
        }
      )
    )
  })

  it('has every ordered choice of others equally often', () => {
    const views = new Views(5, 2)
    const random = new Random(1)
    // node and its two peers in their order: 5 x 4 x 3 possibilities
    const counts = new Map<string, number>()

    for (let i = 0; i < 5_000; i++) {
      fillAtRandom(views, 5, random)

      for (let node = 0; node < 5; node++) {
        const choice = `${node}: ${viewOf(views, node)}`
        counts.set(choice, (counts.get(choice) ?? 0) + 1)
      }
    }

    assert.equal(counts.size, 60)
    // 55 degrees of freedom: 93.2 is exceeded once in a thousand, and this seed does not
    assert.ok(chiSquare([...counts.values()]) < 93.2, `chi-square ${chiSquare([...counts.values()])}`)
  })

  it('is what the theory says: in-degrees, clustering, one component', () => {
    const nodes = 2_000
    const out = 20
    // two nodes are neighbours with this probability; that they have no common one takes so many failures
    const edge = 1 - (1 - out / (nodes - 1)) ** 2
    const apart = (1 - edge) * (1 - edge ** 2) ** (nodes - 2)
    const measures = new GraphMeter(randomGraph(nodes, out, 2)).measure(new Uint8Array(nodes).fill(1), new Random(0))
    assert.equal(measures.inDegree.mean, out)
    assertWithin(measures.inDegree.standardDeviation, Math.sqrt(out * (1 - out / (nodes - 1))), 0.05)
    assertWithin(measures.clusteringCoefficient, edge, 0.05)
    assertWithin(measures.averagePathLength, 1 + (1 - edge) + apart, 0.01)
    assert.equal(measures.components, 1)
  })
})

describe('measures of a sample', () => {
  for (const [name, dead] of [
    ['everybody', 0],
    ['half of all', 2]
  ] as const) {
    it(`are close to those of ${name}`, () => {
      const nodes = 3_000
      const views = randomGraph(nodes, 10, 3)
      const alive = new Uint8Array(nodes).map((_, node) => (dead > 0 && node % dead === 0 ? 0 : 1))
      const { clusteringCoefficient, averagePathLength, ...exact } = new GraphMeter(views).measure(alive, new Random(4))
      const meter = new GraphMeter(views, { exactUpTo: 1_000 })
      const { sampled, ...estimate } = meter.measure(alive, new Random(4))
      assert.deepEqual(sampled, { clusteringNodes: 1_000, pathSources: 128 })
      assertWithin(estimate.clusteringCoefficient, clusteringCoefficient, 0.1)
      assertWithin(estimate.averagePathLength, averagePathLength, 0.01)
      // what costs little is always exact
      assert.deepEqual({ ...estimate, ...exact }, estimate)
    })
  }

  it('are drawn so that every choice is equally likely', () => {
    const random = new Random(5)
    const items = Int32Array.of(3, 5, 7, 11, 13)
    const counts = new Map<string, number>()

    for (let i = 0; i < 10_000; i++) {
      const choice = sample(items, 2, random).join()
      counts.set(choice, (counts.get(choice) ?? 0) + 1)
    }

    assert.equal(counts.size, 10)
    // 9 degrees of freedom: 27.9 is exceeded once in a thousand, and this seed does not
    assert.ok(chiSquare([...counts.values()]) < 27.9, `chi-square ${chiSquare([...counts.values()])}`)
  })
})
