import assert from 'node:assert/strict'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { PRESET_NAMES, type SamplingOptions, samplingParameters } from '../../src/sampling/parameters.ts'
import { createSamplingProtocol } from '../../src/sampling/variants.ts'

const NODES = 40

/** All views after some rounds, the last nodes of which never had one; and the next draw. */
function run(options: SamplingOptions, ahead: number): [words: Int32Array, draw: number] {
  const random = new Random(3)
  const protocol = createSamplingProtocol({
    nodes: NODES,
    parameters: samplingParameters({ view: 8, ...options }),
    random
  })
  const { views } = protocol
  const [request, reply] = [protocol.createMessage(), protocol.createMessage()]
  const order = Int32Array.from({ length: NODES }, (_, node) => node)

  for (let node = 0; node < NODES - 2; node++) {
    views.append(node, (node + 1) % (NODES - 2), 0)
  }

  protocol.takeViews(NODES - 2)

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
  const variants: SamplingOptions[] = [
    ...PRESET_NAMES.map(preset => ({ preset })),
    ...PRESET_NAMES.map(preset => ({ preset, defence: 'statistics' as const })),
    { defence: 'ranking' }
  ]

  for (const options of variants) {
    it(`${Object.values(options).join(' with ')}: changes nothing and draws nothing`, () => {
      assert.deepEqual(run(options, 16), run(options, 0))
    })
  }
})
