import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { Random } from '../../src/gossip/random.ts'
import { type Coordinate, defectOf, predict } from '../../src/vivaldi/coordinate.ts'
import { placeByLandmarks, placeLandmarks } from '../../src/vivaldi/index.ts'
import { MAX_LANDMARKS } from '../../src/vivaldi/landmarks.ts'
import type { MaybeRoundTrip } from '../../src/vivaldi/round-trips.ts'

type Points = readonly (readonly number[])[]

function scattered(count: number, dimensions: number, random: Random): Points {
  return Array.from({ length: count }, () => Array.from({ length: dimensions }, () => random.fraction() * 100))
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((x, i) => x - b[i]))
}

/** Round trips between any two; to itself none. */
function distances(from: Points, to: Points = from): MaybeRoundTrip[][] {
  return from.map(a => to.map(b => (a === b ? undefined : distance(a, b))))
}

/** The first ones are landmarks, the others are placed by these. */
function placeAll(matrix: readonly MaybeRoundTrip[][], landmarks: number, dimensions: number, seed: number) {
  const random = new Random(seed)
  const rows = matrix.map(row => row.slice(0, landmarks))
  const placed = placeLandmarks(rows.slice(0, landmarks), { dimensions, random })
  return [...placed, ...rows.slice(landmarks).map(row => placeByLandmarks(placed, row, { random }))]
}

/** Relative errors of all pairs, in ascending order. */
function relativeErrors(coordinates: readonly Coordinate[], matrix: readonly MaybeRoundTrip[][]): number[] {
  return coordinates
    .flatMap((a, i) =>
      coordinates.flatMap((b, j) => {
        const actual = matrix[i][j]
        return i === j || actual == null ? [] : [Math.abs(predict(a, b) - actual) / actual]
      })
    )
    .sort((a, b) => a - b)
}

const median = (sorted: readonly number[]) => sorted[sorted.length >> 1]

/** Whether other nodes would take it. */
function isAccepted({ position, height, error }: Coordinate): boolean {
  return defectOf(Float64Array.of(...position, height, error), 0, position.length) === undefined
}

/** What the landmarks' places are to make small, written out. */
function totalCost(coordinates: readonly Coordinate[], matrix: readonly MaybeRoundTrip[][]): number {
  return relativeErrors(coordinates, matrix).reduce((sum, error) => sum + error * error, 0)
}

/** Hosts in a few towns of a space, and round trips that are up to a fifth more or less than their distance and some more. */
function internet(hosts: number, seed: number): MaybeRoundTrip[][] {
  const random = new Random(seed)
  const towns = scattered(6, 3, random)
  const points = Array.from({ length: hosts }, () => towns[random.below(6)].map(x => x + random.fraction() * 20))
  const matrix = distances(points)

  for (let a = 0; a < hosts; a++) {
    for (let b = 0; b < a; b++) {
      const time = (distance(points[a], points[b]) + 2) * (0.8 + 0.4 * random.fraction())
      matrix[a][b] = matrix[b][a] = time
    }
  }

  return matrix
}

