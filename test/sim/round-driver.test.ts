import assert from 'node:assert/strict'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { type Faults, NO_FAULTS } from '../../src/sim/faults.ts'
import { RoundDriver } from '../../src/sim/round-driver.ts'
import { World } from '../../src/sim/world.ts'
import { PlainProtocol, type Step } from './plain-protocol.ts'

const NODES = 50

/** Runs so many rounds of nodes each of which talks to the next one, or to whom it is said. */
function run({
  nodes = NODES,
  rounds = 40,
  choose = node => (node + 1) % nodes,
  prepare = () => {},
  ...faults
}: Partial<Faults> & {
  nodes?: number
  rounds?: number
  choose?: (node: number) => number
  prepare?: (protocol: PlainProtocol) => void
} = {}) {
  const world = new World(nodes, { ...NO_FAULTS, ...faults }, rounds, new Random(1))
  const protocol = new PlainProtocol(choose)
  prepare(protocol)
  const driver = new RoundDriver(protocol, world, new Random(2))

  for (let round = 1; round <= rounds; round++) {
    world.beginRound(round)
    driver.run(round)
    world.endRound(round)
  }

  return { world, protocol, counts: driver.counts, turns: turnsOf(protocol) }
}

/** Who started exchanges in each round, in order. */
function turnsOf(protocol: PlainProtocol): number[][] {
  const turns: number[][] = []

  for (const { node, time } of protocol.all('partner')) {
    turns[time - 1] ??= []
    turns[time - 1].push(node)
  }

  return turns
}

function assertAbout(count: number, expected: number, deviation: number): void {
  assert.ok(Math.abs(count - expected) <= 5 * deviation, `${count} instead of about ${expected}`)
}

