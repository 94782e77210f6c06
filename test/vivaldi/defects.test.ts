import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Random } from '../../src/gossip/random.ts'
import { MAX_ERROR, MAX_POSITION, MAX_ROUND_TRIP, MIN_ERROR, MIN_HEIGHT } from '../../src/vivaldi/constants.ts'
import { defectOf, type SampleDefect } from '../../src/vivaldi/coordinate.ts'
import { RULES, type VivaldiOptions, vivaldiParameters } from '../../src/vivaldi/parameters.ts'
import { Vivaldi } from '../../src/vivaldi/vivaldi.ts'

const DIMENSIONS = 2
const NODES = 3

interface Sample {
  node: number
  peer: number
  roundTrip: number
  claim: number[]
}

/** The ends of the range, and what is nearest to them, are likelier than by chance. */
function from(least: number, most: number): fc.Arbitrary<number> {
  const ends = [least, most].flatMap(end => [end, end / (1 + Number.EPSILON)])
  return fc.oneof(fc.constantFrom(...ends), fc.double({ min: least, max: most, noNaN: true }))
}

const position = fc.oneof(from(-MAX_POSITION, MAX_POSITION), fc.constantFrom(0, -0, Number.MIN_VALUE, 1e-160))
const sound: fc.Arbitrary<Sample> = fc.record({
  node: fc.nat(NODES - 1),
  peer: fc.nat(200),
  roundTrip: fc.oneof(from(Number.MIN_VALUE, MAX_ROUND_TRIP), fc.constantFrom(1e-310, 0.05, 20)),
  claim: fc.tuple(position, position, from(0, MAX_ROUND_TRIP), from(0, MAX_ERROR))
})

const badTimes = [Number.NaN, Infinity, -Infinity, 0, -0, -Number.MIN_VALUE, -20, MAX_ROUND_TRIP + 1e-9, 1e300]
const notFinite = [Number.NaN, Infinity, -Infinity]
const outOfRange = [
  [MAX_POSITION + 1e-9, -MAX_POSITION - 1e-9, Number.MAX_VALUE],
  [MAX_ROUND_TRIP + 1e-9, -Number.MIN_VALUE, 1e300],
  [MAX_ERROR + 1e-9, -Number.MIN_VALUE, 1e300]
]

/** Which of the numbers of a coordinate: any of a position, the height, the error. */
function columns(which: number): number {
  return Math.max(0, which - DIMENSIONS + 1)
}

/** What is wrong with a sample, and what that is called. */
const fault: fc.Arbitrary<{ reason: SampleDefect; spoil: (sample: Sample) => Sample }> = fc.oneof(
  fc.constantFrom(...badTimes).map(roundTrip => ({
    reason: 'bad-time' as const,
    spoil: (sample: Sample) => ({ ...sample, roundTrip })
  })),
  fc.tuple(fc.nat(DIMENSIONS + 1), fc.constantFrom(...notFinite)).map(([which, value]) => ({
    reason: 'not-finite' as const,
    spoil: (sample: Sample) => ({ ...sample, claim: sample.claim.with(which, value) })
  })),
  fc.tuple(fc.nat(DIMENSIONS + 1), fc.nat(2)).map(([which, i]) => ({
    reason: 'out-of-range' as const,
    spoil: (sample: Sample) => ({ ...sample, claim: sample.claim.with(which, outOfRange[columns(which)][i]) })
  }))
)

function population(options: VivaldiOptions): Vivaldi {
  const parameters = vivaldiParameters({ dimensions: DIMENSIONS, ...options })
  return new Vivaldi({ nodes: NODES, parameters, random: new Random(1) })
}

function observe(vivaldi: Vivaldi, { node, peer, roundTrip, claim }: Sample): SampleDefect | undefined {
  // a claim need not be alone in its array
  return vivaldi.observe(node, peer, roundTrip, Float64Array.of(Number.NaN, ...claim, Number.NaN), 1)
}

function state(vivaldi: Vivaldi) {
  const nodes = Array.from({ length: NODES }, (_, node) => [vivaldi.raw(node), vivaldi.experience(node)])
  return [nodes, [...vivaldi.shown], vivaldi.samples, vivaldi.moves]
}

const options: fc.Arbitrary<VivaldiOptions> = fc.record({
  rule: fc.constantFrom(...RULES),
  height: fc.boolean(),
  filter: fc.constantFrom('none', 'median', 'quartile')
})

