import assert from 'node:assert/strict'
import fc from 'fast-check'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { Random } from '../../src/gossip/random.ts'
import { MAX_AGE, QUARANTINE_ROUNDS, UNPROVEN_AGE, WELCOME_TURNS } from '../../src/overlay/constants.ts'
import { type OverlayOptions, overlayParameters } from '../../src/overlay/parameters.ts'
import { OverlayProtocol } from '../../src/overlay/protocol.ts'
import { torus } from '../../src/overlay/torus.ts'

const SIDE = 10
const NODES = SIDE * SIDE
const [NORTH, EAST, SOUTH, WEST] = [0, 1, 2, 3]
const at = (x: number, y: number) => y * SIDE + x

/** A node on each point, above members that the test says. */
function overlay(options: OverlayOptions = {}, seed = 1) {
  const places = torus(SIDE, SIDE).places(NODES)

  for (let node = 0; node < NODES; node++) {
    places.set(node, [node % SIDE, Math.floor(node / SIDE)])
  }

  const below: number[][] = Array.from({ length: NODES }, () => [])
  const source = {
    sample: (node: number) => below[node][0] ?? NOBODY,
    members: (node: number, out: Int32Array) => {
      out.set(below[node])
      return below[node].length
    }
  }
  const protocol = new OverlayProtocol({
    nodes: NODES,
    parameters: overlayParameters(options),
    places,
    source,
    random: new Random(seed)
  })
  const view = (node: number) =>
    Array.from({ length: protocol.views.size(node) }, (_, i) => protocol.views.peer(node, i))
  const message = (...entries: Array<[peer: number, age: number]>) => {
    const said = protocol.createMessage()

    for (const [peer, age] of entries) {
      said.add(peer, age)
    }

    return said
  }

  return { protocol, places, below, view, message }
}

