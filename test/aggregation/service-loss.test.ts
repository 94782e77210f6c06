import assert from 'node:assert/strict'
import type { Connection, Stream } from '@libp2p/interface'
import type { AggregationComponents } from '../../src/aggregation/index.ts'
import { Random } from '../../src/gossip/random.ts'
import { eventually } from '../support/eventually.ts'
import { type AggregatingNode, Network, sum } from './network.ts'

const PEERS = 4
const EXCHANGE_TIMEOUT = 150
const SHARE = 0.06

/** What may befall an answer when the question has already been taken in. */
type Mishap = 'it comes late' | 'the connection breaks'

describe('the aggregation service where answers get lost', function () {
  this.timeout(60_000)

  const network = new Network()

  afterEach(async () => await network.stop())

  /** Lets something befall a share of all that a peer answers. */
  function tampering(mishap: Mishap, random: Random): (components: AggregationComponents) => AggregationComponents {
    function tamper(stream: Stream, connection: Connection): void {
      const send = stream.send.bind(stream)
      stream.send = data => {
        if (random.fraction() >= SHARE) {
          return send(data)
        }

        switch (mishap) {
          case 'the connection breaks':
            connection.abort(new Error('broken'))
            return true
          case 'it comes late':
            setTimeout(() => {
              if (stream.status === 'open') {
                send(data)
              }
            }, 2 * EXCHANGE_TIMEOUT)
            return true
        }
      }
    }

    return components => {
      const { registrar } = components
      const tampered = {
        handle: (name, handler, options) =>
          registrar.handle(
            name,
            (stream, connection) => {
              tamper(stream, connection)
              return handler(stream, connection)
            },
            options
          ),
        unhandle: name => registrar.unhandle(name)
      } as AggregationComponents['registrar']
      return new Proxy(components, {
        get: (target, key) => (key === 'registrar' ? tampered : Reflect.get(target, key))
      })
    }
  }

  /** How far the mean of the results is from that of the values, in epochs that all have finished and nobody gave up in. */
  async function errors(mishap: Mishap, retries: number): Promise<number[]> {
    const random = new Random(5)
    // one has all: what is lost early is a great part of it
    const nodes = await network.crowd(
      PEERS,
      i => (i === 0 ? PEERS : 0),
      { epoch: 12, period: 50, retries },
      { tamper: tampering(mishap, random), sampling: { exchangeTimeout: EXCHANGE_TIMEOUT } }
    )
    const finished = new Map<number, number[]>()
    const far = () => [...finished.values()].filter(values => values.length === PEERS).map(error)

    for (const { services } of nodes) {
      let before = 0

      services.aggregation.addEventListener('epoch', ({ detail: { epoch, results } }) => {
        const { givenUp } = services.aggregation.statistics().counts
        const value = results.get('load')?.value as number
        // without repetitions everything is given up at once
        const kept = retries === 0 || givenUp === before ? [value] : []
        finished.set(epoch, [...(finished.get(epoch) ?? []), ...kept])
        before = givenUp
      })
    }

    await eventually(() => far().length > 0 && (retries === 0 ? Math.max(...far()) > 1e-3 : repeated(nodes) > 0), {
      deadline: 50_000
    })
    return far()
  }

  function error(values: number[]): number {
    return Math.abs(sum(values) / PEERS - 1)
  }

  function repeated(nodes: AggregatingNode[]): number {
    return sum(nodes.map(({ services }) => services.aggregation.statistics().counts.repeated))
  }

  for (const mishap of ['it comes late', 'the connection breaks'] as const) {
    it(`keeps the sum to the end of an epoch by asking again: ${mishap}`, async () => {
      const far = await errors(mishap, 5)
      assert.ok(
        far.every(error => error < 1e-9),
        far.join()
      )
      assert.ok(repeated(network.nodes) > 0)
    })
  }

  it('loses of the sum where it does not ask again', async () => {
    const far = await errors('the connection breaks', 0)
    assert.ok(Math.max(...far) > 1e-3, far.join())
    assert.equal(repeated(network.nodes), 0)
  })
})
