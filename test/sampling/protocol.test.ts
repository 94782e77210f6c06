import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Failure, NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import type { SamplingMessage } from '../../src/sampling/message.ts'
import { PRESET_NAMES, type SamplingOptions, samplingParameters } from '../../src/sampling/parameters.ts'
import type { PeerSamplingProtocol } from '../../src/sampling/protocol.ts'
import { createSamplingProtocol } from '../../src/sampling/variants.ts'
import type { SimulatedProtocol } from '../../src/sim/driver.ts'
import { NO_FAULTS } from '../../src/sim/faults.ts'
import { fillAtRandom } from '../../src/sim/graph/random-graph.ts'
import { RoundDriver } from '../../src/sim/round-driver.ts'
import { World } from '../../src/sim/world.ts'

/** Everything that there is, and what it is called. */
const VARIANTS: Array<[name: string, options: SamplingOptions]> = [
  ...PRESET_NAMES.map((preset): [string, SamplingOptions] => [preset, { preset }]),
  ...PRESET_NAMES.map((preset): [string, SamplingOptions] => [
    `${preset} with statistics`,
    { preset, defence: 'statistics', statisticsShare: 0.25 }
  ]),
  ['ranking', { defence: 'ranking' }]
]

const DEFAULT: SamplingOptions = {}

