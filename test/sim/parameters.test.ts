import assert from 'node:assert/strict'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { Random } from '../../src/gossip/random.ts'
import { DEFENCE_NAMES, samplingParameters } from '../../src/sampling/parameters.ts'
import { LatencyMatrix } from '../../src/sim/latency/latency-matrix.ts'
import { Network } from '../../src/sim/network.ts'
import { describeNetwork, NETWORK_OPTIONS, type NetworkOptions, networkParameters } from '../../src/sim/parameters.ts'

const matrix = LatencyMatrix.parse('0 10\n12 0', 'two-hosts.txt')

describe('the parameters of a simulated network', () => {
  it('are 1,000 nodes in 100 rounds, from a random start and without faults, where nothing is said', () => {
    assert.deepEqual(networkParameters(), {
      nodes: 1_000,
      rounds: 100,
      start: 'random',
      preset: 'default',
      sampling: samplingParameters(),
      faults: { loss: 0, crash: [], churn: 0, partition: [], join: [], slow: undefined },
      mode: 'rounds',
      timing: { period: 1_000, jitter: 0.2, exchangeTimeout: 500 },
      delay: { kind: 'uniform', from: 10, to: 100 }
    })
  })

  const byEvents: NetworkOptions[] = [
    { mode: 'events' },
    { period: 100 },
    { jitter: 0 },
    { exchangeTimeout: 10 },
    { delay: { kind: 'constant', time: 1 } },
    { latencyMatrix: matrix }
  ]

  for (const options of byEvents) {
    it(`are by events with ${Object.keys(options)}`, () => {
      assert.equal(networkParameters(options).mode, 'events')
    })
  }

  it('let an initiator wait for half a period', () => {
    assert.equal(networkParameters({ period: 5_000 }).timing.exchangeTimeout, 2_500)
    assert.equal(networkParameters({ period: 1 }).timing.exchangeTimeout, 1)
    assert.equal(networkParameters({ period: 5_000, exchangeTimeout: 7_000 }).timing.exchangeTimeout, 7_000)
  })

  it('take a latency matrix in the place of a delay', () => {
    assert.equal(networkParameters({ latencyMatrix: matrix }).delay, matrix)
  })

  const impossible: Array<[parameter: string, options: object]> = [
    ['nodes', { nodes: 1 }],
    ['nodes', { nodes: 10.5 }],
    ['nodes', { nodes: Number.NaN }],
    ['nodes', { nodes: 2 ** 23 + 1 }],
    ['nodes', { nodes: 2 ** 22, join: [{ share: 1.5, round: 3 }] }],
    ['nodes', { nodes: 1_000_000, churn: 0.1, rounds: 1_000 }],
    ['rounds', { rounds: 0 }],
    ['rounds', { rounds: 2.5 }],
    ['rounds', { rounds: 1_000_001 }],
    ['view', { view: 1 }],
    ['view', { view: 201 }],
    ['view', { nodes: 4_000_000, view: 200 }],
    ['view', { nodes: 2_000_000, view: 200, join: [{ share: 1, round: 3 }] }],
    ['preset', { preset: 'lucky' }],
    ['healer', { healer: 16 }],
    ['healer', { preset: 'cyclon', healer: 1 }],
    ['healer + swapper', { healer: 10, swapper: 10 }],
    ['selection', { selection: 'head' }],
    ['propagation', { propagation: 'pull' }],
    ['start', { start: 'ring' }],
    ['mode', { mode: 'both' }],
    ['loss', { loss: -0.1 }],
    ['loss', { loss: 1.1 }],
    ['loss', { loss: Number.NaN }],
    ['churn', { churn: 2 }],
    ['churn', { churn: Number.NaN }],
    ['crash', { crash: [{ share: 0.5, round: 100 }] }],
    ['crash', { crash: [{ share: 1.5, round: 10 }] }],
    ['join', { join: [{ share: 1, round: 100 }] }],
    ['join', { join: [{ share: Number.NaN, round: 10 }] }],
    ['partition', { partition: [{ from: 100, to: 110, parts: 2 }] }],
    ['partition', { partition: [{ from: 10, to: 20, parts: 0 }] }],
    ['slow', { slow: { share: 0.5, factor: -1 } }],
    ['defence', { nodes: 1_000_000, defence: 'statistics' }],
    ['defence', { nodes: 4_000_000, defence: 'ranking' }],
    ['period', { mode: 'rounds', period: 1_000 }],
    ['delay', { mode: 'rounds', delay: { kind: 'constant', time: 1 } }],
    ['latencyMatrix', { mode: 'rounds', latencyMatrix: matrix }],
    ['period', { period: 0 }],
    ['period', { period: 86_400_001 }],
    ['period', { period: 0.5 }],
    ['jitter', { jitter: 1.1 }],
    ['jitter', { jitter: -0.1 }],
    ['exchangeTimeout', { exchangeTimeout: 0 }],
    ['exchangeTimeout', { exchangeTimeout: 86_400_001 }],
    ['delay', { delay: { kind: 'constant', time: -1 } }],
    ['delay', { delay: { kind: 'uniform', from: 20, to: 10 } }],
    ['delay', { delay: { kind: 'gamma', mean: 10 } }],
    ['delay', { delay: { kind: 'constant', time: 1 }, latencyMatrix: matrix }]
  ]

  for (const [parameter, options] of impossible) {
    it(`cannot be ${JSON.stringify(options).slice(0, 80)}: ${parameter} is named`, () => {
      assert.throws(
        () => networkParameters(options as NetworkOptions),
        (err: unknown) =>
          err instanceof ParameterError && err.parameter === parameter && err.message.startsWith(`${parameter}: `)
      )
    })
  }

  it('may be as large as there is memory for', () => {
    networkParameters({ nodes: 2 ** 23, view: 30 })
    networkParameters({ nodes: 3_000_000, view: 200 })
    networkParameters({ nodes: 500_000, defence: 'statistics' })
    networkParameters({ nodes: 2_000_000, defence: 'ranking' })
  })

  it('know what a defence takes', () => {
    for (const defence of DEFENCE_NAMES.slice(1)) {
      const parameters = networkParameters({ nodes: 200, defence })
      const { bytesPerNode } = new Network(parameters, new Random(1))
      const plain = new Network(
        { ...parameters, sampling: samplingParameters({ view: parameters.sampling.view }) },
        new Random(1)
      )
      const most = (nodes: number) => networkParameters({ nodes, defence })
      const fitting = Math.floor(2 ** 32 / (bytesPerNode - plain.bytesPerNode + parameters.sampling.view * 6 + 4))
      assert.throws(() => most(Math.floor(fitting * 1.01)), ParameterError)
      most(Math.floor(fitting * 0.99))
    }
  })

  it('are shown by the names of the options', () => {
    const shown = describeNetwork(
      networkParameters({
        mode: 'events',
        slow: { share: 0.1, factor: 2 },
        defence: 'statistics',
        statisticsShare: 0.1
      })
    )
    const known: string[] = [...NETWORK_OPTIONS, 'peerSelection']
    assert.deepEqual(
      Object.keys(shown).filter(name => !known.includes(name)),
      []
    )
    assert.deepEqual(
      known.filter(name => !(name in shown)),
      ['selection', 'latencyMatrix']
    )
  })

  it('are shown without what has no meaning in round mode', () => {
    const shown = describeNetwork(networkParameters())
    assert.ok(!['period', 'jitter', 'exchangeTimeout', 'delay', 'latencyMatrix'].some(name => name in shown))
  })

  it('are shown without a preset where there is none: ranking has an exchange of its own', () => {
    const { preset, healer, view, defence } = describeNetwork(
      networkParameters({ defence: 'ranking', preset: 'healer' })
    )
    assert.deepEqual(
      { preset, healer, view, defence },
      { preset: undefined, healer: undefined, view: 50, defence: 'ranking' }
    )
  })

  it('show a latency matrix by its name', () => {
    const shown = describeNetwork(networkParameters({ latencyMatrix: matrix }))
    assert.equal(shown.latencyMatrix, 'two-hosts.txt')
    assert.ok(!('delay' in shown))
  })
})
