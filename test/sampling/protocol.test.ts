import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Failure, NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { PRESET_NAMES, type Preset, samplingParameters } from '../../src/sampling/parameters.ts'
import type { PeerSamplingProtocol } from '../../src/sampling/protocol.ts'
import { createSamplingProtocol } from '../../src/sampling/variants.ts'
import { Rounds } from '../support/rounds.ts'

function population(preset: Preset, nodes: number, view: number, seed = 1): PeerSamplingProtocol {
  return createSamplingProtocol({
    nodes,
    parameters: samplingParameters({ preset, view }),
    random: new Random(seed),
    quarantine: { peers: 8, rounds: 5 }
  })
}

function viewOf(protocol: PeerSamplingProtocol, node: number): number[] {
  return Array.from({ length: protocol.views.size(node) }, (_, i) => protocol.views.peer(node, i))
}

function assertProper(protocol: PeerSamplingProtocol): void {
  for (let node = 0; node < protocol.nodes; node++) {
    const view = viewOf(protocol, node)
    assert.ok(view.length <= protocol.parameters.view, 'a view has no more than c entries')
    assert.ok(!view.includes(node), 'a view does not hold its own node')
    assert.equal(new Set(view).size, view.length, 'a view holds nobody twice')
  }
}

const failures: Failure[] = ['busy', 'unreachable', 'timeout', 'unsupported', 'too-long', 'malformed', 'aborted']

