import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import type { VivaldiOptions } from '../../src/vivaldi/parameters.ts'
import { Crowd } from './crowd.ts'
import { kept } from './topologies.ts'

/**
 * Where 100 nodes of a square are after 60 cycles, in whose middle all ways get longer: a digest of all digits that they
 * show. The same on every machine and Node version. Whoever changes one of these has changed the protocol, and not only its
 * speed.
 */
const DIGESTS: Array<[options: VivaldiOptions, digest: number]> = [
  [{}, 3_912_546_002],
  [{ filter: 'none' }, 757_642_553],
  [{ filter: 'median' }, 3_619_599_329],
  [{ dimensions: 2, height: false }, 2_247_236_435],
  [{ rule: 'published' }, 217_577_045]
]

function digest(options: VivaldiOptions): number {
  const random = new Random(7)
  const points = Array.from({ length: 200 }, () => 100 * random.fraction())
  // sines and logarithms may differ in the last digit between machines, roots may not
  const square = kept(100, (a, b) => {
    const [x, y] = [points[2 * a] - points[2 * b], points[2 * a + 1] - points[2 * b + 1]]
    return 2 + Math.sqrt(x * x + y * y)
  })
  const crowd = new Crowd(
    { nodes: 100, roundTrip: (a, b) => square.roundTrip(a, b) * (1 + random.fraction()) },
    options,
    11
  )
  crowd.run(30)
  crowd.topology = { nodes: 100, roundTrip: (a, b) => 3 * square.roundTrip(a, b) }
  crowd.run(30)
  let hash = 0x811c9dc5

  for (let node = 0; node < 100; node++) {
    const { rows, stride, width } = crowd.vivaldi
    const shown = rows.slice(node * stride, node * stride + width)

    for (const word of new Uint32Array(shown.buffer)) {
      // FNV-1a over words
      hash = Math.imul(hash ^ word, 0x01000193)
    }
  }

  return hash >>> 0
}

describe('coordinates from a seed', () => {
  for (const [options, expected] of DIGESTS) {
    it(`${JSON.stringify(options)}: end in the very same digits as ever`, () => {
      assert.equal(digest(options), expected)
    })
  }
})
