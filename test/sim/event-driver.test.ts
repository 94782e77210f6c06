import assert from 'node:assert/strict'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import type { Delays } from '../../src/sim/delays.ts'
import { EventDriver, type EventTiming } from '../../src/sim/event-driver.ts'
import { type Faults, NO_FAULTS } from '../../src/sim/faults.ts'
import { World } from '../../src/sim/world.ts'
import { PlainProtocol, type Step } from './plain-protocol.ts'

const NODES = 50

/** Of the time that protocols are told: a period has so many ticks. */
const TICKS = 16

interface Setting extends Partial<Faults>, Partial<EventTiming> {
  nodes?: number
  rounds?: number
  /** How long each message takes, in periods of a second. */
  delay?: number | ((from: number, to: number) => number)
  choose?: (node: number) => number
  prepare?: (protocol: PlainProtocol) => void
}

/** Runs nodes each of which talks to the next one, or to whom it is said, without jitter where nothing is said. */
function run({
  nodes = NODES,
  rounds = 40,
  period = 1_000,
  jitter = 0,
  exchangeTimeout = 500,
  delay = 0,
  choose = node => (node + 1) % nodes,
  prepare = () => {},
  ...faults
}: Setting = {}) {
  const world = new World(nodes, { ...NO_FAULTS, ...faults }, rounds, new Random(1))
  const protocol = new PlainProtocol(choose)
  prepare(protocol)
  const inPeriods = typeof delay === 'number' ? () => delay : delay
  const delays: Delays = { mean: 0, delay: (from, to) => inPeriods(from, to) * period }
  const timing = { period, jitter, exchangeTimeout }
  const driver = new EventDriver(protocol, world, new Random(2), timing, delays)

  for (let round = 1; round <= rounds; round++) {
    driver.run(round, world.beginRound(round))
    world.endRound(round)
  }

  return { world, protocol, driver, counts: driver.counts }
}

/** When each node had its turns, in periods. */
function turnsOf(protocol: PlainProtocol): Map<number, number[]> {
  const turns = new Map<number, number[]>()

  for (const { node, time } of protocol.all('partner')) {
    turns.set(node, [...(turns.get(node) ?? []), time / TICKS])
  }

  return turns
}

function gapsOf(times: number[]): number[] {
  return times.slice(1).map((time, i) => time - times[i])
}

/** What became of each exchange of a node. */
function endsOf({ steps }: PlainProtocol, node: number): Step[] {
  const ends = ['absorb', 'busy', 'unreachable', 'timeout']
  return steps.filter(step => step.node === node && ends.includes(step.what))
}

function assertAbout(count: number, expected: number, deviation: number): void {
  assert.ok(Math.abs(count - expected) <= 5 * deviation, `${count} instead of about ${expected}`)
}