describe('a population of sampling nodes', () => {
  for (const preset of PRESET_NAMES) {
    it(`${preset}: keeps proper views whatever is lost, late, busy, or overlaps`, () => {
      fc.assert(
        fc.property(fc.nat(), fc.integer({ min: 2, max: 24 }), fc.integer({ min: 2, max: 16 }), (seed, nodes, view) => {
          const protocol = population(preset, nodes, view, seed)
          const network = new Rounds(protocol, seed).startAtRandom()
          const random = new Random(seed)
          const pending: Array<{ node: number; partner: number; request: ReturnType<typeof protocol.createMessage> }> =
            []
          const waiting = new Set<number>()
          const reply = protocol.createMessage()

          for (let step = 0; step < 200; step++) {
            if (pending.length > 0 && random.below(2) === 0) {
              const [{ node, partner, request }] = pending.splice(random.below(pending.length), 1)
              waiting.delete(node)

              if (random.below(4) === 0) {
                protocol.abandon(node, partner, failures[random.below(failures.length)])
              } else if (protocol.respond(partner, node, request, reply)) {
                protocol.absorb(node, partner, request, reply)
              } else {
                assert.ok(waiting.has(partner), 'only who waits for an answer is busy')
                protocol.abandon(node, partner, 'busy')
              }
            } else {
              const node = random.below(nodes)

              if (waiting.has(node)) {
                continue
              }

              protocol.tick(step)
              const partner = protocol.partner(node)
              const request = protocol.createMessage()

              if (partner === NOBODY) {
                network.introduce(node, (node + 1) % nodes)
                continue
              }

              protocol.request(node, partner, request)
              waiting.add(node)
              pending.push({ node, partner, request })
            }

            assertProper(protocol)
          }
        }),
        { numRuns: 60 }
      )
    })

    it(`${preset}: grows from newcomers that all enter through one peer, and makes no star of it`, () => {
      const nodes = 100
      const protocol = population(preset, nodes, 20)
      const network = new Rounds(protocol, 3)

      for (let node = 1; node < nodes; node++) {
        network.introduce(node, 0)
      }

      const atOnce = network.inDegrees()[0]
      network.run(60)
      const degrees = network.inDegrees()
      assert.ok(atOnce <= 20, `the contact is known to ${atOnce} right after the joins`)
      assert.ok(degrees[0] <= 60, `the contact has an in-degree of ${degrees[0]} of 99`)
      assert.equal(Math.min(...Array.from({ length: nodes }, (_, node) => protocol.views.size(node))), 20)
    })

    it(`${preset}: the same seed gives the same run`, () => {
      const run = () => {
        const protocol = population(preset, 50, 10, 9)
        new Rounds(protocol, 4).startAtRandom().run(20)
        return Array.from({ length: 50 }, (_, node) => viewOf(protocol, node))
      }

      assert.deepEqual(run(), run())
    })
  }

  // full views of everybody, where the oldest is the same one for all, and partial ones
  const populations: Array<[preset: Preset, nodes: number]> = [
    ['default', 31],
    ['swapper', 100],
    ['cyclon', 100]
  ]

  for (const [preset, nodes] of populations) {
    for (const fault of ['busy', 'mute'] as const) {
      it(`${preset}, ${nodes} nodes: one that is always ${fault} does not stop the others`, () => {
        const network = new Rounds(population(preset, nodes, 30), 5).startAtRandom()
        network[fault].add(7)
        const before = network.run(60).answered
        const perRound = (network.run(20).answered - before) / 20
        assert.ok(perRound > 0.85 * nodes, `${perRound} exchanges a round are answered`)
      })
    }
  }

  it('newscast: keeps its view sorted, youngest first, in whatever order a message comes', () => {
    const ages = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 11 })

    fc.assert(
      fc.property(fc.array(ages, { minLength: 1, maxLength: 4 }), messages => {
        const protocol = population('newscast', 50, 10)
        const message = protocol.createMessage()
        const out = protocol.createMessage()

        for (const [i, said] of messages.entries()) {
          message.clear()
          said.forEach((age, j) => {
            message.add(1 + i * 11 + j, age)
          })
          protocol.respond(0, 1 + i * 11, message, out)
          const view = Array.from({ length: protocol.views.size(0) }, (_, at) => protocol.views.age(0, at))
          assert.deepEqual(
            view,
            view.toSorted((a, b) => a - b)
          )
        }
      })
    )
  })

  it('refuses a dead peer for so many rounds, however many partners it tries in each', () => {
    const protocol = population('default', 4, 4)
    protocol.views.append(0, 1, 0)
    protocol.views.append(0, 3, 0)
    protocol.partner(0)
    protocol.abandon(0, 3, 'unreachable')

    for (let round = 0; round < 5; round++) {
      for (let tries = 0; tries < 10; tries++) {
        assert.equal(protocol.anotherPartner(0), 1)
      }

      assert.ok(protocol.knows(0, 3), `forgiven after ${round} rounds`)
      protocol.partner(0)
    }

    assert.ok(!protocol.knows(0, 3))
  })

  it('does not take a dead peer back from others until it speaks for itself', () => {
    const protocol = population('default', 4, 4)
    const message = protocol.createMessage()
    const out = protocol.createMessage()
    protocol.views.append(0, 3, 0)
    protocol.abandon(0, 3, 'unreachable')
    assert.deepEqual(viewOf(protocol, 0), [])

    message.add(1, 0)
    message.add(3, 1)
    protocol.respond(0, 1, message, out)
    assert.deepEqual(viewOf(protocol, 0), [1])

    message.clear()
    message.add(3, 0)
    protocol.respond(0, 3, message, out)
    assert.deepEqual(viewOf(protocol, 0).sort(), [1, 3])
  })

  it('forgives everybody when it has to ask for an introduction: it was itself that was cut off', () => {
    const protocol = population('default', 6, 6)
    const network = new Rounds(protocol, 1)

    for (const peer of [2, 3, 4, 5]) {
      protocol.views.append(0, peer, 0)
      protocol.views.append(1, peer, 0)
      protocol.abandon(0, peer, 'unreachable')
    }

    network.introduce(0, 1)
    assert.ok(viewOf(protocol, 0).length >= 3)
  })

  it('answers busy while it waits for an answer, and nothing changes by it', () => {
    const protocol = population('default', 3, 4)
    const request = protocol.createMessage()
    const other = protocol.createMessage()
    const out = protocol.createMessage()
    protocol.views.append(0, 1, 5)
    protocol.request(0, 1, request)
    other.add(2, 0)
    assert.equal(protocol.respond(0, 2, other, out), false)
    assert.deepEqual(viewOf(protocol, 0), [1])
  })
})
