import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { euclidean } from '../../src/overlay/euclidean.ts'
import { line } from '../../src/overlay/line.ts'
import { ownSpace } from '../../src/overlay/own-space.ts'
import { Positions } from '../../src/overlay/positions.ts'
import { ring } from '../../src/overlay/ring.ts'
import type { Space } from '../../src/overlay/space.ts'
import { torus } from '../../src/overlay/torus.ts'

const [NORTH, EAST, SOUTH, WEST] = [0, 1, 2, 3]

/** A space, and positions that it can have. */
type Drawn = [space: Space<number[]>, positions: number[][]]

const toruses: fc.Arbitrary<Drawn> = fc
  .tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: 9 }))
  .chain(([width, height]) =>
    fc
      .array(fc.tuple(fc.nat(width - 1), fc.nat(height - 1)), { minLength: 3, maxLength: 3 })
      .map((positions): Drawn => [torus(width, height), positions])
  )
const quarters = fc.array(fc.nat(39), { minLength: 3, maxLength: 3 }).map(all => all.map(value => [value / 4]))
const rings = quarters.map((positions): Drawn => [ring(10), positions])
const lines = quarters.map((positions): Drawn => [line(10), positions])
const planes = fc
  .array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), { minLength: 3, maxLength: 3 })
  .map((positions): Drawn => [euclidean(2), positions])
const all = fc.oneof(toruses, rings, lines, planes)

function placed([space, positions]: Drawn) {
  const places = space.places(0)

  for (const [peer, position] of positions.entries()) {
    places.set(peer, space.check(position))
  }

  return places
}

/** Steps from a point until a walk in one direction comes to the other one's row, column or point; Infinity if never. */
function walk(from: number, to: number, length: number, step: number): number {
  for (let steps = 1; steps <= length; steps++) {
    if ((from + step * steps + length * steps) % length === to) {
      return steps
    }
  }

  return Number.POSITIVE_INFINITY
}

const DIRECTIONS = [
  [1, 1],
  [0, 1],
  [1, -1],
  [0, -1]
]

/** What `reach` on a torus says, by walking: along, then across the short way, which must not be longer. */
function slowReach(width: number, height: number, direction: number, from: number[], to: number[]): number {
  const sides = [width, height]
  const [axis, step] = DIRECTIONS[direction]
  const other = 1 - axis
  const along = from[axis] === to[axis] ? Number.POSITIVE_INFINITY : walk(from[axis], to[axis], sides[axis], step)
  const ways = [1, -1].map(way => walk(from[other], to[other], sides[other], way))
  const across = from[other] === to[other] ? 0 : Math.min(...ways)
  return along >= across ? along + across : Number.POSITIVE_INFINITY
}