describe('a sample that is nonsense', () => {
  it('is refused by reason and leaves no trace: all goes on as if it had not been', () => {
    fc.assert(
      fc.property(options, fc.array(fc.tuple(sound, fc.array(fault, { maxLength: 3 }))), (options, run) => {
        const [vivaldi, spared] = [population(options), population(options)]

        for (const [sample, faults] of run) {
          for (const { reason, spoil } of faults) {
            assert.equal(observe(vivaldi, spoil(sample)), reason)
          }

          assert.equal(observe(vivaldi, sample), observe(spared, sample))
          assert.deepEqual(state(vivaldi), state(spared))
        }
      })
    )
  })

  it('is called a bad time first, and not finite before out of range', () => {
    const vivaldi = population({})
    const claim = [Number.NaN, 0, -1, 0]
    assert.equal(observe(vivaldi, { node: 0, peer: 1, roundTrip: 0, claim }), 'bad-time')
    assert.equal(observe(vivaldi, { node: 0, peer: 1, roundTrip: 1, claim }), 'not-finite')
    assert.equal(observe(vivaldi, { node: 0, peer: 1, roundTrip: 1, claim: claim.with(0, 0) }), 'out-of-range')
  })
})

describe('samples that are possible, however odd', () => {
  it('leave every node finite, with errors and heights in bounds, and showing what others accept', () => {
    fc.assert(
      fc.property(options, fc.array(sound, { maxLength: 200 }), (options, samples) => {
        const vivaldi = population(options)

        for (const sample of samples) {
          assert.equal(observe(vivaldi, sample), undefined)
          const { position, height, error } = vivaldi.raw(sample.node)
          assert.ok([...position, height].every(Number.isFinite))
          assert.ok(error >= MIN_ERROR && error <= MAX_ERROR, `${error}`)
          assert.ok(options.height ? height >= MIN_HEIGHT : height === 0, `${height}`)
          assert.equal(defectOf(vivaldi.shown, sample.node * vivaldi.width, DIMENSIONS), undefined)
        }
      })
    )
  })

  it('from liars at opposite corners of the space, too, who pull as hard as they can', () => {
    for (const rule of RULES) {
      const vivaldi = population({ rule })
      const random = new Random(3)

      for (let i = 0; i < 5_000; i++) {
        const corner = random.fraction() < 0.5 ? MAX_POSITION : -MAX_POSITION
        const roundTrip = random.fraction() < 0.5 ? Number.MIN_VALUE : MAX_ROUND_TRIP
        observe(vivaldi, { node: 0, peer: i, roundTrip, claim: [corner, corner, MAX_ROUND_TRIP, 0] })
        assert.equal(defectOf(vivaldi.shown, 0, DIMENSIONS), undefined)
        assert.ok(Number.isFinite(vivaldi.raw(0).position[0]))
      }
    }
  })

  it('let a node that is far out among nearest peers fall towards the origin, and never past it', () => {
    const vivaldi = population({ height: false, filter: 'none' })
    const x = () => vivaldi.raw(0).position[0]
    const observeFrom = (offset: number, roundTrip: number) =>
      observe(vivaldi, { node: 0, peer: 1, roundTrip, claim: [x() + offset, vivaldi.raw(0).position[1], 0, 0.1] })

    for (let i = 0; i < 50; i++) {
      observe(vivaldi, { node: 0, peer: 1, roundTrip: MAX_ROUND_TRIP, claim: [-1, 0, 0, 0.1] })
    }

    // claims that are so wrong move nobody, and yet count for what is typical
    for (let i = 0; i < 3_000; i++) {
      observeFrom(1_000, 1e-6)
    }

    const before = x()
    assert.ok(before > 1_000)
    observeFrom(1e-6, 1e-6)
    assert.ok(x() < 0.9 * before && x() > 0.4 * before, `${x()} after ${before}`)
  })
})

/** No sample brings a node there, so the test reaches for what the node keeps of itself: its position, and five numbers behind. */
function spoil(vivaldi: Vivaldi, which: number, value: number): void {
  const own: Float64Array = Reflect.get(vivaldi, 'own')
  own[which] = value
}

describe('a node whose own state is no number, or far out', () => {
  /** Of position, height, error, usual error and typical round trip. */
  const kept = Array.from({ length: DIMENSIONS + 4 }, (_, which) => which)

  for (const rule of RULES) {
    for (const value of [Number.NaN, Infinity, -Infinity, 1e300]) {
      it(`rule ${rule}, ${value}: starts again with its next sample, and nobody else sees it`, () => {
        // the published rule knows neither another error nor what is typical
        for (const which of kept.slice(0, rule === 'relative' ? undefined : DIMENSIONS + 2)) {
          const vivaldi = population({ rule })
          const sample = { node: 0, peer: 1, roundTrip: 20, claim: [30, 0, 1, 0.5] }

          for (let i = 0; i < 30; i++) {
            observe(vivaldi, sample)
          }

          spoil(vivaldi, which, value)
          assert.equal(observe(vivaldi, sample), undefined)
          const { position, height, error } = vivaldi.raw(0)
          assert.ok([...position, height, error].every(Number.isFinite), `number ${which}`)
          assert.equal(defectOf(vivaldi.shown, 0, DIMENSIONS), undefined)

          if (Number.isNaN(value) || which <= DIMENSIONS) {
            assert.deepEqual(
              vivaldi.coordinate(0),
              { position: [0, 0], height: MIN_HEIGHT, error: 1 },
              `number ${which}`
            )
            assert.equal(vivaldi.experience(0), 0)
          }
        }
      })
    }
  }
})
