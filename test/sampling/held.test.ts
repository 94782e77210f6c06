import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { samplingParameters } from '../../src/sampling/parameters.ts'
import { createSamplingProtocol } from '../../src/sampling/variants.ts'

const NODE = 0
const VIEW = 8
const PEERS = 40
const ROUNDS = 300

/** Whom a core visits. */
function heldBy(protocol: ReturnType<typeof createSamplingProtocol>): number[] {
  const held: number[] = []
  protocol.forEachHeld(NODE, peer => held.push(peer))
  return held
}

describe('whom a core holds', () => {
  it('is its members', () => {
    const protocol = createSamplingProtocol({
      nodes: 1,
      parameters: samplingParameters({ view: VIEW }),
      random: new Random(1)
    })
    protocol.views.append(NODE, 7, 0)
    protocol.views.append(NODE, 3, 0)
    assert.deepEqual(heldBy(protocol), [7, 3])
  })

  it('is with ranking its members and all who become members although nobody speaks of them again, each once', () => {
    const protocol = createSamplingProtocol({
      nodes: 1,
      parameters: samplingParameters({ view: VIEW, defence: 'ranking' }),
      random: new Random(1)
    })
    const message = protocol.createMessage()
    const reply = protocol.createMessage()
    let beyond = 0

    for (let first = 1; first <= PEERS; first += VIEW) {
      message.clear()

      for (let peer = first; peer < first + VIEW; peer++) {
        message.add(peer, 0)
      }

      assert.ok(protocol.respond(NODE, first, message, reply))
    }

    const held = heldBy(protocol)
    const members = protocol.views.size(NODE)
    assert.equal(new Set(held).size, held.length)

    for (let round = 0; round < ROUNDS; round++) {
      const partner = protocol.partner(NODE)

      for (let i = 0; i < protocol.views.size(NODE); i++) {
        const member = protocol.views.peer(NODE, i)
        assert.ok(held.includes(member))
        beyond += held.indexOf(member) >= members ? 1 : 0
      }

      protocol.request(NODE, partner, message)
      protocol.abandon(NODE, partner, 'busy')
    }

    assert.ok(beyond > 0)
  })
})
