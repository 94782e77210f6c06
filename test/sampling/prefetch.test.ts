import assert from 'node:assert/strict'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { PRESET_NAMES, type Preset, samplingParameters } from '../../src/sampling/parameters.ts'
import { createSamplingProtocol } from '../../src/sampling/variants.ts'

const NODES = 40

/** All views after some rounds, the last nodes of which never had one; and the next draw. */
function run(preset: Preset, ahead: number): [words: Int32Array, draw: number] {
  const random = new Random(3)
  const protocol = createSamplingProtocol({ nodes: NODES, parameters: samplingParameters({ preset, view: 8 }), random })
  const { views } = protocol
  const [request, reply] = [protocol.createMessage(), protocol.createMessage()]
  const order = Int32Array.from({ length: NODES }, (_, node) => node)

  for (let node = 0; node < NODES - 2; node++) {
    views.append(node, (node + 1) % (NODES - 2), 0)
  }

  for (let round = 1; round <= 20; round++) {
    protocol.tick(round)

    for (let i = 0; i < NODES; i++) {
      if (ahead > 0 && i % ahead === 0) {
        protocol.prefetch(order, i, Math.min(NODES, i + ahead))
      }

      const partner = protocol.partner(i)

      if (partner !== NOBODY) {
        protocol.request(i, partner, request)
        protocol.respond(partner, i, request, reply)
        protocol.absorb(i, partner, request, reply)
      }
    }
  }

  return [views.words, random.next()]
}

describe('fetching the state of nodes ahead of their turns', () => {
  for (const preset of PRESET_NAMES) {
    it(`${preset}: changes nothing and draws nothing`, () => {
      assert.deepEqual(run(preset, 16), run(preset, 0))
    })
  }
})