describe('round mode', () => {
  it('lets each living node start exactly one exchange a round', () => {
    const { world, turns } = run({ crash: [{ share: 0.4, round: 20 }] })
    const everybody = Array.from({ length: NODES }, (_, node) => node)
    const living = everybody.filter(node => world.alive[node] === 1)
    const numbers = (a: number, b: number) => a - b
    assert.deepEqual(turns[19].toSorted(numbers), everybody)
    assert.deepEqual(turns[20].toSorted(numbers), living)
    assert.ok(turns.every((turn, i) => turn.length === (i < 20 ? 50 : 30)))
  })

  it('draws the order of each round anew, every one as likely', () => {
    const { turns } = run({ nodes: 3, rounds: 6_000 })
    const orders = new Map<string, number>()

    for (const turn of turns) {
      orders.set(turn.join(), (orders.get(turn.join()) ?? 0) + 1)
    }

    assert.equal(orders.size, 6)

    for (const count of orders.values()) {
      assertAbout(count, 1_000, Math.sqrt(1_000))
    }
  })

  it('ends each exchange before the next one begins', () => {
    const { protocol, counts } = run()

    for (let i = 0; i < protocol.steps.length; i += 4) {
      const [{ node, time }, ...exchange] = protocol.steps.slice(i, i + 4)
      const peer = (node + 1) % NODES
      assert.deepEqual(exchange, [
        { what: 'request', node, peer, time },
        { what: 'respond', node: peer, peer: node, time },
        { what: 'absorb', node, peer, time }
      ])
    }

    assert.deepEqual(counts, { started: 2_000, answered: 2_000, busy: 0, unreachable: 0, timeout: 0 })
  })

  it('loses a share of the requests, and the same share of the answers', () => {
    const { protocol, counts } = run({ loss: 0.2, rounds: 400 })
    const arrived = protocol.all('respond').length
    assertAbout(arrived, 20_000 * 0.8, Math.sqrt(20_000 * 0.8 * 0.2))
    assertAbout(counts.answered, 20_000 * 0.64, Math.sqrt(20_000 * 0.64 * 0.36))
    assert.equal(counts.started, 20_000)
    assert.equal(counts.timeout, 20_000 - counts.answered)
    assert.equal(protocol.all('timeout').length, counts.timeout)
    assert.equal(protocol.all('absorb').length, counts.answered)
  })

  for (const mayJoin of [true, false]) {
    it(`does the same in a calm world as in one where anything could happen${mayJoin ? '' : ', without entrance'}`, () => {
      const steps = (slow: Faults['slow']) => {
        const world = new World(NODES, { ...NO_FAULTS, slow, join: [{ share: 0.2, round: 3 }] }, 10, new Random(1))
        const protocol = new PlainProtocol(node => (node % 3 === 0 ? NOBODY : (node * 7 + 1) % NODES))
        protocol.busy.add(8).add(9)
        protocol.outsiders.add(4)

        if (!mayJoin) {
          Object.assign(protocol, { isMember: undefined, requestIntroduction: undefined })
        }

        const driver = new RoundDriver(protocol, world, new Random(2), new Random(3))

        for (let round = 1; round <= 10; round++) {
          world.beginRound(round)
          assert.equal(world.calm, slow == null)
          driver.run(round)
          world.endRound(round)
        }

        return { steps: protocol.steps, counts: driver.counts }
      }
      const calm = steps(undefined)
      assert.deepEqual(steps({ share: 0, factor: 2 }), calm)
      assert.ok(calm.counts.busy > 0 && calm.counts.answered > 0)
      assert.equal(
        calm.steps.some(({ what }) => what === 'introduction'),
        mayJoin
      )
    })
  }

  it('draws losses and contacts from the source that it is given, and the world is none the wiser', () => {
    const outcome = (chance?: Random) => {
      const world = new World(NODES, { ...NO_FAULTS, loss: 0.5, churn: 0.1 }, 20, new Random(1))
      const driver = new RoundDriver(new PlainProtocol(() => NOBODY), world, new Random(2), chance)

      for (let round = 1; round <= 20; round++) {
        world.beginRound(round)
        driver.run(round)
        world.endRound(round)
      }

      return { living: world.living.slice(0, world.count), counts: driver.counts }
    }
    const untouched = new World(NODES, { ...NO_FAULTS, loss: 0.5, churn: 0.1 }, 20, new Random(1))

    for (let round = 1; round <= 20; round++) {
      untouched.beginRound(round)
      untouched.endRound(round)
    }

    assert.deepEqual(outcome(new Random(3)).living, untouched.living.slice(0, untouched.count))
    assert.notDeepEqual(outcome(new Random(4)).counts, outcome(new Random(3)).counts)
    assert.notDeepEqual(outcome().living, untouched.living.slice(0, untouched.count))
  })

  it('notices at once that a partner is dead, and asks nothing', () => {
    const { world, protocol, counts } = run({ crash: [{ share: 0.5, round: 0 }], rounds: 1 })
    assert.equal(counts.started, 25)
    assert.ok(counts.unreachable > 0)

    for (const { node, peer } of protocol.all('unreachable')) {
      assert.equal(world.alive[node], 1)
      assert.equal(world.alive[peer], 0)
      assert.ok(!protocol.all('request').some(request => request.node === node))
    }

    assert.equal(counts.answered + counts.unreachable, counts.started)
  })

  it('tries as many partners as the protocol does while they cannot be reached', () => {
    const { world, protocol, counts } = run({
      crash: [{ share: 0.5, round: 0 }],
      rounds: 1,
      prepare: plain => {
        plain.tries = 3
        plain.instead = (_, unreachable) => (unreachable + 1) % NODES
      }
    })

    for (const { node } of protocol.all('partner')) {
      const candidates = [1, 2, 3].map(step => (node + step) % NODES)
      const living = candidates.findIndex(peer => world.alive[peer] === 1)
      const dead = living === -1 ? candidates : candidates.slice(0, living)
      const steps = protocol.steps.filter(step => step.node === node)
      const peersOf = (what: Step['what']) => steps.filter(step => step.what === what).map(({ peer }) => peer)
      assert.deepEqual(peersOf('unreachable'), dead)
      assert.deepEqual(peersOf('request'), living === -1 ? [] : [candidates[living]])
    }

    const { started, answered, unreachable } = counts
    assert.ok(unreachable > answered / 2)
    assert.equal(started, answered + unreachable)
  })

  it('lets a node that is keen start several exchanges, one right after the other', () => {
    const { protocol, turns } = run({ rounds: 5, prepare: ({ keen }) => keen.set(7, 3) })

    for (const turn of turns) {
      assert.equal(turn.length, NODES + 2)
      assert.deepEqual(turn.slice(turn.indexOf(7), turn.indexOf(7) + 3), [7, 7, 7])
    }

    assert.equal(protocol.all('absorb').length, 5 * (NODES + 2))
  })

  it('asks a keen node no more in a round once it has found nobody to talk to', () => {
    let asked = 0
    const { protocol } = run({
      rounds: 4,
      choose: node => (node === 7 && ++asked % 3 !== 0 ? 8 : NOBODY),
      prepare: ({ keen, outsiders }) => {
        keen.set(7, 10)

        for (let node = 0; node < NODES; node++) {
          outsiders.add(node)
        }
      }
    })

    assert.equal(asked, 4 * 3)
    assert.equal(protocol.all('absorb').length, 4 * 2)
  })

  it('lets no exchange cross a cut while it lasts, and all of them before and afterwards', () => {
    const { protocol } = run({ partition: [{ from: 10, to: 20, parts: 2 }], rounds: 30 })
    const unreachable = protocol.all('unreachable')
    const inRound = (round: number) => unreachable.filter(({ time }) => time === round).map(({ node }) => node)
    assert.ok(inRound(11).length > 10)

    for (let round = 1; round <= 30; round++) {
      const expected = round > 10 && round <= 20 ? inRound(11).toSorted() : []
      assert.deepEqual(inRound(round).toSorted(), expected, `round ${round}`)
    }
  })

  it('says when a partner is busy', () => {
    const { protocol, counts } = run({ rounds: 10, prepare: ({ busy }) => busy.add(7) })
    assert.deepEqual(counts, { started: 500, answered: 490, busy: 10, unreachable: 0, timeout: 0 })
    assert.ok(protocol.all('busy').every(({ node, peer }) => node === 6 && peer === 7))
  })

  it('lets those who know nobody ask a member for an introduction', () => {
    const outsiders = [3, 4, 5]
    const { protocol, counts } = run({
      choose: node => (outsiders.includes(node) ? NOBODY : (node + 10) % NODES),
      prepare: protocol => {
        for (const node of outsiders) {
          protocol.outsiders.add(node)
        }
      }
    })
    const asked = protocol.all('introduction')
    assert.equal(asked.length, 3 * 40)
    const contacts = protocol.all('respond').filter(({ peer }) => outsiders.includes(peer))
    assert.equal(contacts.length, asked.length)
    assert.ok(contacts.every(({ node }) => !outsiders.includes(node)))
    assert.ok(new Set(contacts.map(({ node }) => node)).size > 20, 'any member will do')
    assert.equal(counts.answered, counts.started)
  })

  it('abandons an introduction that fails without naming a partner', () => {
    const { protocol } = run({
      loss: 1,
      choose: () => NOBODY,
      prepare: protocol => protocol.outsiders.add(0)
    })
    assert.ok(protocol.all('timeout').length > 0)
    assert.ok(protocol.all('timeout').every(({ peer }) => peer === NOBODY))
  })

  it('starts nothing where there is nobody to talk to', () => {
    const { counts } = run({
      choose: () => NOBODY,
      prepare: protocol => {
        for (let node = 0; node < NODES; node++) {
          protocol.outsiders.add(node)
        }
      }
    })
    assert.equal(counts.started, 0)
  })

  it('lets slow nodes start one exchange in so many rounds, and answer as everybody', () => {
    const { world, protocol, turns } = run({ slow: { share: 0.5, factor: 5 }, rounds: 20 })

    for (let node = 0; node < NODES; node++) {
      const isSlow = world.slowness?.[node] === 5
      assert.equal(turns.flat().filter(one => one === node).length, isSlow ? 4 : 20)
    }

    assert.equal(protocol.all('respond').length, protocol.all('partner').length)
  })

  it('lets newcomers start an exchange in the round in which they come', () => {
    const { turns } = run({ nodes: 10, join: [{ share: 1, round: 3 }], choose: () => 0, rounds: 5 })
    assert.deepEqual(
      turns.map(turn => turn.length),
      [10, 10, 10, 20, 20]
    )
  })

  it('lets a node start as many exchanges as it wants to, or none', () => {
    const { protocol } = run({
      rounds: 20,
      prepare: ({ keen }) => {
        keen.set(3, 5)
        keen.set(4, 0)
      }
    })
    const startedBy = (starter: number) => protocol.all('request').filter(({ node }) => node === starter).length
    assert.deepEqual([startedBy(2), startedBy(3), startedBy(4)], [20, 5 * 20, 0])
  })
})
