import assert from 'node:assert/strict'
import { NOBODY, TICKS_PER_PERIOD } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { PRESET_NAMES } from '../../src/sampling/parameters.ts'
import type { ExchangeCounts, SimulatedProtocol, SizedMessage } from '../../src/sim/driver.ts'
import { countComponents } from '../../src/sim/graph/components.ts'
import { LatencyMatrix } from '../../src/sim/latency/latency-matrix.ts'
import { createRoundTrips } from '../../src/sim/latency/round-trips.ts'
import { Network } from '../../src/sim/network.ts'
import { MODES, type NetworkOptions, networkParameters, type STARTS } from '../../src/sim/parameters.ts'
import { StackedProtocol } from './stacked-protocol.ts'

function networkOf(options: NetworkOptions, seed = 1): Network {
  return new Network(networkParameters(options), new Random(seed))
}

function advance(network: Network, rounds: number): Network {
  for (let i = 0; i < rounds; i++) {
    network.advance()
    network.check()
  }

  return network
}

function viewOf({ protocol: { views } }: Network, node: number): number[] {
  return Array.from({ length: views.size(node) }, (_, i) => views.peer(node, i))
}

function viewsOf(network: Network): number[][] {
  return Array.from({ length: network.world.used }, (_, node) => viewOf(network, node))
}

/** Who talked to whom while something was done: from whose requests and answers others have learnt. */
function talksDuring(network: Network, action: () => void): Array<[number, number]> {
  const { protocol } = network
  const { respond, absorb } = protocol
  const talks: Array<[number, number]> = []
  protocol.respond = (node, from, ...messages) => {
    talks.push([node, from])
    return respond.call(protocol, node, from, ...messages)
  }
  protocol.absorb = (node, from, ...messages) => {
    talks.push([node, from])
    absorb.call(protocol, node, from, ...messages)
  }
  action()
  Object.assign(protocol, { respond, absorb })
  return talks
}

/** The groups that talks connect, by their sizes. */
function groupSizes(talks: Array<[number, number]>): number[] {
  const groups = new Map<number, Set<number>>()

  for (const [a, b] of talks) {
    const joined = new Set([...(groups.get(a) ?? [a]), ...(groups.get(b) ?? [b])])

    for (const node of joined) {
      groups.set(node, joined)
    }
  }

  return [...new Set(groups.values())].map(({ size }) => size).sort((a, b) => a - b)
}

const ALL_FAULTS: NetworkOptions = {
  nodes: 60,
  rounds: 25,
  view: 10,
  loss: 0.1,
  churn: 0.02,
  crash: [{ share: 0.3, round: 12 }],
  join: [{ share: 0.5, round: 5 }],
  partition: [{ from: 7, to: 10, parts: 2 }],
  slow: { share: 0.2, factor: 3 }
}

