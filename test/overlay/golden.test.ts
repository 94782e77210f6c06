import assert from 'node:assert/strict'
import type { OverlayOptions } from '../../src/overlay/parameters.ts'
import { torusOf } from './stacked-overlay.ts'

/**
 * What the overlay makes of a torus of 14 x 14 in 20 rounds, over peer sampling, of which a quarter dies after the tenth and
 * newcomers come to the same points: a digest of all views, peers, ages and order. The same on every machine and Node version.
 * Whoever changes one of these has changed the protocol, and not only its speed.
 */
const DIGESTS: Array<[options: OverlayOptions, digest: number]> = [
  [{}, 3_623_939_168],
  [{ view: 8, message: 6, psi: 3 }, 4_046_408_258],
  [{ selection: 'closest' }, 189_000_735]
]

function digest(options: OverlayOptions): number {
  const faults = { crash: [{ share: 0.25, round: 10 }], join: [{ share: 0.1, round: 14 }] }
  const overlay = torusOf(14, 14, options, 11, faults)
  overlay.advance(20)
  const { views } = overlay.protocol
  let hash = 0x811c9dc5

  for (let node = 0; node < views.nodes; node++) {
    for (let i = 0; i < views.size(node); i++) {
      // FNV-1a over words
      hash = Math.imul(hash ^ views.peer(node, i), 0x01000193)
      hash = Math.imul(hash ^ views.age(node, i), 0x01000193)
    }
  }

  return hash >>> 0
}

describe('a run of the overlay from a seed', () => {
  for (const [options, expected] of DIGESTS) {
    it(`${JSON.stringify(options)}: ends in the very same views as ever`, () => {
      assert.equal(digest(options), expected)
    })
  }
})