describe('an exchange of the overlay', () => {
  it('tells the other one what is nearest to it, not to oneself, and first of oneself', () => {
    const { protocol, below, message } = overlay({ view: 8, message: 4 })
    const [near, mid, far] = [at(0, 0), at(2, 0), at(5, 5)]
    below[near] = [at(1, 0), at(0, 1), at(4, 5), at(5, 4), at(6, 5), mid, far]
    protocol.partner(near)
    const said = message()
    protocol.request(near, far, said)
    assert.equal(said.peers[0], near)
    assert.equal(said.ages[0], 0)
    assert.deepEqual(new Set(said.peers.subarray(1, said.size)), new Set([at(4, 5), at(5, 4), at(6, 5)]))
    assert.ok(said.ages.subarray(1, said.size).every(age => age === UNPROVEN_AGE))
  })

  it('tells of who is beyond a hole, if it has somebody there itself', () => {
    const { protocol, message } = overlay({ view: 8, message: 6, psi: 1 })
    // nobody to the west and to the south but far away
    const crowd = [1, 2, 10, 11, 12, 20, 21, 22].map((peer): [number, number] => [peer, 0])
    const [west, south] = [at(6, 0), at(0, 6)]
    const all = protocol.createMessage()
    const [first, second] = [crowd.slice(0, 6), crowd.slice(2)]

    for (const part of [first, second, [[west, 0] as [number, number], [south, 0] as [number, number]]]) {
      protocol.respond(0, part[0][0], message(...part), all)
    }

    const said = message()
    protocol.request(0, 1, said)
    const named = [...said.peers.subarray(0, said.size)]
    // to the west of the other one somebody is nearer
    assert.ok(named.includes(south) && !named.includes(west), String(named))
  })

  it('fills messages of any length to their end and no further, and names nobody twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 100 }),
        fc.integer({ min: 5, max: 40 }),
        fc.uniqueArray(fc.nat(NODES - 1), { maxLength: 64 }),
        fc.nat(NODES - 1),
        (size, viewSize, members, to) => {
          const { protocol, below, message, view } = overlay({ message: size, view: viewSize, psi: 1 })
          below[0] = members
          protocol.partner(0)
          const known = new Set([...view(0), ...members].filter(peer => peer !== 0 && peer !== to))
          const said = message()
          protocol.request(0, to, said)
          const named = [...said.peers.subarray(0, said.size)]
          assert.equal(named.length, Math.min(size, known.size + 1))
          assert.equal(new Set(named).size, named.length)
          assert.ok(!named.includes(to) || to === 0)
        }
      )
    )
  })

  it('keeps the nearest of what comes, whatever comes; never itself, and nobody twice', () => {
    const entry = fc.tuple(fc.nat(NODES - 1), fc.nat(MAX_AGE + 3))
    const entries = fc.uniqueArray(entry, { maxLength: 20, selector: ([peer]) => peer })

    fc.assert(
      fc.property(fc.array(entries, { minLength: 1, maxLength: 5 }), heard => {
        const { protocol, message, view, places } = overlay({ view: 5, message: 20 })

        for (const said of heard) {
          protocol.respond(0, said[0]?.[0] ?? 1, message(...said), message())
          const peers = view(0)
          assert.equal(new Set(peers).size, peers.length)
          assert.ok(!peers.includes(0) && peers.length <= 5)
        }

        const young = heard.flat().filter(([peer, age]) => peer !== 0 && age <= MAX_AGE)
        const least = Math.min(...young.map(([peer]) => places.distance(0, peer)))
        assert.equal(view(0).length, Math.min(5, new Set(young.map(([peer]) => peer)).size))
        assert.ok(young.length === 0 || Math.min(...view(0).map(peer => places.distance(0, peer))) === least)
      })
    )
  })

  it('drops whom nobody has heard of for long, and begins anew from below when all are gone', () => {
    const { protocol, below, message, view } = overlay()
    protocol.respond(0, 1, message([1, 0], [2, 5]), message())
    assert.deepEqual(view(0), [1, 2])

    for (let round = 1; round <= MAX_AGE + 1; round++) {
      protocol.partner(0)
      assert.deepEqual(view(0), round <= MAX_AGE - 5 ? [1, 2] : round <= MAX_AGE ? [1] : [])
    }

    assert.equal(protocol.partner(0), NOBODY)
    assert.equal(protocol.anotherPartner(0), NOBODY)
    below[0] = [7, 8]
    assert.ok([7, 8].includes(protocol.partner(0)))
  })

  it('takes nearer members from below, and none that are farther than a full view', () => {
    const { protocol, below, message, view } = overlay({ view: 5 })
    const full = [at(1, 0), at(9, 0), at(0, 1), at(0, 9), at(3, 0)]
    protocol.respond(0, full[0], message(...full.map((peer): [number, number] => [peer, 0])), message())
    below[0] = [at(5, 5), at(4, 0)]
    protocol.partner(0)
    assert.deepEqual(new Set(view(0)), new Set(full))
    below[0] = [at(5, 5), at(1, 1)]
    protocol.partner(0)
    assert.deepEqual(new Set(view(0)), new Set([...full.slice(0, 4), at(1, 1)]))
  })
})