describe('a simulated network', () => {
  for (const mode of MODES) {
    for (const preset of PRESET_NAMES) {
      it(`${mode}, ${preset}: is the same to the last digit with the same seed, and another one with another`, () => {
        const run = (seed: number) => {
          const network = advance(networkOf({ ...ALL_FAULTS, mode, preset }, seed), 25)
          const { counts } = network.driver
          return { counts, alive: network.world.alive, views: viewsOf(network) }
        }
        const first = run(7)
        assert.deepEqual(run(7), first)
        assert.notDeepEqual(run(8).views, first.views)
      })
    }

    it(`${mode}: newcomers come knowing nobody, and are members soon`, () => {
      const network = networkOf({ mode, nodes: 100, rounds: 20, view: 10, join: [{ share: 1, round: 10 }] })
      advance(network, 10)
      const newcomers = Array.from({ length: 100 }, (_, i) => 100 + i)
      assert.ok(newcomers.every(node => network.world.alive[node] === 0 && viewOf(network, node).length === 0))
      const talks = talksDuring(network, () => advance(network, 1))
      const heard = new Set(talks.filter(([, from]) => from >= 100).map(([, from]) => from))
      // by events, those whose turns are late in the round are still on their way
      assert.ok(heard.size === 100 || (mode === 'events' && heard.size > 85), `${heard.size}`)
      // by events, one in ten finds its contact busy
      advance(network, mode === 'events' ? 4 : 0)
      assert.ok(newcomers.every(node => network.protocol.isMember(node)))
      advance(network, 5)
      assert.ok(newcomers.every(node => viewOf(network, node).length === 10))
      const known = new Set(viewsOf(network).flat())
      assert.ok(newcomers.filter(node => known.has(node)).length > 90)
      assert.equal(countComponents(network.protocol.views, network.world.alive), 1)
    })

    it(`${mode}: no message crosses a cut while it lasts, and many do afterwards`, () => {
      const cut = { from: 5, to: 15, parts: 3 }
      const network = networkOf({ mode, nodes: 90, rounds: 20, view: 30, partition: [cut] })
      const before = talksDuring(network, () => advance(network, 5))
      const meanwhile = talksDuring(network, () => advance(network, 10))
      const afterwards = talksDuring(network, () => advance(network, 5))
      assert.deepEqual(groupSizes(before), [90])
      assert.deepEqual(groupSizes(meanwhile), [30, 30, 30])
      assert.deepEqual(groupSizes(afterwards), [90])
    })

    it(`${mode}: views forget the dead`, () => {
      const network = networkOf({ mode, nodes: 200, rounds: 60, view: 20, crash: [{ share: 0.5, round: 10 }] })
      const deadLinks = () => {
        const links = viewsOf(network).flatMap((view, node) => (network.world.alive[node] === 1 ? view : []))
        return links.filter(peer => network.world.alive[peer] === 0).length / links.length
      }
      advance(network, 10)
      assert.ok(deadLinks() > 0.4)
      advance(network, 50)
      assert.ok(deadLinks() < 0.01)
    })

    it(`${mode}: counts how every exchange ended`, () => {
      const { counts } = advance(networkOf({ ...ALL_FAULTS, mode }), 25).driver
      const { started, answered, busy, unreachable, timeout } = counts
      const open = started - answered - busy - unreachable - timeout
      assert.ok(mode === 'rounds' ? open === 0 : open >= 0 && open < 60)
      assert.ok(Math.min(answered, unreachable, timeout) > 0)
    })
  }

  for (const [delay, low, high] of [
    [1, 0, 0.01],
    [100, 0.1, 0.25],
    [230, 0.3, 0.5]
  ]) {
    it(`answers busy to ${low * 100} to ${high * 100} % where messages take ${delay} ms of a second`, () => {
      const options: NetworkOptions = { nodes: 200, rounds: 40, delay: { kind: 'constant', time: delay } }
      const { started, busy } = advance(networkOf(options), 40).driver.counts
      const share = busy / started
      assert.ok(share >= low && share <= high, `${share}`)
    })
  }

  it('answers nobody who asks in vain: nothing is learnt from an answer that comes after the deadline', () => {
    const options: NetworkOptions = {
      nodes: 100,
      rounds: 20,
      propagation: 'push',
      delay: { kind: 'constant', time: 300 },
      exchangeTimeout: 500
    }
    const network = networkOf(options)
    const talks = talksDuring(network, () => advance(network, 20))
    assert.equal(network.driver.counts.answered, 0)
    // requests have arrived all the same
    assert.ok(talks.length > 1_000)
  })

  const starts: Array<[start: (typeof STARTS)[number], views: (view: number[], node: number) => boolean]> = [
    ['random', view => new Set(view).size === 4],
    ['lattice', (view, node) => [1, 2, 8, 9].every(offset => view.includes((node + offset) % 10))],
    ['star', (view, node) => (node === 0 ? view.length === 0 : view.join() === '0')]
  ]

  for (const [start, isSo] of starts) {
    it(`begins with a ${start} start`, () => {
      const views = viewsOf(networkOf({ start, nodes: 10, view: 4 }))
      assert.equal(views.length, 10)
      views.forEach((view, node) => {
        assert.ok(isSo(view, node), `${node}: ${view}`)
      })
    })

    it(`is one network soon, from a ${start} start`, () => {
      const network = advance(networkOf({ start, nodes: 300, view: 20, rounds: 30 }), 30)
      assert.equal(countComponents(network.protocol.views, network.world.alive), 1)
      assert.ok(viewsOf(network).every(view => view.length === 20))
    })

    for (const [nodes, view] of [
      [2, 2],
      [3, 30],
      [5, 4],
      [20, 19],
      [20, 20]
    ]) {
      it(`fills views of ${view} of ${nodes} nodes for a ${start} start as far as there are peers, each once`, () => {
        const network = networkOf({ start, nodes, view })
        network.check()
        const expected = start === 'star' ? 1 : Math.min(view, nodes - 1)
        assert.ok(viewsOf(network).every((view, node) => view.length === expected || (start === 'star' && node === 0)))
      })
    }
  }

  it('knows how much memory it takes: little more than its views', () => {
    for (const mode of MODES) {
      const { bytesPerNode } = networkOf({ mode, nodes: 1_000, view: 30, rounds: 1 })
      assert.ok(bytesPerNode > 30 * 6 && bytesPerNode < 30 * 6 * 3, `${mode}: ${bytesPerNode}`)
    }
  })

  for (const mode of MODES) {
    /** Peers that no draw of peer sampling is used for. */
    const next = { sample: (node: number) => (node + 1) % 60 }

    it(`${mode}: peer sampling draws the same to the last digit, whatever is stacked on it`, () => {
      const run = (stacked: number): [ExchangeCounts, number[][], number[]] => {
        const network = networkOf({ ...ALL_FAULTS, mode })
        const drivers = Array.from({ length: stacked }, () => network.stack(new StackedProtocol(next)))
        advance(network, 25)
        assert.ok(drivers.every(({ counts }) => Math.min(counts.answered, counts.timeout, counts.unreachable) > 0))
        return [network.driver.counts, viewsOf(network), [...network.world.alive]]
      }
      const alone = run(0)
      assert.deepEqual(run(1), alone)
      assert.deepEqual(run(2), alone)
    })

    it(`${mode}: a protocol is stacked the same with the same seed, and drawn for apart from its neighbours`, () => {
      const run = (stacked: number, seed: number) => {
        const network = networkOf({ ...ALL_FAULTS, mode }, seed)
        const protocols = Array.from({ length: stacked }, () => new StackedProtocol(next))
        protocols.forEach(protocol => {
          network.stack(protocol)
        })
        advance(network, 25)
        return protocols.map(({ talks }) => talks.join(' '))
      }
      const both = run(2, 7)
      assert.deepEqual(run(2, 7), both)
      assert.equal(run(1, 7)[0], both[0])
      assert.notEqual(both[0], both[1])
      assert.notEqual(run(1, 8)[0], both[0])
    })

    it(`${mode}: what is stacked has its turns after what is below it, before the round ends`, () => {
      const network = networkOf({ mode, nodes: 40, rounds: 10, view: 10, crash: [{ share: 0.5, round: 3 }] })
      const seen: Array<[layer: number, round: number, started: number, living: number]> = []
      const look = (layer: number) => () => {
        seen.push([layer, network.round, network.driver.counts.started, network.world.count])
      }
      network.stack(new StackedProtocol(next, 0, look(1)))
      network.stack(new StackedProtocol(next, 0, look(2)))
      const started: number[] = []

      for (let round = 1; round <= 6; round++) {
        advance(network, 1)
        started[round] = network.driver.counts.started
      }

      assert.deepEqual(
        seen.map(([layer, round]) => 10 * round + layer),
        seen.map(([layer, round]) => 10 * round + layer).toSorted((a, b) => a - b)
      )
      assert.ok(seen.every(([, round, count]) => count === started[round]))
      assert.ok(seen.every(([, round, , living]) => living === (round <= 3 ? 40 : 20)))
      assert.deepEqual(new Set(seen.map(([layer, round]) => 10 * round + layer)).size, 12)
    })

    it(`${mode}: what is stacked learns of newcomers before anybody's turn, each once, and they have turns`, () => {
      const network = networkOf({ mode, nodes: 60, rounds: 25, churn: 0.05, join: [{ share: 0.5, round: 5 }] })
      const known = new Set(Array.from({ length: 60 }, (_, node) => node))
      const active = new Set<number>()
      const protocol = new StackedProtocol(next, 0, node => {
        active.add(node)
        assert.ok(known.has(node), `${node} has a turn and was not welcomed`)
      })
      protocol.newcomers = (first, end) => {
        assert.ok(first < end && first === known.size && end === network.world.used)

        for (let node = first; node < end; node++) {
          known.add(node)
        }
      }
      network.stack(protocol)
      advance(network, 25)
      assert.equal(known.size, network.world.used)
      assert.ok(known.size > 60 + 30 + 50)
      assert.ok(network.world.living.subarray(0, network.world.count).every(node => node > 150 || active.has(node)))
    })

    it(`${mode}: tells of newcomers only where there are any`, () => {
      const network = networkOf({ mode, nodes: 60, rounds: 25, join: [{ share: 0.5, round: 5 }] })
      const protocol = new StackedProtocol(next)
      network.stack(protocol)
      advance(network, 25)
      assert.deepEqual(protocol.welcomed, [[60, 90]])
    })

    it(`${mode}: a node above peer sampling that has no partner does nothing`, () => {
      const network = networkOf({ mode, nodes: 60, rounds: 10, crash: [{ share: 0.2, round: 5 }] })
      const protocol = new StackedProtocol({ sample: node => (node % 2 === 0 ? NOBODY : (node + 2) % 60) })
      const { counts } = network.stack(protocol)
      advance(network, 10)
      assert.ok(protocol.talks.length > 150)
      assert.ok(protocol.talks.every(talk => Number.parseInt(talk, 10) % 2 === 1))
      assert.ok(counts.started <= 10 * 30 + 30)
    })

    it(`${mode}: counts the memory of what is stacked`, () => {
      const network = networkOf({ mode, nodes: 1_000, rounds: 1 })
      const before = network.bytesPerNode
      const { stateBytes } = network.stack(new StackedProtocol(next, 8_000))
      assert.ok(stateBytes >= 4_000)
      assert.equal(Math.round(1_000 * network.bytesPerNode), Math.round(1_000 * before) + 8_000 + stateBytes)
    })
  }

  it('takes further protocols before the first round only', () => {
    const network = advance(networkOf({ nodes: 10, rounds: 2 }), 1)
    assert.throws(() => network.stack(new StackedProtocol({ sample: () => NOBODY })), /before the first round/)
  })

  it('does not draw differently where another fault comes late', () => {
    const until = (options: NetworkOptions) => viewsOf(advance(networkOf({ nodes: 50, rounds: 20, ...options }), 10))
    assert.deepEqual(until({ crash: [{ share: 0.5, round: 15 }] }), until({}))
    assert.deepEqual(until({ partition: [{ from: 12, to: 14, parts: 2 }] }), until({}))
  })
})

