import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { NAMES_IN_ALARM } from '../../src/sampling/constants.ts'
import { type SamplingOptions, samplingParameters } from '../../src/sampling/parameters.ts'
import { createSamplingProtocol } from '../../src/sampling/variants.ts'

const NODE = 0
const PARTNER = 1

/** What a node has gathered of one answer with so many names beside its sender's. */
function gatheredOf(options: SamplingOptions, names: number) {
  const protocol = createSamplingProtocol({
    nodes: 1,
    parameters: samplingParameters(options),
    random: new Random(1),
    watchful: true
  })
  const [request, reply] = [protocol.createMessage(), protocol.createMessage()]
  protocol.views.append(NODE, PARTNER, 0)
  protocol.request(NODE, PARTNER, request)
  reply.add(PARTNER, 0)

  for (let peer = 2; peer < 2 + names; peer++) {
    reply.add(peer, 1)
  }

  protocol.absorb(NODE, PARTNER, request, reply)
  return protocol.sightings(NODE)?.sightings
}

describe('statistics as an alarm', () => {
  it('count the first names of an answer only, where whole views are sent', () => {
    assert.equal(gatheredOf({ view: 10, preset: 'newscast' }, 10), 10)
    assert.equal(gatheredOf({ preset: 'newscast' }, 30), NAMES_IN_ALARM - 1)
    assert.equal(gatheredOf({ view: 50, preset: 'newscast' }, 50), NAMES_IN_ALARM - 1)
  })

  it('count all names where they are the defence', () => {
    assert.equal(gatheredOf({ preset: 'newscast', defence: 'statistics' }, 30), 30)
    assert.equal(gatheredOf({ view: 100, defence: 'statistics' }, 49), 49)
  })
})
