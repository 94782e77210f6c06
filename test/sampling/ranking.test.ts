import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Failure, NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { MAX_AGE } from '../../src/gossip/views.ts'
import { RANKING_LIFETIME } from '../../src/sampling/constants.ts'
import { samplingParameters } from '../../src/sampling/parameters.ts'
import { RankedSlots } from '../../src/sampling/ranked-slots.ts'
import { RankingSampling } from '../../src/sampling/ranking.ts'
import { chiSquare, chiSquarePValue } from '../../src/sim/experiments/chi-square.ts'
import { SlowRanking } from './slow-ranking.ts'

function ranking(nodes: number, view: number, seed: number): RankingSampling {
  return new RankingSampling({
    nodes,
    parameters: samplingParameters({ defence: 'ranking', view }),
    random: new Random(seed)
  })
}

function viewOf({ views }: RankingSampling, node = 0): number[] {
  return Array.from({ length: views.size(node) }, (_, i) => views.peer(node, i)).sort((a, b) => a - b)
}

/** Somebody tells the node of these peers, so many of them in a message. */
function tell(protocol: RankingSampling, node: number, peers: number[], age = 0): void {
  const message = protocol.createMessage()
  const out = protocol.createMessage()

  for (let first = 0; first < peers.length; first += message.peers.length) {
    message.clear()

    for (const peer of new Set(peers.slice(first, first + message.peers.length))) {
      message.add(peer, age)
    }

    protocol.respond(node, message.peers[0], message, out)
  }
}

const range = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)
const FAILURES: Failure[] = ['busy', 'unreachable', 'timeout', 'malformed', 'aborted']

