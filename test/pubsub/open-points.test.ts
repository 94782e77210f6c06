import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { OpenPoints } from '../../src/pubsub/open-points.ts'
import type { Region } from '../../src/pubsub/region.ts'
import { AXES, drawRegion } from './drawn-regions.ts'

const COUNT = 40

function drawnPoints(seed: number) {
  const random = new Random(seed)
  const regions = Array.from({ length: 12 }, () => drawRegion(random).region)
  const points = new OpenPoints(COUNT, AXES.length, random)
  points.draw(regions[0], COUNT, () => regions[random.below(regions.length)])
  return { points, regions, left: Array.from({ length: COUNT }, (_, i) => i) }
}

const isHeld = ({ coordinates }: OpenPoints, region: Region, i: number) => region.holds(coordinates, i * AXES.length)

describe('open points', () => {
  it('are closed by the first region that holds them, and by no other', () => {
    let closed = 0

    for (let seed = 0; seed < 300; seed++) {
      const { points, regions, left } = drawnPoints(seed)
      let open = left

      for (const region of regions.slice(1, 5)) {
        const before = open.length
        open = open.filter(i => !isHeld(points, region, i))
        assert.equal(points.close(region), open.length < before)
        assert.equal(points.open, open.length)
      }

      closed += COUNT - open.length
      assert.equal(points.close(regions[0]), open.length > 0, 'all are of the region that they were drawn from')
      assert.equal(points.open, 0)
    }

    assert.ok(closed > 1_000 && closed < 11_000, `${closed}`)
  })

  it('are met the other way just where they were met one way', () => {
    for (let seed = 0; seed < 300; seed++) {
      const { points, regions, left } = drawnPoints(seed)
      const others = regions.slice(1, 5)
      others.forEach(region => {
        points.close(region)
      })
      let open = left.filter(i => others.some(region => isHeld(points, region, i)))
      points.openClosed()
      assert.equal(points.open, open.length)

      for (const region of others.reverse()) {
        open = open.filter(i => !isHeld(points, region, i))
        points.close(region)
        assert.equal(points.open, open.length)
      }

      assert.equal(points.open, 0)
    }
  })

  it('are new and open whenever they are drawn', () => {
    const { points, regions } = drawnPoints(1)
    const before = points.coordinates.slice()
    points.close(regions[0])
    points.openClosed()
    points.close(regions[0])
    points.openClosed()
    points.draw(regions[0], 10, () => undefined)
    assert.equal(points.open, 10)
    assert.notDeepEqual(points.coordinates.slice(0, 10 * AXES.length), before.slice(0, 10 * AXES.length))
    points.close(regions[0])
    assert.equal(points.open, 0)
    points.openClosed()
    assert.equal(points.open, 10)
  })
})