describe('partners of the overlay', () => {
  it('are the psi nearest, each as likely as the others', () => {
    for (const psi of [1, 3, 6]) {
      const { protocol, message } = overlay({ view: 6, psi })
      const peers = [1, 2, 3, 4, 14, 24]
      const counts = new Map<number, number>()

      for (let i = 0; i < 600; i++) {
        protocol.respond(0, 1, message(...peers.map((peer): [number, number] => [peer, 0])), message())
        const partner = protocol.anotherPartner(0)
        counts.set(partner, (counts.get(partner) ?? 0) + 1)
      }

      // 24 stands for the north; to go to those that stand for a direction is its own rule
      const near = [...counts].filter(([peer]) => protocol.places.sides(0, peer) !== 1)
      assert.ok(
        near.every(([, count]) => count > 100 / psi),
        JSON.stringify([...counts])
      )
    }
  })

  it('are first of all those that may be dead', () => {
    const { protocol, message } = overlay({ psi: 2 })
    const around = [at(1, 0), at(9, 0), at(0, 1), at(0, 9)]
    const said = around.map((peer): [number, number] => [peer, peer === at(0, 9) ? UNPROVEN_AGE : 0])
    protocol.respond(0, around[0], message(...said), message())

    for (let i = 0; i < 20; i++) {
      assert.equal(protocol.anotherPartner(0), at(0, 9))
    }
  })

  it('leave when they do not answer, and are not taken back before their time, unless they speak', () => {
    const { protocol, below, message, view } = overlay()
    protocol.respond(0, 1, message([1, 0], [2, 0]), message())
    protocol.abandon(0, 1, 'timeout')
    protocol.abandon(0, 2, 'busy')
    protocol.abandon(0, 2, 'aborted')
    protocol.abandon(0, NOBODY, 'unreachable')
    assert.deepEqual(view(0), [2])
    assert.ok(protocol.knows(0, 1), 'its number must stay')
    assert.ok(!protocol.knows(0, 3))
    below[0] = [1]
    protocol.partner(0)
    protocol.respond(0, 2, message([2, 0], [1, 0]), message())
    assert.deepEqual(view(0), [2])
    const said = message()
    protocol.request(0, 2, said)
    assert.deepEqual([...said.peers.subarray(0, said.size)], [0])

    protocol.respond(0, 1, message([1, 0]), message())
    assert.deepEqual(view(0), [1, 2])

    protocol.abandon(0, 1, 'unreachable')
    protocol.forgive(0, 1)
    protocol.forgive(0, NOBODY)
    assert.ok(!protocol.knows(0, 1))
    protocol.partner(0)
    assert.deepEqual(view(0).sort(), [1, 2])

    protocol.abandon(0, 1, 'unreachable')

    for (let round = 1; round < QUARANTINE_ROUNDS; round++) {
      protocol.partner(0)
      assert.ok(!view(0).includes(1))
    }

    protocol.partner(0)
    assert.deepEqual(view(0), [1])
  })

  it('never stop to be asked over the edge of a hole, also when others of them were forgotten', () => {
    const { protocol, message, view } = overlay({ view: 8, message: 12, psi: 1 })
    // a crowd to the north and the east; one far away to the west and to the south
    const crowd = [1, 2, 3, 10, 11, 12, 20, 21].map((peer): [number, number] => [peer, 0])
    const [west, south] = [at(6, 0), at(0, 6)]
    protocol.respond(0, 1, message(...crowd, [west, 0], [south, 0]), message())
    assert.deepEqual(new Set(view(0).slice(-2)), new Set([west, south]))
    const asked = () => new Set(Array.from({ length: 60 }, () => protocol.anotherPartner(0)))
    assert.deepEqual(asked(), new Set([view(0)[0], west, south]))
    protocol.forget(0, west)
    assert.deepEqual(asked(), new Set([view(0)[0], south]))
    protocol.forget(0, view(0)[0])
    assert.deepEqual(asked(), new Set([view(0)[0], south]))
    protocol.forget(0, south)
    protocol.forget(0, 99)
    assert.deepEqual(asked(), new Set([view(0)[0]]))
  })
})

describe('neighbours on the shape', () => {
  it('are the nearest in each direction, or nobody', () => {
    const { protocol, message } = overlay()
    protocol.respond(0, 1, message([at(1, 0), 0], [at(2, 0), 0], [at(0, 3), 0]), message())
    const neighbours = [NORTH, EAST, SOUTH, WEST].map(direction => protocol.neighbour(0, direction))
    assert.deepEqual(neighbours, [at(0, 3), at(1, 0), at(0, 3), at(2, 0)])
    assert.equal(protocol.neighbour(5, NORTH), NOBODY)
  })

  it('of two at one point: who spoke last, but the settled one until it may be dead', () => {
    const { protocol, places, message } = overlay()
    places.set(50, [1, 0])
    protocol.respond(0, 1, message([1, 2], [50, 1]), message())
    assert.equal(protocol.neighbour(0, EAST), 50)
    assert.equal(protocol.neighbour(0, EAST, 1), 1)
    assert.equal(protocol.neighbour(0, EAST, 77), 50)

    for (let round = 2; round < UNPROVEN_AGE; round++) {
      protocol.partner(0)
    }

    assert.equal(protocol.neighbour(0, EAST, 1), 50)
    assert.equal(protocol.neighbour(0, EAST, 50), 50)
  })

  it('never are peers at the same point', () => {
    const { protocol, places, message } = overlay()
    places.set(1, [0, 0])
    protocol.respond(0, 1, message([1, 0]), message())
    assert.deepEqual(
      [NORTH, EAST, SOUTH, WEST].map(direction => protocol.neighbour(0, direction)),
      [NOBODY, NOBODY, NOBODY, NOBODY]
    )
  })
})