describe('a simulated network with round-trip times', () => {
  const NODES = 12
  const TICK = 10
  const next = { sample: (node: number) => (node + 1) % NODES }
  const times = Array.from({ length: NODES ** 2 }, (_, i) => 1_000 + 137 * ((i * 53) % 144))
  const matrix = LatencyMatrix.parse(
    Array.from({ length: NODES }, (_, from) => times.slice(from * NODES, (from + 1) * NODES).join(' ')).join('\n')
  )
  const timing: NetworkOptions = {
    nodes: NODES,
    rounds: 2_000,
    view: 4,
    period: TICK * TICKS_PER_PERIOD,
    exchangeTimeout: 1_000_000
  }

  /** How long requests are under way, in ticks, as the protocol itself sees it. */
  function timed<M extends SizedMessage>(protocol: SimulatedProtocol<M>): Map<string, Set<number>> {
    const { tick, request, respond } = protocol
    const sent = new Map<string, number>()
    const taken = new Map<string, Set<number>>()
    let now = 0
    protocol.tick = time => {
      now = time
      tick?.call(protocol, time)
    }
    protocol.request = (node, partner, ...messages) => {
      sent.set(`${node}>${partner}`, now)
      request.call(protocol, node, partner, ...messages)
    }
    protocol.respond = (node, from, ...messages) => {
      const pair = `${from}>${node}`
      taken.set(pair, (taken.get(pair) ?? new Set()).add(now - (sent.get(pair) as number)))
      return respond.call(protocol, node, from, ...messages)
    }
    return taken
  }

  /** That all requests took half of a round trip of the network, to a tick. */
  function assertHalves({ roundTrips }: Network, taken: Map<string, Set<number>>): void {
    assert.ok(taken.size >= NODES)

    for (const [pair, ticks] of taken) {
      const [from, to] = pair.split('>').map(Number)
      const half = (roundTrips?.roundTrip(from, to) as number) / 2

      for (const each of ticks) {
        assert.ok(Math.abs(each * TICK - half) <= TICK, `${pair}: ${each} ticks, not ${half / TICK}`)
      }
    }
  }

  it('has one delay from a node to another, whichever protocol the message is of', () => {
    const network = networkOf({ ...timing, latencyMatrix: matrix })
    const stacked = [1, 2].map(() => new StackedProtocol(next))
    const below = timed(network.protocol)
    const above = stacked.map(protocol => {
      const taken = timed(protocol)
      network.stack(protocol)
      return taken
    })
    advance(network, 2_000)

    for (const taken of [below, ...above]) {
      assertHalves(network, taken)
    }
  })

  it('takes other round-trip times instead of any delay, by events', () => {
    const roundTrips = createRoundTrips('line', NODES, new Random(3))
    const delay: NetworkOptions['delay'] = { kind: 'constant', time: 1_000 }
    const network = new Network(networkParameters({ ...timing, delay }), new Random(1), undefined, roundTrips)
    const below = timed(network.protocol)
    const stacked = new StackedProtocol(next)
    const above = timed(stacked)
    network.stack(stacked)
    advance(network, 200)
    assert.equal(network.roundTrips, roundTrips)
    assertHalves(network, below)
    assertHalves(network, above)
  })

  it('keeps them to be asked, by rounds, and draws the same to the last digit', () => {
    const roundTrips = createRoundTrips('internet', 60, new Random(3))
    const parameters = networkParameters({ nodes: 60, rounds: 10, view: 10 })
    const network = new Network(parameters, new Random(1), undefined, roundTrips)
    const without = networkOf({ nodes: 60, rounds: 10, view: 10 })
    assert.equal(network.roundTrips, roundTrips)
    assert.equal(without.roundTrips, undefined)
    assert.deepEqual(viewsOf(advance(network, 10)), viewsOf(advance(without, 10)))
    // of each node three numbers for its place, and its height
    assert.equal(Math.round(60 * (network.bytesPerNode - without.bytesPerNode)), 60 * 16)
  })

  it('has places for those who join later', () => {
    const network = networkOf({ ...timing, rounds: 10, join: [{ share: 1, round: 2 }], latencyMatrix: matrix })
    assert.equal(network.world.slots, 24)
    assert.ok((network.roundTrips?.roundTrip(0, 23) as number) > 0)
  })
})