describe('the spaces of overlays', () => {
  it('have distances: not negative, the same both ways, none to oneself, and no detour is shorter', () => {
    fc.assert(
      fc.property(all, drawn => {
        const places = placed(drawn)

        for (const [a, b, c] of [
          [0, 1, 2],
          [1, 2, 0],
          [2, 0, 1]
        ]) {
          assert.ok(places.distance(a, b) >= 0)
          assert.equal(places.distance(a, b), places.distance(b, a))
          assert.equal(places.distance(a, a), 0)
          assert.ok(places.distance(a, c) <= places.distance(a, b) + places.distance(b, c) + 1e-9)
        }
      })
    )
  })

  it('say the same of two positions as of two peers, one by one as of many', () => {
    fc.assert(
      fc.property(all, drawn => {
        const [space, positions] = drawn
        const places = placed(drawn)
        const out = new Float64Array(3)
        places.distances(0, Int32Array.of(0, 1, 2), 3, out)

        for (const peer of [0, 1, 2]) {
          assert.equal(out[peer], places.distance(0, peer))
          assert.equal(out[peer], space.distance(positions[0], positions[peer]))
          assert.deepEqual(places.get(peer), positions[peer])
        }
      })
    )
  })

  it('let a peer lie on a side when nobody who goes that way takes more steps than its distance', () => {
    fc.assert(
      fc.property(fc.oneof(toruses, rings, lines), drawn => {
        const places = placed(drawn)

        for (let direction = 0; direction < places.directions; direction++) {
          const lies = (places.sides(0, 1) & (1 << direction)) !== 0
          assert.equal(lies, places.reach(direction, 0, 1) === places.distance(0, 1))
          assert.ok(places.reach(direction, 0, 1) >= places.distance(0, 1))
          assert.equal(places.reach(direction, 0, 0), Number.POSITIVE_INFINITY)
          assert.equal(places.sides(0, 0), 0)
        }
      })
    )
  })

  it('write positions that read the same, and refuse what is none', () => {
    fc.assert(
      fc.property(all, ([space, positions]) => {
        for (const position of positions) {
          const bytes = space.encode(space.check(position))
          const padded = Uint8Array.of(9, ...bytes, 9)
          assert.ok(bytes.byteLength <= 256)
          assert.deepEqual(space.decode(padded.subarray(1, -1)), position)
          assert.throws(() => space.decode(bytes.subarray(1)), RangeError)
          assert.throws(() => space.decode(padded), RangeError)
        }
      })
    )
  })

  it('write -0 as 0, though it equals it', () => {
    for (const [space, position] of [
      [torus(5, 5), [-0, 0]],
      [ring(5), [-0]],
      [line(5), [-0]],
      [euclidean(2), [0, -0]]
    ] as Array<[Space<number[]>, number[]]>) {
      assert.deepEqual(space.check(position), Array(position.length).fill(0))
      assert.ok(space.encode(space.check(position)).every(byte => byte === 0))
    }
  })

  it('refuse positions outside of them, and what is no position', () => {
    const bad: unknown[] = [
      [],
      [Number.NaN],
      [Infinity],
      ['1'],
      [null],
      [undefined],
      Array(1),
      [1, 1, 1],
      'x',
      1,
      null,
      {}
    ]

    for (const space of [torus(5, 4), ring(5), line(5), euclidean(2)]) {
      for (const position of bad) {
        assert.throws(() => space.check(position as number[]), ParameterError, `${space.name}: ${String(position)}`)
      }
    }

    for (const position of [[5, 0], [0, 4], [-1, 0], [0.5, 0], [1], ['1', 1], Array(2)]) {
      assert.throws(() => torus(5, 4).check(position as number[]), { name: 'ParameterError' }, String(position))
    }

    assert.throws(() => ring(5).check([5]), ParameterError)
    assert.throws(() => line(5).check([-0.1]), ParameterError)
    assert.throws(() => euclidean(2).check([1e151, 0]), ParameterError)
    assert.throws(() => euclidean(1).check(['1'] as unknown as number[]), ParameterError)
    assert.throws(() => euclidean(2).check(Array(2)), ParameterError)
    assert.deepEqual(torus(5, 4).check([4, 3]), [4, 3])
    assert.deepEqual(ring(5).check([4.999]), [4.999])
  })

  it('refuse impossible sizes', () => {
    for (const make of [
      () => torus(1, 5),
      () => torus(5, 1_000_001),
      () => torus(2.5, 5),
      () => ring(0),
      () => ring(Number.NaN),
      () => line(-1),
      () => line(Infinity),
      () => euclidean(0),
      () => euclidean(17)
    ]) {
      assert.throws(make, ParameterError)
    }
  })

  it('derive positions of their own from any digest', () => {
    const digests = [
      new Uint8Array(32),
      new Uint8Array(32).fill(255),
      Uint8Array.from({ length: 32 }, (_, i) => i * 37)
    ]

    for (const space of [torus(2, 1_000_000), torus(7, 3), ring(0.1), ring(1e15), line(3)]) {
      for (const digest of digests) {
        const position = space.derive?.(digest) ?? []
        assert.deepEqual(space.check(position), position)
      }
    }

    assert.deepEqual(torus(7, 3).derive?.(digests[1]), [6, 2])
    assert.equal(euclidean(2).derive, undefined)
  })

  it('grow as peers with higher numbers come, and let them move', () => {
    const places = torus(10, 10).places(0)
    places.set(0, [1, 1])
    places.set(1_000, [2, 3])
    assert.equal(places.distance(0, 1_000), 3)
    places.set(0, [2, 4])
    assert.equal(places.distance(0, 1_000), 1)
    assert.ok(places.stateBytes >= 1_001 * 16)
  })
})

