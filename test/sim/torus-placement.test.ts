import assert from 'node:assert/strict'
import { livingOf, type PlacedNetwork, placedNetwork } from './placed-network.ts'

const SIZE = { width: 12, height: 8 }

function sorted(points: Iterable<number>): number[] {
  return [...points].sort((a, b) => a - b)
}

function pointsOf({ placement }: PlacedNetwork, nodes: number[]): number[] {
  return nodes.map(node => placement.points[node])
}

/** A round's beginning, as the network has it. */
function beginRound({ world, placement, overlay }: PlacedNetwork, round: number): number[] {
  placement.beginRound()
  const first = world.beginRound(round)
  overlay.newcomers(first, world.used)
  return Array.from({ length: world.used - first }, (_, i) => first + i)
}

describe('placement on a torus', () => {
  it('puts one node on every point of a grid, in no order', () => {
    const { placement } = placedNetwork({ size: SIZE, kind: 'grid' })
    const all = Array.from({ length: 96 }, (_, i) => i)
    assert.deepEqual(sorted(placement.points), all)
    assert.notDeepEqual([...placement.points], all)
  })

  it('puts them at random, so that points are empty or doubly held', () => {
    const { placement } = placedNetwork({ size: { width: 50, height: 50 }, kind: 'random' })
    const empty = 2_500 - new Set(placement.points).size
    // (1 - 1/2500)^2500 = 1/e of them; the deviation is 15
    assert.ok(Math.abs(empty - 2_500 / Math.E) < 75, `${empty} points are empty`)
  })

  it('has places that are the points', () => {
    const { placement } = placedNetwork({ size: SIZE, kind: 'random' })
    assert.deepEqual(
      Array.from(placement.points, (_, node) => placement.places.get(node)).map(([x, y]) => x + 12 * y),
      [...placement.points]
    )
  })

  it('gives the points of the dead to those that replace them', () => {
    const network = placedNetwork({ size: SIZE, kind: 'grid', faults: { churn: 0.1 } })

    for (let round = 1; round <= 10; round++) {
      const newcomers = beginRound(network, round)
      assert.ok(newcomers.length > 0)
      assert.deepEqual(
        sorted(pointsOf(network, livingOf(network.world))),
        sorted(network.placement.points.slice(0, 96))
      )
    }
  })

  it('leaves points of those that crashed empty, and gives random ones to those that join', () => {
    const faults = { crash: [{ share: 0.5, round: 1 }], churn: 0.1, join: [{ share: 0.5, round: 2 }] }
    const network = placedNetwork({ size: SIZE, kind: 'grid', faults })
    beginRound(network, 1)
    network.world.endRound(1)
    const left = sorted(pointsOf(network, livingOf(network.world)))
    assert.equal(left.length, 48)
    beginRound(network, 2)
    assert.deepEqual(sorted(pointsOf(network, livingOf(network.world))), left)
    network.world.endRound(2)
    const newcomers = beginRound(network, 3)
    assert.ok(newcomers.length > 48)
    assert.ok(new Set(pointsOf(network, newcomers)).size > 24)
  })

  it('kills all nodes in a contiguous part, as large as was asked for', () => {
    for (const [share, dead] of [
      [0.25, 6 * 4],
      [1, 96],
      [0.000_1, 1]
    ]) {
      const { world, placement } = placedNetwork({ size: SIZE, kind: 'grid' })
      placement.makeHole(share)
      assert.equal(world.count, 96 - dead)
      const gone = Array.from({ length: 96 }, (_, node) => node).filter(node => world.alive[node] === 0)
      const positions = gone.map(node => placement.places.get(node))
      const widths = new Set(positions.map(([x]) => x))
      const heights = new Set(positions.map(([, y]) => y))
      assert.equal(widths.size * heights.size, dead)
      assert.equal(Math.max(...widths) - Math.min(...widths), widths.size - 1)
      assert.equal(Math.max(...heights) - Math.min(...heights), heights.size - 1)
    }
  })

  it('gives newcomers random living peers where there is no layer below', () => {
    const network = placedNetwork({ size: SIZE, kind: 'grid', faults: { churn: 0.1 } })

    for (const newcomer of beginRound(network, 1)) {
      const { views } = network.overlay
      const peers = Array.from({ length: views.size(newcomer) }, (_, i) => views.peer(newcomer, i))
      assert.equal(peers.length, 5)
      assert.ok(peers.every(peer => network.world.alive[peer] === 1 && peer !== newcomer))
      const distances = peers.map(peer => network.placement.places.distance(newcomer, peer))
      assert.deepEqual(distances, sorted(distances))
    }
  })
})
