import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { Crowd } from './crowd.ts'
import { internet, type Topology } from './topologies.ts'

const NODES = 200

function scaled({ nodes, roundTrip }: Topology, factor: number): Topology {
  return { nodes, roundTrip: (a, b) => factor * roundTrip(a, b) }
}

/** One node in five is where another one was. */
function swapped({ nodes, roundTrip }: Topology): Topology {
  const places = Array.from({ length: nodes }, (_, node) => node)

  for (let node = 0; node < nodes; node += 10) {
    ;[places[node], places[node + 5]] = [node + 5, node]
  }

  return { nodes, roundTrip: (a, b) => roundTrip(places[a], places[b]) }
}

interface Change {
  name: string
  change: (topology: Topology) => Topology
  /** The median error after 50 and after 100 more samples of each node, as a multiple of what it was. */
  bounds: [after50: number, after100: number]
}

const CHANGES: Change[] = [
  { name: 'one node in five has moved', change: swapped, bounds: [1.3, 1.2] },
  { name: 'all ways are half as long', change: topology => scaled(topology, 0.5), bounds: [1.5, 1.3] },
  // an error of half a round trip is a surprise only just
  { name: 'all ways are twice as long', change: topology => scaled(topology, 2), bounds: [2.5, 1.7] }
]

describe('a network that changes', () => {
  for (const { name, change, bounds } of CHANGES) {
    it(`${name}: nodes find their places again, in 50 samples to ${bounds[0]} times the error, in 100 to ${bounds[1]}`, () => {
      for (const seed of [1, 2, 3]) {
        const crowd = new Crowd(internet(NODES, new Random(seed)), {}, seed)
        crowd.run(500)
        const before = crowd.medianError()
        crowd.topology = change(crowd.topology)
        assert.ok(crowd.medianError() > 1.3 * before, 'the change matters')

        for (const bound of bounds) {
          crowd.run(50)
          assert.ok(crowd.medianError() < bound * before, `seed ${seed}: ${crowd.medianError()} after ${before}`)
        }
      }
    })
  }

  it('by a third in 1,000 cycles, little by little: nodes that have long been settled keep up', () => {
    const topology = internet(100, new Random(1))
    const crowd = new Crowd(topology, {}, 1)
    crowd.run(3_000)
    const before = crowd.medianError()

    for (let cycle = 1; cycle <= 1_000; cycle++) {
      crowd.topology = scaled(topology, 1.0003 ** cycle)
      crowd.run(1)
    }

    assert.ok(crowd.medianError() < 1.08 * before, `${crowd.medianError()} after ${before}`)
  })

  it('makes those who are surprised learn as if they were younger, and nobody while nothing changes', () => {
    const crowd = new Crowd(internet(NODES, new Random(1)), {}, 1)
    crowd.run(500)
    const young = () => crowd.raw().filter((_, node) => crowd.vivaldi.experience(node) < 100).length
    assert.ok(young() <= NODES / 50, `${young()} for nothing`)
    crowd.topology = scaled(crowd.topology, 0.5)
    crowd.run(50)
    assert.ok(young() > 0.9 * NODES, `${young()}`)
  })
})
