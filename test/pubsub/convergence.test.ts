import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { MAX_LINK_AGE } from '../../src/pubsub/constants.ts'
import { drawPoint } from '../../src/pubsub/draw-point.ts'
import type { Region } from '../../src/pubsub/region.ts'
import { drawCubes } from './boxes-drawn.ts'
import { AXES, drawRegion } from './drawn-regions.ts'
import { Population } from './population.ts'

/** The share of points, of the regions of those that live, at which members know who is next, both ways. */
function shareRight(population: Population, dimensions: number, of = [...population.alive]): number {
  const random = new Random(6)
  const point = new Float64Array(dimensions)
  const regions = population.members.regions
  let right = 0
  let asked = 0

  for (const member of of) {
    for (let i = 0; i < 10; i++) {
      drawPoint(regions[member] as Region, random, point, 0, dimensions, () => regions[random.below(regions.length)])

      for (const clockwise of [true, false]) {
        asked++
        right +=
          population.protocol.next(member, point, clockwise) === population.trueNext(member, point, clockwise) ? 1 : 0
      }
    }
  }

  return right / asked
}

function cubes(seed = 1, count = 120): Population {
  return new Population(drawCubes(new Random(seed), count, 2, 0.5), 2, seed)
}

const isKnown = (population: Population, gone: ReadonlySet<number>) =>
  [...population.alive].some(member => population.known(member).some(other => gone.has(other)))

describe('subscriptions that gossip', () => {
  it('come to know who is next on the circle at each point of their regions', () => {
    const population = cubes()
    population.run(1)
    assert.ok(shareRight(population, 2) < 0.9)
    population.run(11)
    const share = shareRight(population, 2)
    assert.ok(share > 0.999, `${share}`)
  })

  it('do so for filters of all kinds, most of which name different attributes', () => {
    const random = new Random(8)
    const regions = Array.from({ length: 60 }, () => drawRegion(random).region)
    const population = new Population(regions, AXES.length)
    population.run(18)
    const share = shareRight(population, AXES.length)
    assert.ok(share > 0.99, `${share}`)
  })

  it('are always the same with the same seed, and others with another', () => {
    const state = (seed: number) => {
      const population = cubes(seed, 40)
      population.run(4)
      return [...population.alive].map(member => population.known(member))
    }
    assert.deepEqual(state(3), state(3))
    assert.notDeepEqual(state(3), state(4))
  })

  it('say who is next when they go, so that nothing is missing', () => {
    const population = cubes()
    population.run(12)

    for (const leaver of [5, 50, 77]) {
      const told = population.known(leaver)
      population.leave(leaver)
      assert.ok(told.every(member => !population.known(member).includes(leaver)))
      const share = shareRight(population, 2, told)
      assert.ok(share > 0.985, `${share} right at once`)
    }

    population.run(3)
    assert.ok(shareRight(population, 2) > 0.999)
  })

  it('are forgotten when they go, though others still speak of them', () => {
    const population = cubes(1, 70)
    population.run(12)
    const gone = new Set([1, 2, 3, 4, 5, 6])
    gone.forEach(member => {
      population.leave(member)
    })

    // ages are counted in rounds of each: one that changes hands may gain some
    population.run(MAX_LINK_AGE + 15)
    assert.ok(!isKnown(population, gone))
  })

  it('that fail in great number are forgotten, and the others find each other again', () => {
    const population = cubes(1, 70)
    population.run(12)
    const gone = new Set(Array.from({ length: 22 }, (_, i) => 3 * i))
    gone.forEach(member => {
      population.alive.delete(member)
    })
    population.run(15)
    assert.ok(shareRight(population, 2) > 0.94)
    population.run(25)
    assert.ok(!isKnown(population, gone))
    assert.ok(shareRight(population, 2) > 0.999)
  })

  it('have no links to those that ask for nothing, who know some of all the others', () => {
    const regions: Array<Region | undefined> = drawCubes(new Random(2), 60, 2, 0.5)
    regions[0] = undefined
    regions[59] = undefined
    const population = new Population(regions, 2)
    population.run(8)
    assert.ok(!isKnown(population, new Set([0, 59])))
    assert.ok(population.known(0).length > 10)
    const holdsNothing = population.protocol.next(0, new Float64Array(2), true)
    assert.equal(holdsNothing, -1)
  })
})
