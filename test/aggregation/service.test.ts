import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import type { AggregationInit, RegisterOptions } from '../../src/aggregation/index.ts'
import { eventually } from '../support/eventually.ts'
import { type AggregatingNode, epochOf, estimates, isQuiet, Network, sum } from './network.ts'

const PEERS = 12

describe('the aggregation service', function () {
  this.timeout(30_000)

  const network = new Network()

  afterEach(async () => await network.stop())

  function register(node: AggregatingNode, value: RegisterOptions['value'], options: Partial<RegisterOptions> = {}) {
    return node.services.aggregation.register('load', { function: 'average', value, ...options })
  }

  /** Peers that hold 1, 2, 3... */
  async function crowd(count: number, init: AggregationInit = {}): Promise<AggregatingNode[]> {
    for (let i = 1; i <= count; i++) {
      register(await network.start(init), i)
    }

    return network.nodes
  }

  describe('of a crowd', () => {
    it('keeps the sum at every moment when nothing is under way, at full rate, over epochs', async () => {
      const nodes = await crowd(PEERS, { epoch: 12, period: 40 })
      const truth = (PEERS * (PEERS + 1)) / 2
      await eventually(() => new Set(nodes.map(epochOf)).size === 1 && epochOf(nodes[0]) != null)
      const seen = new Map<number, number>()
      const end = performance.now() + 20_000

      while (seen.size < 3 || sum([...seen.values()]) < 30) {
        assert.ok(performance.now() < end, `quiet at ${JSON.stringify([...seen])} only`)

        if (isQuiet(nodes)) {
          const epoch = epochOf(nodes[0]) as number
          const total = sum(estimates(nodes, 'load'))
          assert.ok(Math.abs(total - truth) <= 1e-9 * truth, `${total} in epoch ${epoch}`)
          seen.set(epoch, (seen.get(epoch) ?? 0) + 1)
        }

        await turn()
      }

      const statistics = nodes.map(({ services }) => services.aggregation.statistics())
      assert.ok(sum(statistics.map(({ outcomes }) => outcomes.busy)) > 0, 'exchanges overlap')
      assert.equal(sum(statistics.map(({ outcomes }) => outcomes.timeout + outcomes.malformed)), 0)
    })
  })
})
