import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Random } from '../../src/gossip/random.ts'
import type { Coordinate } from '../../src/vivaldi/coordinate.ts'
import { RULES, vivaldiParameters } from '../../src/vivaldi/parameters.ts'
import { Vivaldi } from '../../src/vivaldi/vivaldi.ts'
import { after, plainNode } from './plain-rules.ts'

const DIMENSIONS = 3

/** What a sample says: where the peer claims to be, and the round trip to it. A far one pulls gravity into play. */
const sample = fc.record({
  position: fc.array(fc.double({ min: -500, max: 500, noNaN: true }), { minLength: DIMENSIONS, maxLength: DIMENSIONS }),
  height: fc.double({ min: 0, max: 50, noNaN: true }),
  error: fc.double({ min: 0, max: 1.5, noNaN: true }),
  roundTrip: fc.oneof(
    fc.double({ min: 0.01, max: 1_000, noNaN: true }),
    fc.double({ min: 0.01, max: 10_000, noNaN: true })
  )
})

/** Long enough for a node to settle, and to be surprised by what follows. */
const settled = fc.record({ calm: fc.nat(120), seed: fc.nat() })

function isNear(actual: number, expected: number): boolean {
  return Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected))
}

function assertNear(actual: Coordinate, expected: Coordinate): void {
  const differs = actual.position.findIndex((x, i) => !isNear(x, expected.position[i]))
  assert.equal(differs, -1, `position ${actual.position}, not ${expected.position}`)
  assert.ok(isNear(actual.height, expected.height), `height ${actual.height}, not ${expected.height}`)
  assert.ok(isNear(actual.error, expected.error), `error ${actual.error}, not ${expected.error}`)
}

/** A row of samples as those of a node in a quiet network: the same few peers, whose round trips fit. */
function calmSamples(count: number, random: Random) {
  return Array.from({ length: count }, () => {
    const position = Array.from({ length: DIMENSIONS }, () => 100 * (random.fraction() - 0.5))
    const height = 1 + random.fraction()
    return { position, height, error: 0.1, roundTrip: Math.hypot(...position) + height + 2 }
  })
}

describe('a sample', () => {
  for (const rule of RULES) {
    for (const height of [true, false]) {
      it(`rule ${rule}, ${height ? 'with' : 'without'} heights: moves a node as its formulas say`, () => {
        let surprises = 0

        fc.assert(
          fc.property(settled, fc.array(sample, { minLength: 1, maxLength: 40 }), ({ calm, seed }, stormy) => {
            const parameters = vivaldiParameters({ dimensions: DIMENSIONS, height, rule, filter: 'none' })
            const vivaldi = new Vivaldi({ nodes: 2, parameters, random: new Random(1) })
            let twin = plainNode(DIMENSIONS, height)

            for (const claimed of [...calmSamples(calm, new Random(seed)), ...stormy]) {
              const remote = height ? claimed : { ...claimed, height: 0 }

              if (Math.hypot(...twin.at.x.map((x, i) => x - remote.position[i])) < 1e-3) {
                continue
              }

              const before = twin.samples
              twin = after(rule, twin, height, remote.roundTrip, remote)
              const told = Float64Array.of(...remote.position, remote.height, remote.error)
              assert.equal(vivaldi.observe(1, 0, remote.roundTrip, told), undefined)
              assertNear(vivaldi.raw(1), { position: twin.at.x, height: twin.at.height, error: twin.usual })
              assert.equal(vivaldi.experience(1), twin.samples)
              surprises += twin.samples <= before ? 1 : 0
            }
          })
        )

        assert.equal(surprises > 0, rule === 'relative', 'the runs surprise nodes, where that counts')
      })
    }
  }

  it('moves nobody but the node that takes it', () => {
    const vivaldi = new Vivaldi({ nodes: 3, parameters: vivaldiParameters(), random: new Random(1) })
    const others = () => [0, 2].map(node => [vivaldi.raw(node), vivaldi.coordinate(node), vivaldi.experience(node)])
    const before = others()
    vivaldi.observe(1, 0, 20, vivaldi.shown)
    assert.deepEqual(others(), before)
    assert.equal(vivaldi.experience(1), 1)
  })
})