function population(options: SamplingOptions, nodes: number, view: number, seed = 1): PeerSamplingProtocol {
  return createSamplingProtocol({
    nodes,
    parameters: samplingParameters({ ...options, view }),
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

/** Lets a node enter through a contact. */
function introduce(protocol: PeerSamplingProtocol, node: number, contact: number): void {
  const request = protocol.createMessage()
  const reply = protocol.createMessage()
  protocol.requestIntroduction(node, request)
  protocol.respond(contact, node, request, reply)
  protocol.absorb(node, contact, request, reply)
}

/** So many rounds in which nothing is lost or late. */
function run(protocol: SimulatedProtocol<SamplingMessage>, nodes: number, rounds: number): void {
  const world = new World(nodes, NO_FAULTS, rounds, new Random(4))
  const driver = new RoundDriver(protocol, world, new Random(3))

  for (let round = 1; round <= rounds; round++) {
    driver.run(round)
  }
}

/** A protocol of which one node starts nothing, and answers whatever it is asked with busy, or with an empty message. */
class WithFault implements SimulatedProtocol<SamplingMessage> {
  /** Exchanges whose answer said something. */
  answered = 0
  private readonly protocol: PeerSamplingProtocol
  private readonly faulty: number
  private readonly fault: 'busy' | 'mute'

  constructor(protocol: PeerSamplingProtocol, faulty: number, fault: 'busy' | 'mute') {
    this.protocol = protocol
    this.faulty = faulty
    this.fault = fault
  }

  createMessage(): SamplingMessage {
    return this.protocol.createMessage()
  }

  partner(node: number): number {
    return node === this.faulty ? NOBODY : this.protocol.partner(node)
  }

  anotherPartner(node: number): number {
    return this.protocol.anotherPartner(node)
  }

  request(node: number, partner: number, out: SamplingMessage): void {
    this.protocol.request(node, partner, out)
  }

  requestIntroduction(node: number, out: SamplingMessage): void {
    this.protocol.requestIntroduction(node, out)
  }

  /** Whoever knows nobody is to stay alone. */
  isMember(): boolean {
    return false
  }

  respond(node: number, from: number, request: SamplingMessage, out: SamplingMessage): boolean {
    if (node !== this.faulty) {
      return this.protocol.respond(node, from, request, out)
    }

    out.clear()
    return this.fault === 'mute'
  }

  absorb(node: number, from: number, request: SamplingMessage, reply: SamplingMessage): void {
    this.answered += reply.size > 0 ? 1 : 0
    this.protocol.absorb(node, from, request, reply)
  }

  abandon(node: number, partner: number, why: Failure): void {
    this.protocol.abandon(node, partner, why)
  }
}

const failures: Failure[] = ['busy', 'unreachable', 'timeout', 'unsupported', 'too-long', 'malformed', 'aborted']

describe('a population of sampling nodes', () => {
  for (const [name, options] of VARIANTS) {
    it(`${name}: keeps proper views whatever is lost, late, busy, or overlaps`, () => {
      fc.assert(
        fc.property(fc.nat(), fc.integer({ min: 2, max: 24 }), fc.integer({ min: 2, max: 16 }), (seed, nodes, view) => {
          const protocol = population(options, nodes, view, seed)
          const random = new Random(seed)
          fillAtRandom(protocol.views, nodes, random)
          protocol.takeViews(nodes)
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
                introduce(protocol, node, (node + 1) % nodes)
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

    it(`${name}: grows from newcomers that all enter through one peer, and makes no star of it`, () => {
      const nodes = 100
      const protocol = population(options, nodes, 20)
      const holders = () => Array.from({ length: nodes }, (_, node) => viewOf(protocol, node)).filter(holdsContact)
      const holdsContact = (view: number[]) => view.includes(0)

      for (let node = 1; node < nodes; node++) {
        introduce(protocol, node, 0)
      }

      const atOnce = holders().length
      run(protocol, nodes, 60)
      assert.ok(atOnce <= 20, `the contact is known to ${atOnce} right after the joins`)
      assert.ok(holders().length <= 60, `the contact has an in-degree of ${holders().length} of 99`)
      const least = Math.min(...Array.from({ length: nodes }, (_, node) => protocol.views.size(node)))
      // with ranking nobody may be dealt to a place, and statistics may have somebody set aside
      assert.ok(least >= (options.defence == null ? 20 : 17), `a view of ${least}`)
    })
  }

  // full views of everybody, where the oldest is the same one for all, and partial ones
  const populations: Array<[options: SamplingOptions, nodes: number]> = [
    [DEFAULT, 31],
    [{ preset: 'swapper' }, 100],
    [{ preset: 'cyclon' }, 100],
    [{ defence: 'statistics' }, 100],
    [{ defence: 'ranking' }, 100]
  ]

  for (const [options, nodes] of populations) {
    for (const fault of ['busy', 'mute'] as const) {
      it(`${options.preset ?? options.defence ?? 'default'}, ${nodes} nodes: one that is always ${fault} does not stop the others`, () => {
        const protocol = population(options, nodes, 30)
        fillAtRandom(protocol.views, nodes, new Random(5))
        protocol.takeViews(nodes)
        const network = new WithFault(protocol, 7, fault)
        run(network, nodes, 60)
        const before = network.answered
        run(network, nodes, 20)
        const perRound = (network.answered - before) / 20
        assert.ok(perRound > 0.85 * nodes, `${perRound} exchanges a round are answered`)
      })
    }
  }

  it('newscast: keeps its view sorted, youngest first, in whatever order a message comes', () => {
    const ages = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 11 })

    fc.assert(
      fc.property(fc.array(ages, { minLength: 1, maxLength: 4 }), messages => {
        const protocol = population({ preset: 'newscast' }, 50, 10)
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
    const protocol = population(DEFAULT, 4, 4)
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
    const protocol = population(DEFAULT, 4, 4)
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
    const protocol = population(DEFAULT, 6, 6)

    for (const peer of [2, 3, 4, 5]) {
      protocol.views.append(0, peer, 0)
      protocol.views.append(1, peer, 0)
      protocol.abandon(0, peer, 'unreachable')
    }

    introduce(protocol, 0, 1)
    assert.ok(viewOf(protocol, 0).length >= 3)
  })

  it('answers busy while it waits for an answer, and nothing changes by it', () => {
    const protocol = population(DEFAULT, 3, 4)
    const request = protocol.createMessage()
    const other = protocol.createMessage()
    const out = protocol.createMessage()
    protocol.views.append(0, 1, 5)
    protocol.request(0, 1, request)
    other.add(2, 0)
    assert.equal(protocol.respond(0, 2, other, out), false)
    assert.deepEqual(viewOf(protocol, 0), [1])
  })

  for (const preset of PRESET_NAMES) {
    it(`${preset}: an answer that is only counted leaves the members as they are, the partner among them`, () => {
      const protocol = population({ preset, defence: 'statistics', statisticsShare: 1 }, 40, 10)
      const [request, reply] = [protocol.createMessage(), protocol.createMessage()]
      fillAtRandom(protocol.views, 40, new Random(6))
      const before = viewOf(protocol, 0).sort()

      for (let round = 1; round < 15; round++) {
        protocol.tick(round)
        const partner = protocol.partner(0)
        protocol.request(0, partner, request)
        assert.ok(protocol.respond(partner, 0, request, reply))
        protocol.absorb(0, partner, request, reply)
        assert.deepEqual(viewOf(protocol, 0).sort(), before)
      }

      assert.ok((protocol.sightings(0)?.sightings ?? 0) > 14)
    })

    it(`${preset}: whoever asks to be introduced takes the answer in, though others would only be counted`, () => {
      const protocol = population({ preset, defence: 'statistics', statisticsShare: 1 }, 40, 10)
      fillAtRandom(protocol.views, 30, new Random(6))
      introduce(protocol, 35, 3)
      assert.ok(protocol.isMember(35))
    })
  }

  for (const [name, options] of VARIANTS.filter(([, { defence }]) => defence != null)) {
    it(`${name}: knows everybody that it will ever name`, () => {
      const protocol = population(options, 60, 8)
      const message = protocol.createMessage()
      const out = protocol.createMessage()
      const random = new Random(2)
      /** Peers that it does not know any more: their numbers are somebody else's by now. */
      const forgotten = new Set<number>()

      for (let round = 1; round < 500; round++) {
        const partner = protocol.partner(0)
        assert.ok(!forgotten.has(partner), `asks ${partner}`)
        message.clear()

        while (message.size < message.peers.length) {
          // in turn, so that some are not heard of for long, and some far too often
          const peer = random.below(4) === 0 ? 1 + (round & 1) : 1 + ((round >> 2) % 50) + random.below(9)

          if (!message.peers.subarray(0, message.size).includes(peer)) {
            message.add(peer, random.below(5))
            forgotten.delete(peer)
          }
        }

        if (partner !== NOBODY) {
          protocol.request(0, partner, out)

          if (random.below(5) === 0) {
            protocol.abandon(0, partner, 'timeout')
          } else {
            protocol.absorb(0, partner, out, message)
          }
        } else {
          protocol.respond(0, message.peers[0], message, out)
        }

        for (let peer = 1; peer < 60; peer++) {
          if (!protocol.knows(0, peer)) {
            forgotten.add(peer)
          }
        }

        assert.ok(viewOf(protocol, 0).every(peer => !forgotten.has(peer)))
        protocol.forEachSuspect(0, ({ peer }) => assert.ok(!forgotten.has(peer)))
      }
    })
  }

  it('with statistics finds its way back by those it heard of before, when its view holds nobody any more', () => {
    const protocol = population({ defence: 'statistics' }, 2_000, 30)
    const [request, reply] = [protocol.createMessage(), protocol.createMessage()]
    const random = new Random(3)
    const named = new Set<number>()

    for (let round = 0; round < 400; round++) {
      const partner = protocol.partner(0)
      reply.clear()

      while (reply.size < 15) {
        reply.add(1 + ((round * 15 + reply.size) % 1_900), random.below(3))
        named.add(reply.peers[reply.size - 1])
      }

      if (partner === NOBODY) {
        protocol.requestIntroduction(0, request)
      } else {
        protocol.request(0, partner, request)
      }

      protocol.absorb(0, partner === NOBODY ? 1_999 : partner, request, reply)
    }

    protocol.views.clear(0)
    const found = new Set<number>()

    for (let round = 0; round < 32 * 16; round++) {
      const partner = protocol.partner(0)

      if (partner !== NOBODY) {
        found.add(partner)
        protocol.abandon(0, partner, 'busy')
      }
    }

    assert.ok(found.size >= 10, `${found.size} different ones`)
    assert.ok([...found].every(peer => named.has(peer) && protocol.knows(0, peer)))

    for (const peer of found) {
      protocol.abandon(0, peer, 'unreachable')
    }

    for (let round = 0; round < 100; round++) {
      const partner = protocol.partner(0)
      assert.ok(partner === NOBODY || !found.has(partner), 'the dead are not kept')
    }
  })

  for (const preset of PRESET_NAMES) {
    it(`${preset} with statistics: has no suspect in its view, nor does it take one back`, () => {
      const protocol = population({ preset, defence: 'statistics' }, 2_000, 30)
      const [request, reply] = [protocol.createMessage(), protocol.createMessage()]
      const random = new Random(8)
      const loud = 1_999
      let suspected = 0

      for (let round = 1; round <= 150; round++) {
        protocol.tick(round)

        if (suspected === 0 && protocol.views.size(0) > 0 && protocol.views.indexOf(0, loud) === -1) {
          protocol.views.set(0, 0, loud, 0)
        }

        const partner = protocol.partner(0)

        if (partner === NOBODY) {
          protocol.requestIntroduction(0, request)
        } else {
          protocol.request(0, partner, request)
        }

        reply.clear()

        for (const peer of new Set(Array.from({ length: 14 }, () => 1 + random.below(1_000)))) {
          reply.add(peer, 2)
        }

        if (round % 3 === 0) {
          reply.add(loud, 2)
        }

        protocol.absorb(0, partner === NOBODY ? 1_500 : partner, request, reply)
        protocol.forEachSuspect(0, ({ peer }) => {
          suspected++
          assert.equal(protocol.views.indexOf(0, peer), -1)
        })
      }

      assert.ok(suspected > 0)
    })
  }

  it('with statistics asks nobody from earlier times who did not answer lately', () => {
    const protocol = population({ defence: 'statistics' }, 10, 4)
    const [request, reply] = [protocol.createMessage(), protocol.createMessage()]
    reply.add(1, 0)
    reply.add(2, 0)

    for (let round = 1; round <= 20_000; round++) {
      // two rounds before one from earlier times is asked
      if (round % 16 === 14) {
        protocol.abandon(0, 2, 'unreachable')
      }

      const partner = protocol.partner(0)
      assert.ok(partner !== 2 || (round + 2) % 16 > 2 || round < 14, `asks the dead in round ${round}`)
      protocol.requestIntroduction(1, request)
      protocol.absorb(0, 3, request, reply)
    }
  })
})
