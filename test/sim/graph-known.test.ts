import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { Views } from '../../src/gossip/views.ts'
import { type GraphMeasures, GraphMeter } from '../../src/sim/graph/meter.ts'

/** The measures of a graph in which everybody lives, from whom each node has in its view. */
function measure(nodes: number, viewOf: (node: number) => number[], alive = new Uint8Array(nodes).fill(1)) {
  const lists = Array.from({ length: nodes }, (_, node) => viewOf(node))
  const views = new Views(nodes, Math.max(1, ...lists.map(list => list.length)))

  for (const [node, list] of lists.entries()) {
    for (const peer of list) {
      views.append(node, peer, 0)
    }
  }

  return new GraphMeter(views).measure(alive, new Random(0))
}

/** Numbers from one to before another. */
function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}

function assertClose(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`)
}

function assertHealthy({ deadLinks, selfOrDuplicateLinks, sampled }: GraphMeasures): void {
  assert.equal(deadLinks, 0)
  assert.equal(selfOrDuplicateLinks, 0)
  assert.equal(sampled, undefined)
}

describe('the graphs whose measures are known', () => {
  it('complete graph: everybody is one step away, all neighbours know each other', () => {
    const nodes = 70
    const measures = measure(nodes, node => range(0, nodes).filter(peer => peer !== node))
    assertHealthy(measures)
    assert.equal(measures.clusteringCoefficient, 1)
    assert.equal(measures.averagePathLength, 1)
    assert.equal(measures.components, 1)
    assert.deepEqual(measures.inDegree, {
      mean: nodes - 1,
      standardDeviation: 0,
      max: nodes - 1,
      histogram: [...new Array(nodes - 1).fill(0), nodes]
    })
  })

  for (const [nodes, out] of [
    [300, 1],
    [300, 2],
    [2_001, 3],
    [400, 30]
  ]) {
    it(`ring lattice of ${nodes}, each with the next ${out} in its view`, () => {
      const measures = measure(nodes, node => range(1, out + 1).map(step => (node + step) % nodes))
      const degree = 2 * out
      const distances = range(1, nodes).map(step => Math.ceil(Math.min(step, nodes - step) / out))
      assertHealthy(measures)
      // Watts and Strogatz, 1998: 3 (K - 2) / 4 (K - 1)
      assertClose(measures.clusteringCoefficient, (3 * (degree - 2)) / (4 * (degree - 1)))
      assertClose(measures.averagePathLength, distances.reduce((sum, distance) => sum + distance) / (nodes - 1))
      assert.equal(measures.components, 1)
      assert.equal(measures.inDegree.standardDeviation, 0)
    })
  }

  it('two cliques: two components, and only paths within them count', () => {
    const measures = measure(90, node => (node < 40 ? range(0, 40) : range(40, 90)).filter(peer => peer !== node))
    assertHealthy(measures)
    assert.equal(measures.components, 2)
    assert.equal(measures.clusteringCoefficient, 1)
    assert.equal(measures.averagePathLength, 1)
    assertClose(measures.inDegree.mean, (40 * 39 + 50 * 49) / 90)
  })

  it('star: all pairs are two steps apart except those with the middle', () => {
    const nodes = 1_000
    const measures = measure(nodes, node => (node === 7 ? [] : [7]))
    assertHealthy(measures)
    assert.equal(measures.clusteringCoefficient, 0)
    assertClose(measures.averagePathLength, 2 - 2 / nodes)
    assert.equal(measures.components, 1)
    assert.equal(measures.inDegree.max, nodes - 1)
    assert.equal(measures.inDegree.histogram[0], nodes - 1)
    assert.equal(measures.inDegree.histogram[nodes - 1], 1)
  })

  it('one triangle with a tail', () => {
    const measures = measure(4, node => [[1, 2], [2], [3], []][node])
    // 1 at two corners, a third where the tail begins, nothing at its end
    assertClose(measures.clusteringCoefficient, (1 + 1 + 1 / 3) / 4)
    assertClose(measures.averagePathLength, (4 * 1 + 2 * 2) / 6)
  })

  it('a line whose middle is dead: two components without any path', () => {
    const measures = measure(3, node => [[1], [2], [1]][node], Uint8Array.of(1, 0, 1))
    assert.equal(measures.components, 2)
    assert.equal(measures.averagePathLength, 0)
    assert.equal(measures.deadLinks, 1)
    assert.equal(measures.inDegree.mean, 0)
  })

  it('nodes that know nobody: each is a component', () => {
    const measures = measure(40, () => [])
    assert.equal(measures.components, 40)
    assert.equal(measures.clusteringCoefficient, 0)
    assert.equal(measures.averagePathLength, 0)
    assert.deepEqual(measures.inDegree, { mean: 0, standardDeviation: 0, max: 0, histogram: [40] })
  })

  it('nobody alive: nothing to measure, and no division by nothing', () => {
    assert.deepEqual(
      measure(3, node => [(node + 1) % 3], new Uint8Array(3)),
      {
        inDegree: { mean: 0, standardDeviation: 0, max: 0, histogram: [0] },
        clusteringCoefficient: 0,
        averagePathLength: 0,
        components: 0,
        deadLinks: 0,
        selfOrDuplicateLinks: 0
      }
    )
  })
})