describe('positions by landmarks', function () {
  this.timeout(60_000)

  for (const [name, dimensions, landmarks] of [
    ['a plane', 2, 12],
    ['a space', 3, 12],
    ['a space of eight dimensions', 8, 15]
  ] as const) {
    it(`are those of points in ${name}, but for how these are turned`, () => {
      for (let seed = 1; seed <= 3; seed++) {
        const matrix = distances(scattered(40, dimensions, new Random(seed)))
        const coordinates = placeAll(matrix, landmarks, dimensions, seed)
        const worst = relativeErrors(coordinates, matrix).at(-1)
        assert.ok(worst != null && worst < 0.01, `seed ${seed}: ${worst}`)
        assert.ok(coordinates.every(({ height, error }) => height === 0 && error === 0.02))
      }
    })
  }

  it('are mostly those of points on a line, where landmarks can only hop past each other', () => {
    const medians = [1, 2, 3, 4].map(seed => {
      const matrix = distances(scattered(40, 1, new Random(seed)))
      return median(relativeErrors(placeAll(matrix, 12, 1, seed), matrix))
    })
    const typical = median(medians.toSorted((a, b) => a - b))
    assert.ok(typical < 0.01, `${medians}`)
  })

  it('predict well what fits no space exactly', () => {
    for (let seed = 1; seed <= 3; seed++) {
      const matrix = internet(100, seed)
      const errors = relativeErrors(placeAll(matrix, 15, 7, seed), matrix)
      assert.ok(median(errors) < 0.12, `seed ${seed}: median ${median(errors)}`)
      assert.ok(errors[Math.floor(errors.length * 0.9)] < 0.3)
    }
  })

  it('are worse with too few dimensions', () => {
    const matrix = distances(scattered(40, 3, new Random(1)))
    const [line, plane, space] = [1, 2, 3].map(dimensions => {
      return median(relativeErrors(placeAll(matrix, 12, dimensions, 1), matrix))
    })
    assert.ok(line > 2 * plane && plane > 10 * space, `${line}, ${plane}, ${space}`)
  })

  it('need not all round trips', () => {
    const random = new Random(2)
    const full = distances(scattered(40, 2, random))
    const part = full.map(row =>
      row.map(time => (random.fraction() < 0.3 ? [undefined, Number.NaN][random.below(2)] : time))
    )
    const errors = relativeErrors(placeAll(part, 14, 2, 1), full)
    assert.ok((errors.at(-1) as number) < 0.01, `${errors.at(-1)}`)
  })

  it('take of two round trips between landmarks the shorter, and one for both', () => {
    const matrix = distances(scattered(8, 2, new Random(3)))
    const place = (rows: MaybeRoundTrip[][]) => placeLandmarks(rows, { dimensions: 2, random: new Random(1) })
    const expected = place(matrix)
    const slower = (time: MaybeRoundTrip) => time && time * 1.5
    assert.deepEqual(place(matrix.map((row, a) => row.slice(0, a))), expected, 'the lower half')
    assert.deepEqual(place(matrix.map((row, a) => row.map((time, b) => (a < b ? time : undefined)))), expected)
    assert.deepEqual(place(matrix.map((row, a) => row.map((time, b) => (a < b ? slower(time) : time)))), expected)
    assert.deepEqual(place(matrix.map((row, a) => row.map((time, b) => (a > b ? slower(time) : time)))), expected)
    assert.deepEqual(
      place(matrix.map((row, a) => row.map((time, b) => (a === b ? -1 : time)))),
      expected,
      'the diagonal'
    )
  })

  it('are where no small move of a landmark or a node makes the squared relative errors smaller', () => {
    const matrix = internet(20, 5)
    const coordinates = placeAll(matrix, 12, 3, 1)
    const random = new Random(7)
    const landmarks = coordinates.slice(0, 12)
    const known = matrix.map(row => row.slice(0, 12))

    for (const [i, { position }] of coordinates.entries()) {
      const move = (by: number) => ({
        position: position.map(x => x + (random.fraction() - 0.5) * by),
        height: 0,
        error: 1
      })
      // a node is placed by the landmarks alone
      const cost = (moved: Coordinate) => totalCost([moved, ...landmarks.filter((_, k) => k !== i)], around(i))
      const around = (i: number) => {
        const others = landmarks.map((_, k) => k).filter(k => k !== i)
        return [[undefined, ...others.map(k => known[i][k])], ...others.map(() => [])]
      }
      const least = cost(coordinates[i])

      for (let k = 0; k < 50; k++) {
        assert.ok(cost(move(10)) > least * 0.98, `${i}`)
      }
    }
  })

  it('claim as their error the mean relative error to the landmarks', () => {
    const matrix = internet(20, 5)
    const coordinates = placeAll(matrix, 12, 3, 1)

    for (const [i, { error }] of coordinates.entries()) {
      const errors = coordinates.slice(0, 12).flatMap((landmark, k) => {
        const actual = matrix[i][k]
        return actual == null ? [] : [Math.abs(predict(coordinates[i], landmark) - actual) / actual]
      })
      const mean = errors.reduce((sum, e) => sum + e, 0) / errors.length
      assert.ok(Math.abs(error - Math.max(0.02, mean)) < 1e-12)
    }
  })

  it('have the landmarks in their middle', () => {
    const landmarks = placeLandmarks(internet(12, 1), { dimensions: 3, random: new Random(1) })

    for (let i = 0; i < 3; i++) {
      assert.ok(Math.abs(landmarks.reduce((sum, { position }) => sum + position[i], 0)) < 1e-9)
    }
  })

  it('are the same by the same seed, and others by another', () => {
    const matrix = internet(20, 1)
    assert.deepEqual(placeAll(matrix, 12, 3, 1), placeAll(matrix, 12, 3, 1))
    assert.notDeepEqual(placeAll(matrix, 12, 3, 1), placeAll(matrix, 12, 3, 2))
  })

  it('know no unit: times four, round trips give positions times four', () => {
    const matrix = internet(20, 1)
    const far = matrix.map(row => row.map(time => time && time * 4))
    const positions = (all: Coordinate[], by: number) => all.map(({ position }) => position.map(x => x * by))
    assert.deepEqual(positions(placeAll(far, 12, 3, 1), 1), positions(placeAll(matrix, 12, 3, 1), 4))
  })

  it('have eight dimensions unless told otherwise', () => {
    const [{ position }] = placeLandmarks(internet(10, 1), { random: new Random(1) })
    assert.equal(position.length, 8)
  })

  it('are such as others take, whatever was measured', () => {
    const roundTrip = fc.oneof(
      fc.double({ min: 0, minExcluded: true, max: 10_000, noNaN: true }),
      fc.constantFrom(Number.MIN_VALUE, 1e-300, 1e-9, 10_000)
    )
    const matrix = fc.array(fc.array(roundTrip, { minLength: 5, maxLength: 5 }), { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(matrix, rows => {
        assert.ok(placeAll(rows, 5, 2, 1).every(isAccepted))
      }),
      { numRuns: 20 }
    )
  })

  it('stay within bounds when the landmarks are at the edge', () => {
    const landmarks = [18_000, 19_000, 20_000].map(x => ({ position: [x], height: 0, error: 0.02 }))
    const placed = placeByLandmarks(landmarks, [10_000, 9_000, 8_000], { random: new Random(1) })
    assert.ok(isAccepted(placed))
    const beyond = placeByLandmarks(landmarks, [4_000, 3_000, 2_000], { random: new Random(1) })
    assert.ok(isAccepted(beyond))
  })
})

describe('what landmarks are placed by', () => {
  const random = new Random(1)
  const matrix = distances(scattered(6, 2, random))
  const landmarks = placeLandmarks(matrix, { dimensions: 2, random })
  const node = [10, 20, 30, 40, 50, 60]

  function refuses(parameter: string, place: () => unknown): void {
    assert.throws(place, err => err instanceof ParameterError && err.parameter === parameter)
  }

  it('is a time above zero, up to ten seconds', () => {
    for (const bad of [0, -0, -1, 10_000.1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const rows = matrix.map(row => [...row])
      rows[3][1] = bad
      refuses('roundTrips', () => placeLandmarks(rows, { dimensions: 2, random }))
      refuses('roundTrips', () => placeByLandmarks(landmarks, [...node.slice(0, 5), bad], { random }))
    }
  })

  it('is one round trip more than there are dimensions', () => {
    const rows = matrix.map((row, a) =>
      row.map((time, b) => ((a === 0 && b > 2) || (b === 0 && a > 2) ? undefined : time))
    )
    refuses('roundTrips', () => placeLandmarks(rows, { dimensions: 2, random }))
    assert.equal(placeLandmarks(rows, { dimensions: 1, random }).length, 6)
    refuses('roundTrips', () => placeByLandmarks(landmarks, [10, undefined, 20], { random }))
    refuses('roundTrips', () => placeByLandmarks(landmarks, [10, Number.NaN, 20, Number.NaN, Number.NaN], { random }))
    assert.ok(placeByLandmarks(landmarks, [10, undefined, 20, 30], { random }))
  })

  it('is no more than there are landmarks', () => {
    refuses('roundTrips', () => placeLandmarks([...matrix.slice(1), [...node, 70]], { dimensions: 2, random }))
    refuses('roundTrips', () => placeByLandmarks(landmarks, [...node, 70], { random }))
  })

  it('is a number of landmarks that can be placed in time', () => {
    const many = distances(scattered(MAX_LANDMARKS + 1, 2, random))
    refuses('landmarks', () => placeLandmarks(many, { dimensions: 2, random }))
    refuses('landmarks', () => placeLandmarks([], { dimensions: 2, random }))
    refuses('landmarks', () =>
      placeByLandmarks(
        many.map(() => landmarks[0]),
        node,
        { random }
      )
    )
    refuses('landmarks', () => placeByLandmarks([], [], { random }))
  })

  it('is a space of one to sixteen dimensions', () => {
    for (const dimensions of [0, 17, 1.5, Number.NaN]) {
      refuses('dimensions', () => placeLandmarks(matrix, { dimensions, random }))
    }

    refuses('dimensions', () => placeByLandmarks([{ position: [], height: 0, error: 1 }], [1], { random }))
    const wide = { position: new Array(17).fill(0), height: 0, error: 1 }
    refuses('dimensions', () => placeByLandmarks(new Array(20).fill(wide), node, { random }))
  })

  it('is landmarks of one space, in bounds, without heights', () => {
    for (const odd of [
      { ...landmarks[0], position: [1, 2, 3] },
      { ...landmarks[0], position: [1, Number.NaN] },
      { ...landmarks[0], position: [1, 30_000] },
      { ...landmarks[0], height: 1 },
      { ...landmarks[0], error: -1 }
    ]) {
      refuses('landmarks', () => placeByLandmarks([...landmarks.slice(0, 5), odd], node, { random }))
    }
  })
})
