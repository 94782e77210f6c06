import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { drawPoint } from '../../src/pubsub/draw-point.ts'
import { parseFilter, toBoxes } from '../../src/pubsub/index.ts'
import { Region } from '../../src/pubsub/region.ts'
import { AXES, drawRegion } from './drawn-regions.ts'

const regionOf = (filter: string) => new Region(toBoxes(parseFilter(filter)), axis => ['a', 'b', 'c'].indexOf(axis))

/** Points of a region over axes a, b and c. */
function drawn(region: Region, company: Region | undefined, count: number): Float64Array[] {
  const random = new Random(5)
  return Array.from({ length: count }, () => {
    const out = new Float64Array(3)
    drawPoint(region, random, out, 0, 3, () => company)
    return out
  })
}

describe('a point drawn from a region', () => {
  it('is held by it, whatever others ask for, and is not infinite', () => {
    const random = new Random(75)
    const regions = Array.from({ length: 500 }, () => drawRegion(random).region)
    const out = new Float64Array(3 * AXES.length)

    for (let i = 0; i < 20_000; i++) {
      const region = regions[i % regions.length]
      out.fill(7)
      drawPoint(region, random, out, AXES.length, AXES.length, () =>
        random.below(4) === 0 ? undefined : regions[random.below(regions.length)]
      )
      assert.ok(region.holds(out, AXES.length))
      assert.ok(out.every(value => Math.abs(value) !== Infinity))
      assert.ok(out.every((value, at) => value === 7 || (at >= AXES.length && at < 2 * AXES.length)))
    }
  })

  it('stays finite next to the greatest numbers', () => {
    const box = (low: number, high: number) => new Map([['a', { low, high, lowOpen: true, highOpen: true }]])
    const { MAX_VALUE } = Number

    for (const [low, high] of [
      [MAX_VALUE / 2, Infinity],
      [-Infinity, -MAX_VALUE / 2],
      [-MAX_VALUE, MAX_VALUE],
      [-Infinity, Infinity]
    ]) {
      const region = new Region([box(low, high)], () => 0)

      for (const [value] of drawn(region, undefined, 1_000)) {
        assert.ok(Number.isFinite(value) && value >= low && value <= high, `${value} in ${low}, ${high}`)
      }
    }
  })

  it('is anywhere in it: each part of a range and each box gets its share', () => {
    const points = drawn(regionOf('a in [0, 10) and b in {1, 2, 3}'), undefined, 30_000)

    for (let part = 0; part < 10; part++) {
      const share = points.filter(([a]) => Math.floor(a) === part).length / points.length
      assert.ok(Math.abs(share - 0.1) < 0.01, `part ${part}: ${share}`)
    }

    for (const value of [1, 2, 3]) {
      const share = points.filter(([, b]) => b === value).length / points.length
      assert.ok(Math.abs(share - 1 / 3) < 0.02, `box ${value}: ${share}`)
    }
  })

  it('has values that others ask for where the region leaves an axis open, and none where nobody does', () => {
    for (const [a, b, c] of drawn(regionOf('a = 1'), regionOf('b in [5, 6] and a = 9'), 100)) {
      assert.ok(a === 1 && b >= 5 && b <= 6 && Number.isNaN(c))
    }

    for (const [a, b] of drawn(regionOf('a >= 3'), regionOf('a in [2, 4] and b = 1'), 100)) {
      assert.ok(a >= 3 && a <= 4 && b === 1)
    }

    for (const [a] of drawn(regionOf('a >= 3'), regionOf('a < 3'), 100)) {
      assert.ok(a >= 3)
    }
  })
})
