import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import type { Preset, SamplingOptions } from '../../src/sampling/parameters.ts'
import { Network } from '../../src/sim/network.ts'
import { networkParameters } from '../../src/sim/parameters.ts'

/**
 * What each variant makes of 200 nodes in 30 rounds, of which half die after the tenth: a digest of all views, peers, ages
 * and order. The same on every machine and Node version. Whoever changes one of these has changed the protocol, and not
 * only its speed.
 */
const DIGESTS: Record<Preset, number> = {
  default: 4_019_716_707,
  swapper: 1_761_057_417,
  healer: 1_730_294_415,
  blind: 2_575_615_864,
  cyclon: 62_096_362,
  newscast: 2_178_559_376
}

/** The same with defences. */
const DEFENDED: Array<[options: SamplingOptions, digest: number]> = [
  [{ preset: 'default', defence: 'statistics' }, 1_829_777_512],
  [{ preset: 'healer', defence: 'statistics', statisticsShare: 0.25 }, 3_500_603_755],
  [{ preset: 'cyclon', defence: 'statistics', statisticsShare: 0.25 }, 2_758_556_596],
  [{ preset: 'newscast', defence: 'statistics' }, 3_454_465_603],
  [{ defence: 'ranking' }, 1_306_860_181]
]

function digest(options: SamplingOptions): number {
  const crash = [{ share: 0.5, round: 10 }]
  const network = new Network(
    networkParameters({ ...options, view: 20, nodes: 200, rounds: 30, crash }),
    new Random(11)
  )

  while (network.round < 30) {
    network.advance()
  }

  const { views } = network.protocol
  let hash = 0x811c9dc5

  for (let node = 0; node < 200; node++) {
    for (let i = 0; i < views.size(node); i++) {
      // FNV-1a over words
      hash = Math.imul(hash ^ views.peer(node, i), 0x01000193)
      hash = Math.imul(hash ^ views.age(node, i), 0x01000193)
    }
  }

  return hash >>> 0
}

describe('a run from a seed', () => {
  for (const [preset, expected] of Object.entries(DIGESTS) as Array<[Preset, number]>) {
    it(`${preset}: ends in the very same views as ever`, () => {
      assert.equal(digest({ preset }), expected)
    })
  }

  for (const [options, expected] of DEFENDED) {
    it(`${Object.values(options).join(', ')}: ends in the very same views as ever`, () => {
      assert.equal(digest(options), expected)
    })
  }
})
