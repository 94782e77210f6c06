import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { type Box, holds, parseFilter, toBoxes } from '../../src/pubsub/index.ts'
import { nextDown, nextUp } from '../../src/pubsub/ordering.ts'
import { ABSENT, Region, toScale } from '../../src/pubsub/region.ts'
import { AXES, drawPlace, drawRegion, numberOf, toArray } from './drawn-regions.ts'

const regionOf = (filter: string) => new Region(toBoxes(parseFilter(filter)), axis => ['a', 'b', 'c'].indexOf(axis))
const scaledOf = (point: Float64Array) => point.map((value, i) => toScale(AXES[i], value))
const pool = (random: Random) => Array.from({ length: 500 }, () => drawRegion(random))
const numbers = (...values: number[]) => Float64Array.from(values)
const toNumbersScale = (point: Float64Array) => point.map(Math.asinh)

/** Whether two intervals have a number in common, by where they begin and end. */
function boxesOverlap(a: Box, b: Box): boolean {
  return [...a].every(([axis, one]) => {
    const other = b.get(axis)

    if (other === undefined) {
      return true
    }

    const low = Math.max(one.low, other.low)
    const high = Math.min(one.high, other.high)
    const within = [low, high, nextUp(low), nextDown(high), 0].filter(Number.isFinite)
    const alone = (value: number) => holds(new Map([['x', one]]), new Map([['x', value]]))
    const both = (value: number) => alone(value) && holds(new Map([['x', other]]), new Map([['x', value]]))
    return within.some(both)
  })
}

/** As far as the farthest side of the nearest box says, side by side. */
function plainDistance(boxes: readonly Box[], place: ReadonlyMap<string, number>): number {
  const side = ([axis, interval]: [string, { low: number; high: number; lowOpen: boolean; highOpen: boolean }]) => {
    const value = place.get(axis)

    if (value === undefined || holds(new Map([[axis, interval]]), place)) {
      return value === undefined ? ABSENT : 0
    }

    const end = value <= interval.low ? interval.low : interval.high
    return (toScale(axis, value) - toScale(axis, end)) ** 2
  }
  return Math.min(...boxes.map(box => [...box].map(side).reduce((sum, gap) => sum + gap, 0)))
}

describe('a region', () => {
  it('holds what its boxes hold, whatever the ends', () => {
    const random = new Random(71)
    const drawn = pool(random)
    let held = 0

    for (let i = 0; i < 30_000; i++) {
      const { boxes, region } = drawn[i % drawn.length]
      const place = drawPlace(random, boxes)
      const isHeld = boxes.some(box => holds(box, place))
      held += isHeld ? 1 : 0
      // behind another point
      const points = Float64Array.from([...AXES.map(() => Number.NaN), ...toArray(place)])
      assert.equal(region.holds(points, AXES.length), isHeld, JSON.stringify([...place]))
    }

    assert.ok(held > 5_000 && held < 25_000, `${held}`)
  })

  it('overlaps another one just when a box of each has a point in common', () => {
    const random = new Random(72)
    const drawn = pool(random)
    let overlapping = 0

    for (let i = 0; i < 20_000; i++) {
      const [one, other] = [drawn[random.below(drawn.length)], drawn[random.below(drawn.length)]]
      const expected = one.boxes.some(a => other.boxes.some(b => boxesOverlap(a, b)))
      overlapping += expected ? 1 : 0
      assert.equal(one.region.overlaps(other.region), expected)
      assert.equal(other.region.overlaps(one.region), expected)
    }

    assert.ok(overlapping > 2_000 && overlapping < 19_500, `${overlapping}`)
  })

  it('is no distance from a point just when it holds it', () => {
    const random = new Random(73)
    const drawn = pool(random)

    for (let i = 0; i < 30_000; i++) {
      const { boxes, region } = drawn[i % drawn.length]
      const place = drawPlace(random, boxes)
      const point = toArray(place)
      const distance = region.distance(point, scaledOf(point))
      assert.equal(distance === 0, region.holds(point, 0), JSON.stringify([...place]))
      const expected = plainDistance(boxes, place)
      assert.ok(Math.abs(distance - expected) <= 1e-9 * expected + 1e-12, `${distance}, not ${expected}`)
    }
  })

  it('is some distance from a point at an open end, which its scale does not tell apart', () => {
    const point = numbers(20)
    const distance = regionOf('a in [10, 20)').distance(point, toNumbersScale(point))
    assert.equal(Math.asinh(nextDown(20)), Math.asinh(20))
    assert.ok(distance > 0 && distance < 1e-20)
  })

  it('is as far from another one as the nearest boxes are, and not at all where they overlap', () => {
    const random = new Random(74)
    const drawn = pool(random)

    for (let i = 0; i < 10_000; i++) {
      const [one, other] = [drawn[random.below(drawn.length)], drawn[random.below(drawn.length)]]
      const separation = one.region.separation(other.region)
      assert.equal(other.region.separation(one.region), separation)
      assert.ok(separation >= 0 && Number.isFinite(separation))
      assert.ok(separation === 0 || !one.region.overlaps(other.region))
    }

    assert.equal(regionOf('a in {1, 100}').separation(regionOf('a = 101')), (Math.asinh(101) - Math.asinh(100)) ** 2)
    const [a, b] = [Math.asinh(2) - Math.asinh(1), Math.asinh(5) - Math.asinh(4)]
    const apart = regionOf('a <= 1 and b >= 5 and c = 1').separation(regionOf('a >= 2 and b <= 4'))
    assert.ok(Math.abs(apart - (a ** 2 + b ** 2)) < 1e-15)
  })

  it('has open ends at 0 and at the least numbers where they are', () => {
    const cases: [string, number[], number[]][] = [
      ['a > 0', [5e-324], [0, -0, -5e-324]],
      ['a < 0', [-5e-324], [0, -0, 5e-324]],
      ['a >= 0', [0, -0], [-5e-324]],
      ['a > -5e-324', [0, -0], [-5e-324]],
      ['a < 5e-324', [0, -0], [5e-324]],
      ['a > 1', [1 + Number.EPSILON, Number.MAX_VALUE], [1]],
      ['a < 1', [-Number.MAX_VALUE], [1, Number.NaN]]
    ]

    for (const [filter, within, outside] of cases) {
      const region = regionOf(filter)
      assert.ok(
        within.every(value => region.holds(numbers(value), 0)),
        filter
      )
      assert.ok(
        outside.every(value => !region.holds(numbers(value), 0)),
        filter
      )
    }
  })

  it('has no side on an axis that is not told apart', () => {
    const boxes = toBoxes(parseFilter('a = 1 and unknown = 2'))
    const region = new Region(boxes, axis => (axis === 'a' ? 0 : -1))
    assert.ok(region.holds(numbers(1), 0))
    assert.ok(!region.holds(numbers(2), 0))
    assert.ok(new Region(boxes, () => -1).holds(numbers(), 0), 'all that matters is unknown')
    assert.equal(new Region(toBoxes(parseFilter('*')), numberOf).distance(numbers(), numbers()), 0)
  })
})
