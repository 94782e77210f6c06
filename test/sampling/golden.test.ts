import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { type Preset, samplingParameters } from '../../src/sampling/parameters.ts'
import { createSamplingProtocol } from '../../src/sampling/variants.ts'
import { Rounds } from '../support/rounds.ts'

/**
 * What each variant makes of 200 nodes in 30 rounds, of which half die after the tenth: a digest of all views, peers, ages
 * and order. The same on every machine and Node version. Whoever changes one of these has changed the protocol, and not
 * only its speed.
 */
const DIGESTS: Record<Preset, number> = {
  default: 698_503_945,
  swapper: 965_947_804,
  healer: 2_583_670_011,
  blind: 2_855_043_095,
  cyclon: 2_922_109_379,
  newscast: 1_646_068_745
}

function digest(preset: Preset): number {
  const parameters = samplingParameters({ preset, view: 20 })
  const protocol = createSamplingProtocol({ nodes: 200, parameters, random: new Random(11) })
  const network = new Rounds(protocol, 12).startAtRandom().run(10)

  for (let node = 0; node < 200; node += 2) {
    network.dead.add(node)
  }

  network.run(20)
  let hash = 0x811c9dc5

  for (let node = 0; node < 200; node++) {
    for (let i = 0; i < protocol.views.size(node); i++) {
      // FNV-1a over words
      hash = Math.imul(hash ^ protocol.views.peer(node, i), 0x01000193)
      hash = Math.imul(hash ^ protocol.views.age(node, i), 0x01000193)
    }
  }

  return hash >>> 0
}

describe('a run from a seed', () => {
  for (const [preset, expected] of Object.entries(DIGESTS) as Array<[Preset, number]>) {
    it(`${preset}: ends in the very same views as ever`, () => {
      assert.equal(digest(preset), expected)
    })
  }
})