describe('event mode', () => {
  it('lets each node start one exchange a period, by a clock of its own', () => {
    const { protocol, counts } = run()
    const turns = turnsOf(protocol)
    const first = [...turns.values()].map(([time]) => time)
    assert.equal(counts.started, NODES * 40)
    assert.ok(Math.min(...first) < 0.1 && Math.max(...first) > 0.9 && Math.max(...first) < 1, 'at any moment')

    for (const times of turns.values()) {
      assert.equal(times.length, 40)
      // exactly a period, but for the resolution of the time that protocols are told
      assert.ok(gapsOf(times).every(gap => Math.abs(gap - 1) <= 1 / TICKS))
    }
  })

  for (const jitter of [0.2, 1]) {
    it(`varies each period by up to ${jitter * 100} % either way, evenly, and not on average`, () => {
      const { protocol } = run({ jitter, rounds: 200 })
      const gaps = [...turnsOf(protocol).values()].flatMap(gapsOf)
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
      const far = gaps.filter(gap => Math.abs(gap - 1) > jitter / 2).length / gaps.length
      assert.ok(Math.min(...gaps) >= 1 - jitter - 1 / TICKS)
      assert.ok(Math.max(...gaps) <= 1 + jitter + 1 / TICKS)
      assertAbout(mean, 1, jitter / Math.sqrt(3 * gaps.length))
      assert.ok(far > 0.35 && far < 0.65, `${far}`)
    })
  }

  it('lets messages take their time, there and back', () => {
    const { protocol } = run({ nodes: 2, rounds: 10, delay: (from, to) => (from < to ? 0.25 : 0.125) })
    const of = (what: Step['what'], ...[node, peer]: [number, number]) =>
      protocol.all(what).filter(step => step.node === node && step.peer === peer)

    for (const [node, peer, there, back] of [
      [0, 1, 4, 2],
      [1, 0, 2, 4]
    ]) {
      const asked = of('request', node, peer)
      const heard = of('respond', peer, node)
      const ended = of('absorb', node, peer)
      assert.ok(ended.length >= 9)
      ended.forEach(({ time }, i) => {
        assert.equal(heard[i].time - asked[i].time, there)
        assert.equal(time - heard[i].time, back)
      })
    }
  })

  it('lets no node begin before its last exchange is over', () => {
    // an answer after 1.5 periods: every other turn passes
    const { protocol, counts } = run({ delay: 0.75, exchangeTimeout: 10_000 })
    assertAbout(counts.started, (NODES * 40) / 2, NODES)

    for (let node = 0; node < NODES; node++) {
      const own = protocol.steps.filter(step => step.node === node && ['request', 'absorb'].includes(step.what))
      own.forEach(({ what }, i) => {
        assert.equal(what, i % 2 === 0 ? 'request' : 'absorb')
      })
    }
  })

  it('loses a share of the requests, and the same share of the answers, which the deadline tells', () => {
    const { protocol, counts } = run({ loss: 0.2, rounds: 400 })
    const arrived = protocol.all('respond').length
    assert.equal(counts.started, 20_000)
    assertAbout(arrived, 20_000 * 0.8, Math.sqrt(20_000 * 0.8 * 0.2))
    assertAbout(counts.answered, 20_000 * 0.64, Math.sqrt(20_000 * 0.64 * 0.36))
    // those of the last half second are still waited for
    assertAbout(counts.timeout, 20_000 * 0.36, Math.sqrt(20_000 * 0.36))
    const asked = protocol.all('request').filter(({ node }) => node === 7)
    const timeouts = endsOf(protocol, 7).filter(({ what }) => what === 'timeout')
    assert.ok(timeouts.every(({ time }) => asked.some(request => request.time === time - TICKS / 2)))
  })

  it('has no use for an answer that comes after the deadline', () => {
    const { protocol, counts } = run({ delay: 0.3, exchangeTimeout: 500 })
    assert.equal(protocol.all('absorb').length, 0)
    assert.equal(counts.answered, 0)
    assert.equal(protocol.all('respond').length, protocol.all('request').length - requestsUnderWay(protocol))

    for (let node = 0; node < NODES; node++) {
      const own = protocol.steps.filter(step => step.node === node && ['request', 'timeout'].includes(step.what))
      own.forEach(({ what, time }, i) => {
        assert.equal(what, i % 2 === 0 ? 'request' : 'timeout')
        assert.ok(i % 2 === 0 || time - own[i - 1].time === TICKS / 2)
      })
    }
  })

  function requestsUnderWay(protocol: PlainProtocol): number {
    return protocol.all('request').filter(({ time }) => time / TICKS > 40 - 0.3 - 1 / TICKS).length
  }

  it('does not take a late answer for that of the next exchange', () => {
    // every other request takes so long that its answer comes while the next one is waited for
    let requests = 0
    const answers = new Map<number, number>()
    const { protocol, counts } = run({
      nodes: 3,
      rounds: 300,
      choose: node => (node === 0 ? 1 + (++requests % 2) : NOBODY),
      delay: (from, to) => (from === 0 && to === 1 ? 1.05 : 0.1),
      exchangeTimeout: 900
    })

    for (const { peer } of protocol.all('absorb').filter(({ node }) => node === 0)) {
      answers.set(peer, (answers.get(peer) ?? 0) + 1)
    }

    const late = protocol.all('timeout').filter(({ node, peer }) => node === 0 && peer === 1)
    assert.ok(late.length >= 148)
    assert.equal(answers.get(1), undefined)
    assert.ok((answers.get(2) ?? 0) >= 148)
    assert.ok(counts.answered > 0)
  })

  it('notices at once that a partner is dead', () => {
    const { world, protocol } = run({ crash: [{ share: 0.5, round: 0 }], rounds: 2 })
    const unreachable = protocol.all('unreachable')
    assert.ok(unreachable.length > 0)

    for (const { node, peer, time } of unreachable) {
      assert.equal(world.alive[peer], 0)
      assert.ok(protocol.all('partner').some(turn => turn.node === node && turn.time === time))
      assert.ok(!protocol.all('request').some(request => request.node === node))
    }
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

  it('lets a node that is keen start several exchanges a period, at even distances', () => {
    const { protocol } = run({ prepare: ({ keen }) => keen.set(7, 4) })
    const turns = turnsOf(protocol)
    const gaps = gapsOf(turns.get(7) ?? [])
    assert.ok(gaps.length >= 4 * 39 - 1 && gaps.every(gap => Math.abs(gap - 0.25) <= 1 / TICKS))
    assert.equal(turns.get(8)?.length, 40)
  })

  it('lets the dead have no more turns, nor hear, nor end anything', () => {
    const { world, protocol } = run({ crash: [{ share: 0.5, round: 5 }], delay: 0.2, jitter: 0.2 })

    for (const { what, node, time } of protocol.steps) {
      assert.ok(world.alive[node] === 1 || time < 5 * TICKS, `${what} of node ${node} at ${time}`)
    }
  })

  it('lets the deadline end a request that is under way to somebody who dies', () => {
    const { world, protocol } = run({ crash: [{ share: 0.5, round: 1 }], delay: 0.4, exchangeTimeout: 3_000 })
    const asked = protocol.all('request').filter(({ peer, time }) => world.alive[peer] === 0 && time >= 0.7 * TICKS)
    const survivors = asked.filter(({ node }) => world.alive[node] === 1)
    assert.ok(survivors.length > 0)

    for (const { node, peer, time } of survivors) {
      const end = endsOf(protocol, node).find(step => step.time > time)
      assert.deepEqual(end, { what: 'timeout', node, peer, time: time + 3 * TICKS })
    }
  })

  it('delivers what was under way from somebody who dies', () => {
    const { world, protocol } = run({ crash: [{ share: 0.5, round: 1 }], delay: 0.4, rounds: 2 })
    const heard = protocol.all('respond').filter(({ peer, time }) => world.alive[peer] === 0 && time >= TICKS)
    assert.ok(heard.length > 0)
  })

  it('lets no message cross a cut, not even one that is under way as it begins', () => {
    const { world, protocol, counts } = run({ partition: [{ from: 5, to: 10, parts: 2 }], delay: 0.2, rounds: 9 })
    const crossing = ({ node, peer }: Step) => !world.reaches(node, peer)
    const arrived = protocol.steps.filter(step => ['respond', 'absorb'].includes(step.what) && crossing(step))
    assert.ok(arrived.some(({ time }) => time < 5 * TICKS))
    assert.ok(!arrived.some(({ time }) => time >= 5 * TICKS))
    assert.ok(counts.unreachable > 0)
    const underWay = protocol.all('request').filter(step => crossing(step) && step.time > 4.7 * TICKS)
    assert.ok(underWay.length > 0)

    for (const { node, time } of underWay) {
      assert.equal(endsOf(protocol, node).find(step => step.time > time)?.what, 'timeout')
    }
  })

  it('lets all messages through again once the cut is over', () => {
    const { protocol } = run({ partition: [{ from: 5, to: 10, parts: 2 }], rounds: 30 })
    assert.ok(protocol.all('unreachable').every(({ time }) => time >= 5 * TICKS && time < 10 * TICKS))
    assert.equal(protocol.all('absorb').filter(({ time }) => time >= 10 * TICKS).length, 20 * NODES)
  })

  it('tells of a busy partner when the answer comes', () => {
    const { protocol, counts } = run({ rounds: 10, delay: 0.125, prepare: ({ busy }) => busy.add(7) })
    const asked = protocol.all('request').filter(({ node }) => node === 6)
    const ends = endsOf(protocol, 6)
    assert.ok(counts.busy >= 9)
    ends.forEach(({ what, time }, i) => {
      assert.equal(what, 'busy')
      assert.equal(time - asked[i].time, TICKS / 4)
    })
  })

  it('makes the periods and the messages of slow nodes longer by their factor', () => {
    const { world, protocol } = run({ slow: { share: 0.5, factor: 4 }, delay: 1 / TICKS, exchangeTimeout: 3_000 })
    const isSlow = (node: number) => world.slowness?.[node] === 4

    for (const [node, times] of turnsOf(protocol)) {
      assert.ok(gapsOf(times).every(gap => Math.abs(gap - (isSlow(node) ? 4 : 1)) <= 1 / TICKS))
      assert.ok(!isSlow(node) || times.length === 10, `${times.length}`)
    }

    for (const { node, peer, time } of protocol.all('absorb')) {
      const asked = protocol.all('request').findLast(step => step.node === node && step.time < time)
      assert.equal(time - (asked?.time ?? 0), isSlow(node) || isSlow(peer) ? 8 : 2)
    }
  })

  it('spreads the turns of slow nodes evenly over the rounds, from the first one on', () => {
    const { world, protocol } = run({ nodes: 400, rounds: 12, slow: { share: 1, factor: 4 } })
    const turns = [...turnsOf(protocol).values()].flat()

    for (let round = 0; round < 12; round++) {
      const share = turns.filter(time => Math.floor(time) === round).length / world.count
      assert.ok(share > 0.17 && share < 0.33, `${share} of them in round ${round + 1}`)
    }
  })

  it('has one look at the deadline of a node to come, however many exchanges it has begun', () => {
    const { driver } = run({ nodes: 50, rounds: 200, exchangeTimeout: 3_600_000 })
    // as many numbers as there is room for at first, and two events a node at most
    assert.ok(driver.stateBytes < 50_000, `${driver.stateBytes}`)
  })

  it('lets newcomers have their first turns at any moment of their first round', () => {
    const { protocol } = run({ nodes: 20, join: [{ share: 2, round: 3 }], choose: () => 0, rounds: 5 })
    const first = [...turnsOf(protocol)].filter(([node]) => node >= 20).map(([, [time]]) => time)
    assert.equal(first.length, 40)
    assert.ok(Math.min(...first) >= 3 && Math.max(...first) < 4)
    assert.ok(Math.max(...first) - Math.min(...first) > 0.8)
  })

  it('lets those who know nobody ask a member for an introduction, and abandons it without naming a partner', () => {
    const { protocol } = run({
      loss: 0.5,
      choose: node => (node < 5 ? NOBODY : (node + 1) % NODES),
      prepare: ({ outsiders }) => {
        for (let node = 0; node < 5; node++) {
          outsiders.add(node)
        }
      }
    })
    const asked = protocol.all('introduction')
    const heard = protocol.all('respond').filter(({ peer }) => peer < 5)
    assert.equal(asked.length, 5 * 40)
    assert.ok(heard.every(({ node }) => node >= 5))
    assert.ok(heard.length > 50)
    assert.ok(protocol.all('timeout').some(({ node }) => node < 5))
    assert.ok(protocol.all('timeout').every(({ node, peer }) => node >= 5 || peer === NOBODY))
  })

  it('tells protocols the time, which never goes back, in sixteenths of a period', () => {
    const { protocol } = run({ rounds: 3, jitter: 0.5, delay: 0.1 })
    const times = protocol.steps.map(({ time }) => time)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b)
    )
    assert.equal(times[times.length - 1], 3 * TICKS - 1)
    assert.equal(new Set(times).size, 3 * TICKS)
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
    assert.deepEqual([startedBy(2), startedBy(4)], [20, 0])
    assert.ok(Math.abs(startedBy(3) - 5 * 20) <= 1)
  })
})