describe('newcomers', () => {
  it('speak to one neighbour after the other in one round, which counts as one, and then to nobody', () => {
    const { protocol, below, message, view } = overlay()
    const around = [at(1, 0), at(9, 0), at(0, 1), at(0, 9)]
    below[0] = around
    protocol.newcomers(0, 1)
    assert.equal(protocol.turns(0), WELCOME_TURNS)
    const spoken = new Set<number>()

    for (let turn = 0; turn < around.length; turn++) {
      const partner = protocol.partner(0)
      spoken.add(partner)
      protocol.absorb(0, partner, message(), message([partner, 0]))
    }

    assert.deepEqual(spoken, new Set(around))
    assert.equal(protocol.partner(0), NOBODY)
    assert.equal(protocol.turns(0), 1)
    assert.ok(view(0).every((_, i) => protocol.views.age(0, i) === 0))
    assert.notEqual(protocol.partner(0), NOBODY)
    assert.ok(view(0).every((_, i) => protocol.views.age(0, i) === 1))
  })
})

describe('the simpler rule', () => {
  it('asks a random peer, which learns nothing, and keeps it where it is nearer', () => {
    const { protocol, below, message, view } = overlay({ selection: 'closest', view: 5, psi: 1 })
    below[0] = [at(5, 5), 1]
    protocol.newcomers(0, 1)
    assert.equal(protocol.turns(0), 1)
    assert.equal(protocol.partner(0), at(5, 5))
    assert.deepEqual(view(0), [])
    const [request, reply] = [message(), message()]
    protocol.request(0, 55, request)
    assert.ok(protocol.respond(55, 0, request, reply))
    protocol.absorb(0, 55, request, reply)
    assert.deepEqual([request.size, reply.size], [1, 1])
    assert.deepEqual(view(0), [55])
    assert.deepEqual(view(55), [])
  })
})

describe('fetching the state of nodes ahead of their turns', () => {
  it('changes nothing and draws nothing', () => {
    const runs = [true, false].map(isAhead => {
      const { protocol, below, message } = overlay()
      below[0] = [1, 2, 3, 44, 55]
      protocol.partner(0)
      protocol.respond(0, 1, message([1, 0], [2, 0]), message())

      if (isAhead) {
        protocol.prefetch(Int32Array.of(0, 1, 2), 0, 3)
      }

      return [...protocol.views.words, ...Array.from({ length: 20 }, () => protocol.anotherPartner(0))]
    })
    assert.deepEqual(runs[0], runs[1])
  })
})

describe('the parameters of the overlay', () => {
  it('have defaults that fit each other, and are refused beyond their ranges', () => {
    assert.deepEqual(overlayParameters(), { view: 20, message: 20, psi: 5, selection: 'tman' })
    assert.equal(overlayParameters({ view: 30 }).message, 30)

    for (const options of [
      { view: 4 },
      { view: 101 },
      { message: 1 },
      { message: 101 },
      { psi: 0 },
      { view: 8, psi: 9 },
      { selection: 'none' as 'tman' }
    ]) {
      assert.throws(() => overlayParameters(options), ParameterError, JSON.stringify(options))
    }

    assert.equal(overlayParameters({ view: 5 }).psi, 5)
  })
})
