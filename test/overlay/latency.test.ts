import assert from 'node:assert/strict'
import fc from 'fast-check'
import { latency } from '../../src/overlay/euclidean.ts'
import { Positions } from '../../src/overlay/positions.ts'

/** A point and a height behind it. */
type Drawn = [dimensions: number, positions: number[][]]

const spaces: fc.Arbitrary<Drawn> = fc.integer({ min: 1, max: 16 }).chain(dimensions => {
  const number = fc.double({ min: -20_000, max: 20_000, noNaN: true }).map(value => value + 0)
  const point = fc.array(number, { minLength: dimensions, maxLength: dimensions })
  const height = fc.double({ min: 0, max: 10_000, noNaN: true })
  const position = fc.tuple(point, height).map(([point, height]) => [...point, height])
  return fc.array(position, { minLength: 3, maxLength: 3 }).map((positions): Drawn => [dimensions, positions])
})

/** Down one access link, across, and up the other one. */
function slowDistance(a: number[], b: number[]): number {
  const [down, up] = [a[a.length - 1], b[b.length - 1]]
  let across = 0

  for (let i = 0; i < a.length - 1; i++) {
    across = Math.hypot(across, a[i] - b[i])
  }

  return down + across + up
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))
}

describe('the space of latencies', () => {
  it('has distances of a ruler and both heights, the same of positions as of peers, one by one as of many', () => {
    fc.assert(
      fc.property(spaces, ([dimensions, positions]) => {
        const space = latency(dimensions)
        const places = space.places(0)
        const out = new Float64Array(3)
        positions.forEach((position, peer) => {
          places.set(peer, space.check(position))
        })
        places.distances(0, Int32Array.of(2, 0, 1), 3, out)

        for (const [i, peer] of [2, 0, 1].entries()) {
          assert.ok(isClose(out[i], slowDistance(positions[0], positions[peer])))
          assert.equal(out[i], places.distance(0, peer))
          assert.equal(out[i], space.distance(positions[0], positions[peer]))
          assert.deepEqual(places.get(peer), positions[peer])
        }
      })
    )
  })

  it('has the same distance both ways, to the last bit, and no detour is shorter', () => {
    fc.assert(
      fc.property(spaces, ([dimensions, [a, b, c]]) => {
        const space = latency(dimensions)
        const places = space.places(3)
        places.set(0, a)
        places.set(1, b)
        assert.equal(space.distance(a, b), space.distance(b, a))
        assert.equal(places.distance(0, 1), places.distance(1, 0))
        assert.ok(space.distance(a, c) <= (space.distance(a, b) + space.distance(b, c)) * (1 + 1e-9))
        assert.ok(space.distance(a, b) >= a[dimensions] + b[dimensions])
        assert.equal(space.distance(a, a), 2 * a[dimensions])
      })
    )
  })

  it('has no shape: neighbours are the nearest', () => {
    const space = latency(2)
    const places = space.places(2)
    places.set(0, [0, 0, 1])
    places.set(1, [1, 0, 1])
    assert.deepEqual([space.directions, places.directions, places.sides(0, 1)], [[], 0, 0])
    assert.equal(places.reach(0, 0, 1), Number.POSITIVE_INFINITY)
    assert.equal(space.derive, undefined)
  })

  it('is another one for each number of dimensions, eight unless told otherwise', () => {
    const names = Array.from({ length: 16 }, (_, i) => latency(i + 1).name)
    assert.equal(new Set(names).size, 16)
    assert.equal(latency().name, latency(8).name)
    assert.equal(latency().name, 'latency 8')

    for (const dimensions of [0, 17, 1.5, Number.NaN, '8' as unknown as number]) {
      assert.throws(() => latency(dimensions), { name: 'ParameterError', parameter: 'dimensions' })
    }
  })

  it('has heights that are not negative, and finite numbers', () => {
    const space = latency(2)
    const refused = { name: 'ParameterError', parameter: 'position', message: /3 finite numbers.*at least 0/ }

    for (const position of [
      [1, 2, -0.001],
      [1, 2, -Infinity],
      [1, 2, Number.NaN],
      [Number.NaN, 2, 3],
      [1, Infinity, 3],
      [1, 2, Infinity],
      [1, 2, 1e151],
      [1, 2],
      [1, 2, 3, 4],
      [],
      Array(3),
      [1, 2, '3'],
      'xyz',
      null,
      {}
    ]) {
      assert.throws(() => space.check(position as number[]), refused, JSON.stringify(position))
    }

    assert.deepEqual(space.check([-1, 2, 0]), [-1, 2, 0])
    assert.deepEqual(space.check([-0, 0, -0]), [0, 0, 0])
    assert.deepEqual(space.check([-1e150, 1e150, 1e150]), [-1e150, 1e150, 1e150])
    assert.ok(Number.isFinite(latency(1).distance([-1e150, 1e150], [1e150, 1e150])))
  })

  it('takes from a record what can be, with the height, and nothing else', () => {
    const space = latency(2)
    const positions = new Positions(space, 'profile')
    const written = positions.encode([1.5, -2, 3])
    assert.equal(written.byteLength, 24)
    assert.deepEqual(positions.decode(written), [1.5, -2, 3])
    assert.throws(() => positions.decode(space.encode([1.5, -2, -3])), { parameter: 'position' })
    assert.throws(() => positions.decode(written.slice(8)), RangeError)
    assert.ok(latency(16).encode(Array(17).fill(1)).byteLength <= 256)
  })

  it('grows as peers with higher numbers come, who keep their heights, and lets them move', () => {
    const places = latency(2).places(0)
    places.set(0, [3, 4, 1])
    places.set(1_000, [0, 0, 2])
    assert.equal(places.distance(0, 1_000), 8)
    places.set(0, [0, 0, 5])
    assert.equal(places.distance(0, 1_000), 7)
    assert.deepEqual(places.get(1_000), [0, 0, 2])
    assert.ok(places.stateBytes >= 1_001 * 3 * 8)
  })
})
