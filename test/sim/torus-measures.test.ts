import assert from 'node:assert/strict'
import fc from 'fast-check'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { torus } from '../../src/overlay/torus.ts'
import { type ShapeMeasures, ShapeMeter } from '../../src/sim/shape/meter.ts'
import { TorusPoints } from '../../src/sim/shape/torus-points.ts'
import { livingOf, type PlacedInit, type PlacedNetwork, placedNetwork } from './placed-network.ts'

const DIRECTIONS = [0, 1, 2, 3]

const NETWORKS: fc.Arbitrary<PlacedInit> = fc.record({
  size: fc.record({ width: fc.integer({ min: 2, max: 9 }), height: fc.integer({ min: 2, max: 9 }) }),
  nodes: fc.integer({ min: 2, max: 40 }),
  view: fc.integer({ min: 5, max: 12 }),
  dead: fc.nat(40),
  seed: fc.nat(1_000)
})

/** A share, or a mean. */
function ratio(sum: number, count: number): number {
  return sum / count
}

/** What is measured of links, by looking at every pair of nodes. */
function slowLinks({ world, placement, overlay }: PlacedNetwork): Partial<ShapeMeasures> {
  const { places } = placement
  const living = livingOf(world)
  const links = living.flatMap(node => DIRECTIONS.map(direction => ({ node, direction })))
  const had = links.map(({ node, direction }) => ({ node, peer: overlay.neighbour(node, direction) }))
  const known = had.filter(({ peer }) => peer !== NOBODY)
  const right = links.map(({ node, direction }) => Math.min(...living.map(peer => places.reach(direction, node, peer))))
  const wanted = links.filter((_, i) => right[i] < Number.POSITIVE_INFINITY)
  const missing = links.filter(({ node, direction }, i) => {
    const { peer } = had[i]
    const isThere = living.includes(peer) && places.reach(direction, node, peer) <= right[i]
    return right[i] < Number.POSITIVE_INFINITY && !isThere
  })
  const distances = known.map(({ node, peer }) => places.distance(node, peer))

  return {
    living: living.length,
    missingLinks: ratio(missing.length, wanted.length),
    meanDistance: ratio(
      distances.reduce((sum, distance) => sum + distance, 0),
      known.length
    ),
    deadLinks: ratio(known.filter(({ peer }) => !living.includes(peer)).length, known.length)
  }
}

/** Routes as a peer would find them that asks all it knows, by drawing as the meter does. */
function slowRoutes({ world, placement, overlay }: PlacedNetwork, random: Random): Partial<ShapeMeasures> {
  const { size, points } = placement
  const space = torus(size.width, size.height)
  const positionOf = (point: number) => [point % size.width, Math.floor(point / size.width)]
  const hops: number[] = []

  for (let i = 0; i < 200 && world.count > 0; i++) {
    let node = world.living[random.below(world.count)]
    const point = random.below(size.width * size.height)
    const distance = (peer: number) => space.distance(positionOf(points[peer]), positionOf(point))
    const best = Math.min(...livingOf(world).map(distance))

    for (let hop = 0; ; hop++) {
      const { views } = overlay
      const peers = Array.from({ length: views.size(node) }, (_, at) => views.peer(node, at))
      const living = peers.filter(peer => world.alive[peer] === 1)
      const next = living.sort((a, b) => distance(a) - distance(b))[0] ?? node

      if (distance(next) >= distance(node)) {
        hops.push(...(distance(node) === best ? [hop] : []))
        break
      }

      node = next
    }
  }

  const arrived = hops.length
  const routes = world.count === 0 ? 0 : 200
  return {
    routeSuccess: ratio(arrived, routes),
    routeHops: ratio(
      hops.reduce((sum, length) => sum + length, 0),
      arrived
    )
  }
}

function meterOf({ overlay, placement, world }: PlacedNetwork): ShapeMeter {
  return new ShapeMeter(overlay, placement, world)
}

describe('the nearest on a torus', () => {
  it('are found point by point as by looking at all nodes', () => {
    fc.assert(
      fc.property(NETWORKS, init => {
        const { world, placement } = placedNetwork(init)
        const { width, height } = placement.size
        const held = new TorusPoints(placement.size)
        const living = livingOf(world)
        held.look(world, placement.points)

        for (let point = 0; point < width * height; point++) {
          const [x, y] = [point % width, Math.floor(point / width)]
          placement.places.set(placement.target, [x, y])
          const least = (distances: number[]) => Math.min(Number.POSITIVE_INFINITY, ...distances)
          assert.equal(
            held.distance(x, y),
            least(living.map(node => placement.places.distance(node, placement.target)))
          )

          for (const direction of DIRECTIONS) {
            const reaches = living.map(node => placement.places.reach(direction, placement.target, node))
            assert.equal(held.reach(direction, x, y), least(reaches), `${direction} of ${x}, ${y}`)
          }
        }
      })
    )
  })
})

describe('what is measured of a torus', () => {
  it('is what one finds by looking at every pair of nodes', () => {
    fc.assert(
      fc.property(NETWORKS, init => {
        const network = placedNetwork(init)
        const { routeSuccess, routeHops, ...links } = meterOf(network).measure(new Random(7))
        assert.deepEqual(links, slowLinks(network))
      })
    )
  })

  it('has routes that end where a peer ends that goes to the nearest it knows', () => {
    fc.assert(
      fc.property(NETWORKS, init => {
        const network = placedNetwork(init)
        const { routeSuccess, routeHops } = meterOf(network).measure(new Random(7))
        assert.deepEqual({ routeSuccess, routeHops }, slowRoutes(network, new Random(7)))
      }),
      { numRuns: 30 }
    )
  })

  it('is without fault where everybody knows everybody', () => {
    const network = placedNetwork({ size: { width: 6, height: 5 }, kind: 'grid', view: 30 })
    const { routeHops, ...others } = meterOf(network).measure(new Random(1))
    assert.deepEqual(others, { living: 30, missingLinks: 0, meanDistance: 1, deadLinks: 0, routeSuccess: 1 })
    // none from the point itself, one from everywhere else
    assert.ok(routeHops > 0.9 && routeHops <= 1, `${routeHops}`)
  })

  it('is a share of nothing where nobody lives', () => {
    const network = placedNetwork({ size: { width: 3, height: 3 }, dead: 9 })
    const { living, ...shares } = meterOf(network).measure(new Random(1))
    assert.equal(living, 0)
    assert.ok(Object.values(shares).every(Number.isNaN))
  })
})
