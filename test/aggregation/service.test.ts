import assert from 'node:assert/strict'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { Registry } from 'prom-client'
import type { AggregateOptions, AggregationInit, EpochResults } from '../../src/aggregation/index.ts'
import { aggregation, DEFAULT_LIVE_RETRIES, MAX_AGGREGATES, NETWORK_SIZE } from '../../src/aggregation/index.ts'
import { UNSUPPORTED_ROUNDS } from '../../src/aggregation/limits.ts'
import { eventually } from '../support/eventually.ts'
import {
  type AggregatingNode,
  epochOf,
  estimates,
  finishedOf,
  isAtRest,
  Network,
  pausing,
  results,
  sum
} from './network.ts'

const PEERS = 12
const RANGE = { from: 0, to: 10 }

describe('the aggregation service', function () {
  this.timeout(60_000)

  const network = new Network()

  afterEach(async () => await network.stop())

  /** Peers that hold an average load of 1, 2, 3... */
  async function crowd(count: number, init: AggregationInit = {}): Promise<AggregatingNode[]> {
    return await network.crowd(count, i => i + 1, init)
  }

  async function finishes(node: AggregatingNode, epochs = 1): Promise<EpochResults> {
    const { aggregation } = node.services
    return await new Promise(resolve => {
      let left = epochs
      aggregation.addEventListener('epoch', ({ detail }) => --left === 0 && resolve(detail))
    })
  }

  describe('of a crowd', () => {
    it('keeps the sum whenever nothing is under way, between times of full rate, over epochs', async () => {
      let paused = false
      const nodes = await network.crowd(
        PEERS,
        i => i + 1,
        { epoch: 30, period: 20 },
        { tamper: components => pausing(components, () => paused), sampling: { exchangeTimeout: 20_000 } }
      )
      const truth = (PEERS * (PEERS + 1)) / 2
      const answered = () => sum(nodes.map(({ services }) => services.aggregation.statistics().outcomes.answered))
      const seen: number[] = []
      const outcomes = () => nodes.map(({ services }) => services.aggregation.statistics().outcomes)
      const areBusy = () => sum(outcomes().map(({ busy }) => busy)) > 0

      // some exchanges must overlap
      while (seen.length < 4 || new Set(seen).size < 2 || !areBusy()) {
        const before = answered()
        await eventually(() => answered() > before + PEERS, { what: 'some exchanges' })
        paused = true
        await eventually(() => nodes.every(isAtRest), { what: 'rest' })
        const epochs = new Set(nodes.map(epochOf))
        const [epoch] = epochs

        if (epochs.size === 1 && epoch != null) {
          const total = sum(estimates(nodes, 'load'))
          assert.ok(Math.abs(total - truth) <= 1e-9 * truth, `${total} in epoch ${epoch}`)
          seen.push(epoch)
        }

        paused = false
      }

      assert.equal(sum(outcomes().map(({ timeout, malformed }) => timeout + malformed)), 0)
    })

    it('knows every function of all values, and how many it is', async () => {
      const values = [1, 2, 2.5, 4, 9]
      const functions: Array<Omit<AggregateOptions, 'name'> & { truth: number | number[] }> = [
        { function: 'average', truth: 3.7 },
        { function: 'sum', truth: 18.5 },
        { function: 'count', truth: 5 },
        { function: 'variance', truth: 7.96, range: RANGE },
        { function: 'minimum', truth: 1 },
        { function: 'maximum', truth: 9 },
        { function: 'histogram', truth: [0.6, 0.2, 0, 0.2], range: { from: 0, to: 12 }, bins: 4 },
        // of 10 bins as wide as 1, the third holds two values: the half of five is three quarters through it
        { function: 'median', truth: 2.75, range: RANGE, bins: 10 },
        { function: 'quantile', truth: 4.5, range: RANGE, bins: 10, quantile: 0.7 }
      ]

      for (const value of values) {
        const { aggregation } = (await network.start({ epoch: 25, period: 15 })).services

        for (const { truth, ...options } of functions) {
          aggregation.register(options.function, {
            ...options,
            value: options.function === 'count' ? undefined : value
          })
        }
      }

      await eventually(
        () => {
          for (const { services } of network.nodes) {
            for (const { function: name, truth } of functions) {
              const { value = Number.NaN, spread } = services.aggregation.result(name) ?? {}
              const said = [value].flat()
              const far = [truth].flat().map((value, i) => Math.abs(said[i] - value) / Math.max(1, value))
              assert.ok(Math.max(...far) < 0.01, `${name}: ${said} and not ${truth}`)
              assert.ok(spread != null && spread < 0.1, `${name}: spread ${spread}`)
            }
          }

          return true
        },
        { deadline: 40_000, what: 'everybody knows all of it' }
      )
    })

    it('announces each finished epoch, with what it says', async () => {
      const [node] = await crowd(3)
      const { aggregation } = node.services
      const { epoch, results, size } = await finishes(node)
      const next = await finishes(node)
      const result = results.get('load')
      assert.deepEqual([...results.keys()], ['load'])
      assert.deepEqual([result?.epoch, size?.epoch], [epoch, epoch])
      assert.ok(next.epoch > epoch)
      assert.equal(aggregation.result('load')?.epoch, next.epoch)
      assert.ok((aggregation.result('load')?.rounds ?? 0) <= 10 && (result?.age ?? 1_000) < 200)
    })

    it('lets a newcomer wait for the next epoch, undisturbed, and agree then', async () => {
      const init = { epoch: 30, period: 20 }
      const nodes = await crowd(4, init)
      await eventually(() => nodes.every(node => finishedOf(node) != null))
      // it comes early in an epoch: there must be time to ask it while it waits
      const under = epochOf(nodes[0])
      await eventually(() => epochOf(nodes[0]) !== under, { what: 'the next epoch' })
      const newcomer = await network.start(init)
      const { aggregation } = newcomer.services
      aggregation.register('load', { function: 'average', value: 10 })
      assert.deepEqual(
        [epochOf(newcomer), aggregation.estimate('load'), aggregation.result('load')],
        Array(3).fill(undefined)
      )

      await eventually(() => aggregation.statistics().exchanges.answered > 0 && epochOf(newcomer) == null)
      assert.ok(estimates(nodes, 'load').every(value => value <= 4))
      await eventually(() => finishedOf(newcomer) != null)
      const epoch = finishedOf(newcomer) as number
      assert.ok(epoch > 0, 'it has begun none of its own')
      const after = [...nodes, newcomer]
      await eventually(() => results(after, 'load').every(value => Math.abs(value - 4) < 0.1))
    })
  })

  describe('of a peer alone', () => {
    it('begins the first epoch when it has heard of none for five rounds, and has results', async () => {
      const node = await network.start({ period: 20 })
      const { aggregation } = node.services
      aggregation.register('load', { function: 'average', value: 7 })
      assert.equal(aggregation.statistics().epoch, undefined)
      assert.equal(aggregation.networkSize(), undefined)
      const { epoch, size } = await finishes(node)
      assert.deepEqual([epoch, size?.value, size?.spread, size?.rounds], [0, 1, 0, 10])
      assert.equal(aggregation.result('load')?.value, 7)
      assert.ok(aggregation.statistics().rounds >= 15)
    })

    it('tells how old its results are', async () => {
      const node = await network.start({ period: 20 })
      node.services.aggregation.register('load', { function: 'average', value: 7 })
      await finishes(node)
      const age = () => node.services.aggregation.result('load')?.age ?? Number.NaN
      const young = age()
      assert.ok(young < 200)
      await node.stop()
      await eventually(() => age() > young + 50)
      assert.equal(node.services.aggregation.result('load')?.epoch, 0)
    })

    it('comes anew when it was stopped and starts again, and has left nothing behind', async () => {
      const node = await network.start({ period: 20 })
      const { aggregation } = node.services
      await finishes(node, 2)
      await node.stop()
      assert.ok(!node.getProtocols().includes(aggregation.protocol))
      const { rounds } = aggregation.statistics()
      await node.start()
      assert.ok(node.getProtocols().includes(aggregation.protocol))
      assert.deepEqual([epochOf(node), aggregation.networkSize()], [undefined, undefined])
      assert.equal((await finishes(node)).epoch, 0)
      assert.ok(aggregation.statistics().rounds > rounds)
    })

    it('stops while it waits for an answer, and leaves no timer behind', async () => {
      const timers = () => process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length
      const before = timers()
      // an exchange may take ten times as long as this test
      await network.crowd(3, i => i + 1, { period: 10 }, { sampling: { exchangeTimeout: 600_000 } })
      await eventually(() => network.nodes.every(node => (finishedOf(node) ?? 0) > 0))
      await network.stop()
      await eventually(() => timers() <= before, { what: `no more than ${before} timers` })
    })
  })

  describe('and what a peer registers', () => {
    it('begin with the next epoch, and end at once', async () => {
      const node = await network.start({ period: 20 })
      const { aggregation } = node.services
      await finishes(node)
      const registration = aggregation.register('load', { function: 'average', value: 3 })
      assert.deepEqual([registration.status, aggregation.estimate('load')], ['waiting', undefined])
      await finishes(node)
      assert.deepEqual([registration.status, aggregation.estimate('load')?.value], ['taking-part', 3])
      assert.equal(aggregation.result('load'), undefined)
      await finishes(node)
      assert.equal(aggregation.result('load')?.value, 3)
      registration.withdraw()
      registration.withdraw()
      assert.deepEqual([registration.status, aggregation.result('load')], ['withdrawn', undefined])
      const again = aggregation.register('load', { function: 'maximum', value: 4 })
      registration.withdraw()
      assert.deepEqual([again.status, aggregation.result('load')], ['waiting', undefined])
      await finishes(node, 2)
      assert.equal(aggregation.result('load')?.value, 4)
    })

    it('asks for a value anew in each epoch', async () => {
      const node = await network.start({ period: 10 })
      let value = 0
      node.services.aggregation.register('load', { function: 'average', value: () => ++value })
      const first = await finishes(node, 2)
      const next = await finishes(node)
      assert.deepEqual([first.results.get('load')?.value, next.results.get('load')?.value], [2, 3])
    })

    it('is not mixed with others of that name, and does without those that it lacks', async () => {
      const init = { epoch: 20, period: 20 }
      const groups: Array<[Omit<AggregateOptions, 'name'>, number[], number]> = [
        [{ function: 'average' }, [1, 3], 2],
        [{ function: 'average', range: RANGE }, [5, 7], 6],
        [{ function: 'maximum' }, [8, 9], 9]
      ]
      const members: Array<[AggregatingNode, number]> = []

      for (const [options, values, truth] of groups) {
        for (const value of values) {
          const node = await network.start(init)
          node.services.aggregation.register('load', { ...options, value })
          members.push([node, truth])
        }
      }

      const without = await network.start(init)
      const isNear = (value: unknown, truth: number, by: number) => Math.abs((value as number) - truth) < by

      await eventually(
        () => {
          assert.ok(isNear(without.services.aggregation.networkSize()?.value, network.nodes.length, 0.2))
          return members.every(([node, truth]) => isNear(node.services.aggregation.result('load')?.value, truth, 0.05))
        },
        { what: 'each kind agrees on its own' }
      )
      assert.equal(without.services.aggregation.result('load'), undefined)
    })

    for (const [what, broken] of [
      [
        'throws',
        () => {
          throw new Error('broken')
        }
      ],
      ['is not a number', () => Number.NaN],
      ['is out of range', () => 11],
      ['is a text', () => '5' as never]
    ] as const) {
      it(`leaves a peer out whose value ${what}, for the epoch, and nobody else`, async () => {
        const node = await network.start({ period: 10 })
        const { aggregation } = node.services
        const leftOut: string[] = []
        let isBroken = true
        aggregation.addEventListener('left-out', ({ detail }) =>
          leftOut.push(`${detail.name}: ${detail.error.message}`)
        )
        const value = () => (isBroken ? broken() : 5)
        const load = aggregation.register('load', { function: 'average', range: RANGE, value })
        aggregation.register('heat', { function: 'average', value: 1 })
        const { results } = await finishes(node)
        assert.deepEqual([...results.keys()], ['heat'])
        assert.deepEqual([load.status, load.error instanceof Error], ['left-out', true])
        assert.ok(leftOut.length >= 1 && leftOut[0].startsWith('load: '), leftOut.join())
        isBroken = false
        assert.equal((await finishes(node, 2)).results.get('load')?.value, 5)
        assert.deepEqual([load.status, load.error], ['taking-part', undefined])
      })
    }

    it('may be withdrawn by the very function that is asked for its value', async () => {
      const node = await network.start({ period: 10 })
      const { aggregation } = node.services
      const load = aggregation.register('load', {
        function: 'average',
        value: () => {
          load.withdraw()
          return 1
        }
      })
      aggregation.register('heat', { function: 'average', value: 1 })
      const { results } = await finishes(node)
      assert.deepEqual([...results.keys()], ['heat'])
      assert.equal(load.status, 'withdrawn')
    })

    it('must be possible', async () => {
      const { aggregation } = (await network.start({}, { node: { start: false } })).services
      const average = { function: 'average', value: 1 } as const
      const impossible: Array<[string, string, Parameters<typeof aggregation.register>[1]]> = [
        ['name', '', average],
        ['name', 'x'.repeat(65), average],
        ['name', NETWORK_SIZE, average],
        ['function', 'x', { ...average, function: 'mode' as never }],
        ['value', 'x', { function: 'average' }],
        ['x', 'x', { ...average, value: Number.POSITIVE_INFINITY }],
        ['x', 'x', { ...average, value: '1' as never }],
        ['x', 'x', { ...average, value: 11, range: RANGE }],
        ['range', 'x', { function: 'median', value: 1 }],
        ['bins', 'x', { ...average, bins: 3 }],
        ['quantile', 'x', { function: 'quantile', range: RANGE, value: 1 }]
      ]

      for (const [parameter, name, options] of impossible) {
        assert.throws(() => aggregation.register(name, options), { name: 'ParameterError', parameter })
      }

      aggregation.register('x', average)
      assert.throws(() => aggregation.register('x', average), { name: 'ParameterError', parameter: 'name' })

      for (let i = 2; i < MAX_AGGREGATES; i++) {
        aggregation.register(`${i}`, average)
      }

      assert.throws(() => aggregation.register('y', average), { name: 'ParameterError', parameter: 'aggregates' })
    })
  })

  describe('and its settings', () => {
    it('must be possible', () => {
      for (const [parameter, init] of [
        ['epoch', { epoch: 3 }],
        ['retries', { retries: -1 }],
        ['instances', { instances: 0 }],
        ['period', { period: 0 }],
        ['seed', { seed: 0.5 }]
      ] as const) {
        assert.throws(() => aggregation(init), { name: 'ParameterError', parameter })
      }
    })

    it('need ranges where exchanges are limited, and a size for sums', async () => {
      const { aggregation } = (await network.start({ trimmed: true, size: false }, { node: { start: false } })).services
      assert.throws(() => aggregation.register('x', { function: 'average', value: 1 }), { parameter: 'range' })
      assert.throws(() => aggregation.register('x', { function: 'count' }), { parameter: 'size' })
      aggregation.register('x', { function: 'average', value: 1, range: RANGE })
      assert.equal(aggregation.networkSize(), undefined)
      assert.equal(aggregation.parameters.retries, DEFAULT_LIVE_RETRIES)
    })

    it('keep those apart whose exchanges would break each other', async () => {
      const usual = { epoch: 10, period: 20 }
      const others = [{ epoch: 11 }, { size: false }, { instances: 8 }, { trimmed: true }]
      const node = await network.start(usual)

      for (const other of others) {
        await network.start({ ...usual, ...other })
      }

      const { aggregation, sampling } = node.services
      await eventually(() => sampling.view.length === others.length)
      const before = finishedOf(node) ?? -1
      await eventually(() => (finishedOf(node) ?? -1) > before + 1)
      const { exchanges, outcomes, counts, refusals } = aggregation.statistics()
      assert.equal(aggregation.networkSize()?.value, 1)
      assert.deepEqual([exchanges.answered, outcomes.answered, counts.refused, refusals], [0, 0, 0, {}])
    })
  })

  it('turns once in a long while to those who do not speak the protocol, and to all others meanwhile', async () => {
    const nodes = await crowd(2, { period: 10 })
    await network.start({ period: 10, epoch: 11 })
    const statistics = () => nodes[0].services.aggregation.statistics()
    await eventually(() => nodes[0].services.sampling.view.length === 2)
    await eventually(() => statistics().outcomes.unsupported > 0, { what: 'an exchange that failed' })
    const { answered } = statistics().outcomes
    await eventually(() => statistics().outcomes.answered > answered + 10)
    const { outcomes, rounds } = statistics()
    assert.ok(outcomes.unsupported <= 1 + rounds / UNSUPPORTED_ROUNDS, `${outcomes.unsupported} in ${rounds} rounds`)
  })

  it('is counted for whoever scrapes it', async () => {
    const registry = new Registry()
    const metrics = prometheusMetrics({ registry, collectDefaultMetrics: false })
    // its first epoch begins after five rounds: until then there is time to look
    const node = await network.start({ period: 60 }, { node: { metrics } })
    node.services.aggregation.register('load', { function: 'average', value: 1 })
    assert.match(await registry.metrics(), /^gossip_peer_aggregation_epoch -1$/m)
    await finishes(node)
    const text = await registry.metrics()
    assert.match(text, /^gossip_peer_aggregation_epoch [1-9]/m)
    assert.match(text, /^gossip_peer_aggregation_aggregates 1$/m)
    assert.match(text, /^gossip_peer_aggregation_network_size 1$/m)
    assert.match(text, /^gossip_peer_aggregation_oddities\{kind="refused"\} 0$/m)
    assert.match(text, /^gossip_peer_aggregation_rounds_total \d\d/m)
  })
})
