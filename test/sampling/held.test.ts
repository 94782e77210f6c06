import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import { Random } from '../../src/gossip/random.ts'
import { samplingParameters } from '../../src/sampling/parameters.ts'
import type { PeerSamplingProtocol } from '../../src/sampling/protocol.ts'
import { createSamplingProtocol } from '../../src/sampling/variants.ts'
import { offencesAt, startPassiveNode } from '../support/nodes.ts'
import { lax, requestOf, Stranger } from '../support/stranger.ts'

const NODE = 0
const VIEW = 8
const PEERS = 40
const ROUNDS = 300

/** Whom a core visits. */
function heldBy(protocol: PeerSamplingProtocol): number[] {
  const held: number[] = []
  protocol.forEachHeld(NODE, peer => held.push(peer))
  return held
}

describe('the cap for each address block', function () {
  this.timeout(20_000)

  it('counts with ranking whoever is held, as a member or as the next one', async () => {
    const maxPerBlock = VIEW + 2
    const peer = await startPassiveNode({
      defence: 'ranking',
      view: VIEW,
      maxPerBlock,
      requestsPerPeriod: Number.POSITIVE_INFINITY
    })
    const stranger = await Stranger.start()

    try {
      for (let i = 1; i <= PEERS; i += 4) {
        const neighbours = await Promise.all(
          [i, i + 1, i + 2, i + 3].map(async host => {
            const address = multiaddr(`/ip4/99.99.99.${host}/tcp/1`)
            return { record: (await lax.seal(await generateKeyPair('Ed25519'), [address], 1n)).envelope, age: 0 }
          })
        )
        await stranger.ask(peer, requestOf([{ record: stranger.record.envelope, age: 0 }, ...neighbours]))
      }

      const { protocol } = peer.services.sampling as unknown as { protocol: PeerSamplingProtocol }
      // and the stranger, who is on this machine, which is no block
      assert.ok(heldBy(protocol).length <= maxPerBlock + 1)
      assert.ok(heldBy(protocol).length > VIEW)
      assert.deepEqual(Object.keys(offencesAt(peer)), ['crowded-block'])
    } finally {
      await Promise.all([peer.stop(), stranger.stop()])
    }
  })
})

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