describe('a torus', () => {
  it('reaches whom a walker reaches in each direction', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 7 }), fc.integer({ min: 2, max: 7 }), (width, height) => {
        const space = torus(width, height)
        const places = space.places(width * height)
        const points = Array.from({ length: width * height }, (_, i) => [i % width, Math.floor(i / width)])

        for (const [peer, point] of points.entries()) {
          places.set(peer, point)
        }

        for (const [peer, point] of points.entries()) {
          for (const direction of [NORTH, EAST, SOUTH, WEST]) {
            const expected = slowReach(width, height, direction, points[0], point)
            assert.equal(places.reach(direction, 0, peer), expected, `${width}x${height} ${direction} ${point}`)
          }
        }
      })
    )
  })

  it('meets at its edges: the north of the last row is the first', () => {
    const places = torus(10, 5).places(2)
    places.set(0, [0, 4])
    places.set(1, [0, 0])
    assert.equal(places.distance(0, 1), 1)
    assert.equal(places.sides(0, 1), 1 << NORTH)
    assert.equal(places.reach(SOUTH, 0, 1), 4)
    assert.equal(places.reach(EAST, 0, 1), Number.POSITIVE_INFINITY)
  })
})

describe('a ring', () => {
  it('tells two peers apart that are next to each other across its seam', () => {
    const places = ring(1).places(3)
    places.set(0, [0])
    places.set(1, [2 ** -60])
    places.set(2, [3 * 2 ** -60])
    assert.equal(places.reach(1, 2, 1), 2 * 2 ** -60)
    assert.equal(places.reach(1, 2, 0), 3 * 2 ** -60)
    assert.equal(places.sides(2, 0), 0b10)
  })

  it('has somebody just opposite on both sides', () => {
    const places = ring(10).places(2)
    places.set(0, [1])
    places.set(1, [6])
    assert.equal(places.sides(0, 1), 0b11)
  })
})

describe('a space of an application', () => {
  const words = {
    name: 'words',
    distance: (a: string, b: string) => Math.abs(a.length - b.length),
    encode: (word: string) => new TextEncoder().encode(word),
    decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  }

  it('needs a name of 1 to 56 characters', () => {
    assert.throws(() => ownSpace({ ...words, name: '' }), ParameterError)
    assert.throws(() => ownSpace({ ...words, name: 'x'.repeat(57) }), ParameterError)
    assert.equal(ownSpace(words).name, 'words')
  })

  it('takes what is no distance as one that is as far as can be, and yet finite', () => {
    for (const wrong of [Number.NaN, -1, Infinity, Number.MAX_VALUE, undefined as unknown as number]) {
      const places = ownSpace({ ...words, distance: () => wrong }).places(2)
      places.set(0, 'a')
      places.set(1, 'b')
      const distance = places.distance(0, 1)
      assert.ok(distance > 1e300 && Number.isFinite(distance * 1.5))
    }
  })

  it('takes a peer as one that is as far as can be when its profile makes the application throw', () => {
    const space = ownSpace<{ tags: string[] }>({
      name: 'tags',
      distance: (a, b) => Math.abs(a.tags.length - b.tags.length),
      encode: profile => new TextEncoder().encode(JSON.stringify(profile)),
      decode: bytes => JSON.parse(new TextDecoder().decode(bytes))
    })
    const mine = { tags: [] }
    const hostile = space.decode(new TextEncoder().encode('null'))
    const places = space.places(2)
    places.set(0, mine)
    places.set(1, hostile)
    assert.ok(places.distance(0, 1) > 1e300)
    assert.equal(new Positions(space, 'profile').distance(mine, hostile), Number.MAX_VALUE)
  })
})