describe('ranking by hidden ranks', () => {
  it('has the members that sorting everybody ever heard of gives, in every step of any history', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(2, 3, 8, 20),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(2, 6, 40),
        (seed, view, peers, healthy) => {
          const protocol = ranking(1, view, seed)
          const slow = new SlowRanking(view, new Random(seed).next() | 0)
          const random = new Random(seed + 1)
          const [request, message, out] = Array.from({ length: 3 }, () => protocol.createMessage())
          /** The latest and the earliest round in which each peer is said to have been alive. */
          const alive = new Map<number, { first: number; last: number }>()
          let round = 0

          const met = (peer: number, at: number) => {
            const { first, last } = alive.get(peer) ?? { first: at, last: at }
            alive.set(peer, { first: Math.min(first, at), last: Math.max(last, at) })
          }

          const say = (first: number) => {
            message.clear()
            const named = new Set(first === NOBODY ? [] : [first])

            for (let i = random.below(message.peers.length); i > 0; i--) {
              named.add(random.below(peers + 1))
            }

            for (const peer of [...named].slice(0, message.peers.length)) {
              const age = random.below(20)
              message.add(peer, age)
              slow.hear(peer)
              met(peer, round - age)
            }
          }

          const assertAlike = () => {
            const guests = viewOf(protocol).filter(peer => !slow.members.includes(peer))
            assert.deepEqual(
              viewOf(protocol).filter(peer => !guests.includes(peer)),
              slow.members.sort((a, b) => a - b)
            )
            assert.ok(guests.every(peer => alive.has(peer) && !slow.refuses(peer)))
            assert.ok([...slow.members, ...slow.successors].every(peer => protocol.knows(0, peer)))
            assert.ok(protocol.views.indexOf(0, 0) === -1)

            for (let i = 0; i < protocol.views.size(0); i++) {
              const { first, last } = alive.get(protocol.views.peer(0, i)) ?? { first: 0, last: 0 }
              const age = protocol.views.age(0, i)
              assert.ok(round - last <= age && age <= round - first, `age ${age} in round ${round}: ${first}, ${last}`)
            }
          }

          for (let step = 0; step < 300; step++) {
            if (random.below(3) === 0) {
              const from = 1 + random.below(peers)
              slow.met(from)
              say(from)
              protocol.respond(0, from, message, out)
              assertAlike()
              continue
            }

            slow.beginRound()
            const partner = protocol.partner(0)
            round++
            assertAlike()

            if (partner === NOBODY) {
              assert.equal(slow.members.length, 0)
              continue
            }

            assert.notEqual(protocol.views.indexOf(0, partner), -1)
            protocol.request(0, partner, request)

            if (random.below(healthy) > 0) {
              slow.met(partner)
              met(partner, round)
              say(NOBODY)
              protocol.absorb(0, partner, request, message)
            } else {
              // live, a peer from outside of the view may have been asked
              const asked = random.below(3) > 0 ? partner : 1 + random.below(peers)
              const why = FAILURES[random.below(FAILURES.length)]
              protocol.abandon(0, asked, why)

              if (why === 'busy') {
                met(asked, round)
              } else if (why !== 'aborted') {
                slow.failed(asked)
              }
            }

            assertAlike()
          }
        }
      ),
      { numRuns: 150 }
    )
  })

  it('has the same members in whatever order and however often it is told of the same peers', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 300 }),
        (seed, told) => {
          const [once, often] = [ranking(1, 10, seed), ranking(1, 10, seed)]
          const peers = [...new Set(told)].sort((a, b) => a - b)
          tell(once, 0, peers)
          tell(often, 0, [...told, ...peers.toReversed()])
          const slow = new SlowRanking(10, new Random(seed).next() | 0)
          peers.forEach(peer => {
            slow.hear(peer)
          })

          for (const protocol of [once, often]) {
            assert.ok(slow.members.every(peer => viewOf(protocol).includes(peer)))
            assert.equal(protocol.views.size(0), Math.min(10, peers.length), 'guests take what room there is')
          }
        }
      )
    )
  })

  for (const rounds of [0, RANKING_LIFETIME / 2, 3 * RANKING_LIFETIME]) {
    it(`gives everybody the same share of views after ${rounds} rounds, whoever is spoken of a hundred times as often`, () => {
      const nodes = 2_000
      const peers = 120
      const view = 12
      const protocol = ranking(nodes, view, 5)
      const random = new Random(6)
      const everybody = range(nodes, peers)
      const loud = nodes + 7
      const counts = new Uint32Array(peers)

      for (let node = 0; node < nodes; node++) {
        tell(protocol, node, everybody)

        for (let round = 0; round < rounds; round++) {
          protocol.partner(node)
          const heard = range(0, 3).map(() => (random.below(2) === 0 ? loud : nodes + random.below(peers)))
          tell(protocol, node, heard)
        }

        for (const peer of viewOf(protocol, node)) {
          counts[peer - nodes]++
        }
      }

      const links = counts.reduce((sum, count) => sum + count)
      const p = chiSquarePValue(chiSquare(counts, links, peers), peers - 1)
      assert.ok(p > 1e-3, `p = ${p}`)
      const mean = links / peers
      assert.ok(
        Math.abs(counts[7] - mean) < 4 * Math.sqrt(mean),
        `${counts[7]} views have the loud one, usual are ${mean}`
      )
    }).timeout(20_000)
  }

  it('gives each place a new holder in a lifetime, now and then the same, one place after the other', () => {
    const view = 20
    const protocol = ranking(1, view, 3)
    const everybody = range(1, 2_000)
    tell(protocol, 0, everybody)
    let before = viewOf(protocol)
    let changes = 0

    for (let round = 0; round < 4 * RANKING_LIFETIME; round++) {
      protocol.partner(0)
      tell(protocol, 0, everybody)
      const now = viewOf(protocol)
      const gone = before.filter(peer => !now.includes(peer)).length
      assert.ok(gone <= Math.ceil(view / RANKING_LIFETIME), `${gone} at once`)
      changes += gone
      before = now
    }

    // the last round's turns come with the next one
    assert.ok(changes > 3.7 * view && changes < 4 * view, `${changes} changes`)
  })

  it('knows of a successor when it was last alive, and not more of anybody than an age can say', () => {
    const protocol = ranking(1, 2, 1)
    const everybody = range(1, 300)
    tell(protocol, 0, everybody, MAX_AGE)

    for (let round = 0; round < RANKING_LIFETIME + 1; round++) {
      protocol.partner(0)
      assert.ok(range(0, 2).every(i => protocol.views.age(0, i) === MAX_AGE))
    }

    const before = viewOf(protocol)
    tell(protocol, 0, everybody, 5)

    for (let round = 0; round < RANKING_LIFETIME; round++) {
      protocol.partner(0)
      assert.ok(range(0, 2).every(i => protocol.views.age(0, i) === 6 + round))
    }

    assert.notDeepEqual(viewOf(protocol), before)
  })

  it('keeps a successor that is merely busy, and drops one that does not answer', () => {
    for (const why of FAILURES) {
      const protocol = ranking(1, 2, 4)
      tell(protocol, 0, range(1, 100))
      const successors = range(1, 100).filter(peer => protocol.knows(0, peer) && !viewOf(protocol).includes(peer))
      assert.ok(successors.length > 0)

      for (const peer of successors) {
        protocol.abandon(0, peer, why)
      }

      for (let round = 0; round < RANKING_LIFETIME + 1; round++) {
        protocol.partner(0)
      }

      const stays = why === 'busy' || why === 'aborted'
      assert.ok(successors.every(peer => viewOf(protocol).includes(peer) === stays))
    }
  })

  it('asks the member that was spoken of least, and first of all one that gave no sign of life for long', () => {
    const protocol = ranking(1, 5, 2)
    tell(protocol, 0, range(1, 100))
    const members = viewOf(protocol)
    const [quiet] = members
    tell(protocol, 0, members)
    tell(protocol, 0, members.slice(1))
    assert.equal(protocol.partner(0), quiet)
    const asked = new Set(members.map(() => protocol.anotherPartner(0)))
    assert.equal(asked.size, members.length, 'who was asked is not asked again while there are others')

    const silent = members[3]

    for (let round = 0; round < 5; round++) {
      tell(
        protocol,
        0,
        members.filter(peer => peer !== silent)
      )
      protocol.partner(0)
    }

    assert.equal(protocol.anotherPartner(0), silent)
  })

  it('deals the views that a run begins with to their places', () => {
    const protocol = ranking(30, 10, 8)

    for (let node = 0; node < 30; node++) {
      range(1, 10).forEach(i => {
        protocol.views.append(node, (node + i) % 30, i)
      })
    }

    protocol.takeViews(20)
    assert.equal(protocol.views.size(25), 10, 'others stay as they are')

    for (let node = 0; node < 20; node++) {
      const slow = new SlowRanking(10, secretOf(8, node))
      // the twin's node is 0: nobody else is called so
      const heard = range(1, 10).map(i => (node + i) % 30)
      heard
        .filter(peer => peer !== 0)
        .forEach(peer => {
          slow.hear(peer)
        })

      if (!heard.includes(0)) {
        // there is room for everybody, with a place or as a guest
        assert.deepEqual(
          viewOf(protocol, node),
          heard.toSorted((a, b) => a - b)
        )
        assert.ok(slow.members.every(peer => heard.includes(peer)))
      }

      for (const peer of viewOf(protocol, node)) {
        const age = protocol.views.age(node, protocol.views.indexOf(node, peer))
        assert.equal((node + age) % 30, peer)
      }
    }
  })
})

function secretOf(seed: number, node: number): number {
  const random = new Random(seed)
  random.skip(node)
  return random.next() | 0
}

describe('ranked slots', () => {
  it('name the member that was spoken of least, of equals the first, and nobody where there is none', () => {
    const slots = new RankedSlots(2, 4)
    assert.equal(slots.leastHit(1), NOBODY)
    slots.setMember(5, 50, 1)
    slots.setMember(7, 70, 1)
    assert.equal(slots.leastHit(1), 50)
    slots.countHit(5)
    assert.equal(slots.leastHit(1), 70)
    slots.countHit(7)
    assert.equal(slots.leastHit(1), 50)
    assert.equal(slots.leastHit(0), NOBODY)
  })

  it('stop counting before they begin anew', () => {
    const slots = new RankedSlots(1, 2)
    slots.setMember(0, 3, 1)
    slots.setMember(1, 4, 1)
    range(0, 65_536).forEach(() => {
      slots.countHit(0)
    })
    slots.countHit(1)
    assert.equal(slots.leastHit(0), 4)
    range(0, 70_000).forEach(() => {
      slots.countHit(1)
    })
    assert.equal(slots.leastHit(0), 3)
  })
})
