import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { TYPICAL_SAMPLES } from '../../src/vivaldi/constants.ts'
import type { Coordinate } from '../../src/vivaldi/coordinate.ts'
import { vivaldiParameters } from '../../src/vivaldi/parameters.ts'
import { Vivaldi } from '../../src/vivaldi/vivaldi.ts'
import { Crowd } from './crowd.ts'
import { internet, line } from './topologies.ts'

function move(a: Coordinate, b: Coordinate): number {
  return Math.hypot(...a.position.map((x, i) => x - b.position[i])) + Math.abs(a.height - b.height)
}

describe('the coordinate that a node shows', () => {
  it('is its raw one from when the two differ by a twentieth of a typical round trip, or in error by half', () => {
    const topology = internet(50, new Random(1))
    const { nodes, roundTrip } = topology
    const parameters = vivaldiParameters({ filter: 'none' })
    const vivaldi = new Vivaldi({ nodes, parameters, random: new Random(1) })
    const random = new Random(2)
    const typical = new Array<number>(nodes).fill(0)
    let [kept, moved] = [0, 0]

    for (let i = 0; i < 200 * nodes; i++) {
      const node = i % nodes
      const peer = (node + 1 + random.below(nodes - 1)) % nodes
      const time = roundTrip(node, peer)
      const before = vivaldi.coordinate(node)
      const moves = vivaldi.moves
      typical[node] += (time - typical[node]) / Math.min(vivaldi.experience(node) + 1, TYPICAL_SAMPLES)
      vivaldi.observe(node, peer, time, vivaldi.shown, peer * vivaldi.width)

      const raw = vivaldi.raw(node)
      const change = raw.error / before.error
      const matters = move(raw, before) > 0.05 * typical[node] || change > 1.5 || change < 1 / 1.5
      assert.deepEqual(vivaldi.coordinate(node), matters ? raw : before)
      assert.equal(vivaldi.moves, moves + (matters ? 1 : 0))

      if (matters) {
        moved++
      } else {
        kept++
      }
    }

    assert.ok(moved > 500 && kept > 500, `${moved} and ${kept}`)
  })

  it('in a settled network changes in fewer than 2 samples of a hundred, and predicts within a twentieth as well', () => {
    for (const seed of [1, 2, 3]) {
      const crowd = new Crowd(internet(200, new Random(seed)), {}, seed)
      const { vivaldi } = crowd
      crowd.run(500)
      const { moves, samples } = vivaldi
      crowd.run(200)
      const share = (vivaldi.moves - moves) / (vivaldi.samples - samples)
      assert.ok(share < 0.02, `seed ${seed}: ${share}`)
      const [shown, raw] = [crowd.medianError(crowd.shown()), crowd.medianError()]
      assert.ok(shown < 1.05 * raw, `seed ${seed}: ${shown} for ${raw}`)
    }
  })

  it('tells that errors have grown, though nobody has moved', () => {
    const still = line(10, 10)
    const crowd = new Crowd(still)
    crowd.run(500)
    const certain = crowd.raw().map(({ error }) => error)
    const random = new Random(3)
    crowd.topology = { nodes: 10, roundTrip: (a, b) => still.roundTrip(a, b) * (0.8 + 0.4 * random.fraction()) }

    for (let cycle = 0; cycle < 200; cycle++) {
      crowd.run(1)
      const shown = crowd.shown()
      assert.ok(crowd.raw().every(({ error }, node) => error <= 1.5 * shown[node].error))
    }

    assert.ok(crowd.shown().every(({ error }, node) => error > 2 * certain[node]))
  })
})
