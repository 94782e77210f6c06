import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Random } from '../../src/gossip/random.ts'
import { Views } from '../../src/gossip/views.ts'
import { countComponents } from '../../src/sim/graph/components.ts'
import { type GraphMeasures, GraphMeter } from '../../src/sim/graph/meter.ts'

/** Views with links to the dead, to oneself and twice, and with room left. */
function disorderly(seed: number, nodes: number, capacity: number): { views: Views; alive: Uint8Array } {
  const random = new Random(seed)
  const views = new Views(nodes, capacity)
  const living = random.below(5)
  const alive = Uint8Array.from({ length: nodes }, () => (random.below(4) < living ? 1 : 0))
  // a narrow reach makes long paths and clusters, a wide one short paths
  const reach = 1 + random.below(nodes)

  for (let node = 0; node < nodes; node++) {
    const size = random.below(capacity + 1)

    for (let i = 0; i < size; i++) {
      views.append(node, (node + random.below(reach)) % nodes, 0)
    }

    if (size > 1 && random.below(4) === 0) {
      views.set(node, size - 1, views.peer(node, 0), 0)
    }
  }

  return { views, alive }
}

const graphs = fc
  .record({
    seed: fc.nat(),
    nodes: fc.oneof(fc.integer({ min: 3, max: 40 }), fc.integer({ min: 41, max: 300 })),
    capacity: fc.integer({ min: 1, max: 12 })
  })
  .map(({ seed, nodes, capacity }) => disorderly(seed, nodes, capacity))

/** The same measures as slowly and plainly as their definitions read. */
function plainly(views: Views, alive: Uint8Array): GraphMeasures {
  const living = [...alive.keys()].filter(node => alive[node] === 1)
  const viewOf = (node: number) => Array.from({ length: views.size(node) }, (_, i) => views.peer(node, i))
  const links = living.flatMap(node => viewOf(node).map(peer => ({ node, peer })))
  const degrees = living.map(node => links.filter(({ peer }) => peer === node).length)
  const mean = average(degrees)
  const max = Math.max(0, ...degrees)

  const neighbours = new Map(living.map(node => [node, new Set<number>()]))

  for (const { node, peer } of links) {
    if (peer !== node && alive[peer] === 1) {
      neighbours.get(node)?.add(peer)
      neighbours.get(peer)?.add(node)
    }
  }

  const distances = living.map(node => distancesFrom(node, neighbours))
  const paths = distances.flatMap(reached => [...reached.values()].filter(distance => distance > 0))

  return {
    inDegree: {
      mean,
      standardDeviation: Math.sqrt(average(degrees.map(degree => (degree - mean) ** 2))),
      max,
      histogram: Array.from({ length: max + 1 }, (_, d) => degrees.filter(degree => degree === d).length)
    },
    clusteringCoefficient: average(living.map(node => clusteringOf(node, neighbours))),
    averagePathLength: average(paths),
    // a component is known by the smallest number in it
    components: new Set(distances.map(reached => Math.min(...reached.keys()))).size,
    deadLinks: average(links.map(({ peer }) => 1 - alive[peer])),
    selfOrDuplicateLinks: living
      .map(node => viewOf(node).filter((peer, i, view) => peer === node || view.indexOf(peer) < i).length)
      .reduce((sum, count) => sum + count, 0)
  }
}

function clusteringOf(node: number, neighbours: Map<number, Set<number>>): number {
  const around = [...(neighbours.get(node) ?? [])]
  const pairs = around.flatMap((one, i) => around.slice(i + 1).map(other => [one, other]))
  return average(pairs.map(([one, other]) => (neighbours.get(one)?.has(other) ? 1 : 0)))
}

function distancesFrom(source: number, neighbours: Map<number, Set<number>>): Map<number, number> {
  const distances = new Map([[source, 0]])

  for (const [node, distance] of distances) {
    for (const peer of neighbours.get(node) ?? []) {
      if (!distances.has(peer)) {
        distances.set(peer, distance + 1)
      }
    }
  }

  return distances
}

function average(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

function assertSame(actual: GraphMeasures, expected: GraphMeasures): void {
  const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(10)) : value)
  const parse = (measures: GraphMeasures) => JSON.parse(JSON.stringify(measures, rounded))
  assert.deepEqual(parse(actual), parse(expected))
}

describe('the measures of a graph', () => {
  it('are those of the definitions, whatever is in the views', () => {
    fc.assert(
      fc.property(graphs, ({ views, alive }) => {
        assertSame(new GraphMeter(views).measure(alive, new Random(0)), plainly(views, alive))
      }),
      { numRuns: 150 }
    )
  })

  it('are those of the definitions in a graph of many searches', () => {
    for (const seed of [1, 2, 3]) {
      const { views, alive } = disorderly(seed, 1_100, 3)
      assertSame(new GraphMeter(views).measure(alive, new Random(0)), plainly(views, alive))
    }
  })

  it('do not depend on what was measured before', () => {
    fc.assert(
      fc.property(graphs, fc.nat(), ({ views, alive }, seed) => {
        const meter = new GraphMeter(views)
        meter.measure(alive, new Random(0))
        const random = new Random(seed)

        for (let node = 0; node < views.nodes; node++) {
          alive[node] = random.below(2)

          if (views.size(node) > 0) {
            views.set(node, 0, random.below(views.nodes), 0)
          }
        }

        assert.deepEqual(meter.measure(alive, new Random(0)), new GraphMeter(views).measure(alive, new Random(0)))
      }),
      { numRuns: 50 }
    )
  })

  it('are exact when the sample is everybody', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 3, max: 120 }), fc.nat(), (seed, nodes, drawn) => {
        const { views, alive } = disorderly(seed, nodes, 8)
        const exact = new GraphMeter(views).measure(alive, new Random(0))
        const { sampled, ...estimate } = new GraphMeter(views, { exactUpTo: 0 }).measure(alive, new Random(drawn))
        const living = alive.filter(one => one === 1).length
        assertSame(estimate, exact)
        assert.deepEqual(sampled, living === 0 ? undefined : { clusteringNodes: living, pathSources: living })
      }),
      { numRuns: 50 }
    )
  })

  it('draw nothing at random when they are exact', () => {
    const { views, alive } = disorderly(4, 100, 5)
    const random = new Random(9)
    const { sampled } = new GraphMeter(views).measure(alive, random)
    assert.equal(sampled, undefined)
    assert.equal(random.next(), new Random(9).next())
  })

  it('leave the views as they are', () => {
    const { views, alive } = disorderly(5, 100, 5)
    const before = views.words.slice()
    new GraphMeter(views).measure(alive, new Random(0))
    assert.deepEqual(views.words, before)
  })
})

describe('the components of a graph', () => {
  it('are counted alone just as with everything else', () => {
    fc.assert(
      fc.property(graphs, ({ views, alive }) => {
        assert.equal(countComponents(views, alive), plainly(views, alive).components)
      }),
      { numRuns: 30 }
    )
  })
})
