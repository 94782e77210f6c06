import '../../src/peer/compat.ts'
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import type { RegisterOptions } from '../../src/aggregation/index.ts'
import {
  type AggregateDocument,
  createPeer,
  type GossipPeer,
  type GossipPeerInit,
  openControl
} from '../../src/peer/index.ts'
import { eventually } from '../support/eventually.ts'
import { withFolder } from '../support/folder.ts'

describe('the values of a peer', function () {
  this.timeout(60_000)
  const running: GossipPeer[] = []

  afterEach(async () => {
    await Promise.all(running.splice(0).map(peer => peer.stop()))
  })

  async function start(values: Record<string, RegisterOptions>, init: GossipPeerInit = {}): Promise<GossipPeer> {
    const peer = await createPeer({
      listen: [multiaddr('/ip4/127.0.0.1/tcp/0')],
      ...init,
      values,
      aggregation: { epoch: 12, period: 50, ...init.aggregation },
      sampling: { profile: 'local', ...init.sampling }
    })
    running.push(peer)
    return peer
  }

  const resultOf = (peer: GossipPeer, name: string) => peer.aggregation.result(name)?.value as number | undefined
  const isNear = (value: number | undefined, expected: number) => Math.abs((value ?? Number.NaN) - expected) < 0.01

  it('are averaged, and asked for again in each epoch', async () => {
    let load = 1
    const first = await start({ load: { function: 'average', value: () => load }, peers: { function: 'count' } })
    const bootstrap = first.libp2p.getMultiaddrs()
    const second = await start(
      { load: { function: 'average', value: 4 }, peers: { function: 'count' } },
      { sampling: { bootstrap } }
    )

    assert.deepEqual(
      second.aggregation.registered().map(({ aggregate }) => [aggregate.name, aggregate.function]),
      [
        ['load', 'average'],
        ['peers', 'count']
      ]
    )
    const know = async (average: number) =>
      await eventually(
        () => running.every(peer => isNear(resultOf(peer, 'load'), average) && isNear(resultOf(peer, 'peers'), 2)),
        { what: `an average of ${average}` }
      )
    await know(2.5)
    load = 2
    await know(3)
  })

  it('are left out where they cannot be had, and the owner is told why', async () => {
    await withFolder(async home => {
      const peer = await start(
        {
          good: { function: 'maximum', value: 7 },
          bad: {
            function: 'average',
            value: () => {
              throw new Error('no sensor')
            }
          }
        },
        { home }
      )
      await eventually(() => resultOf(peer, 'good') === 7, { what: 'the good one' })
      const [good, bad] = (await openControl(home).get('/aggregates')) as AggregateDocument[]

      assert.deepEqual([good.name, good.status, good.value, good.error], ['good', 'taking-part', 7, undefined])
      assert.deepEqual([bad.name, bad.status, bad.value, bad.error], ['bad', 'left-out', undefined, 'no sensor'])
      // the one has its next result when this epoch is over, the other one an epoch later
      assert(good.secondsLeft <= 0.6)
      assert(Math.abs(bad.secondsLeft - good.secondsLeft - 0.6) < 0.11, JSON.stringify([good, bad]))
    })
  })

  it('that cannot be are refused before anything is made', async () => {
    const wrong: Array<[values: Record<string, RegisterOptions>, says: RegExp]> = [
      [{ load: { function: 'average' } }, /^value: "load" has none$/],
      [{ load: { function: 'median', value: 1 } }, /^range: median needs one$/],
      [{ load: { function: 'average', value: Number.NaN } }, /^load: NaN is not a number from/],
      [{ load: { function: 'average', value: 3, range: { from: 0, to: 1 } } }, /^load: 3 is not a number from 0 to 1$/],
      [{ ['a'.repeat(65)]: { function: 'average', value: 1 } }, /has not 1 to 64 characters$/],
      [{ 'network size': { function: 'average', value: 1 } }, /^name: there is a "network size" already$/],
      [
        Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`v${i}`, { function: 'sum', value: i }])),
        /no room for "v31"$/
      ]
    ]

    await withFolder(async folder => {
      const home = join(folder, 'home')

      for (const [values, says] of wrong) {
        await assert.rejects(start(values, { home }), { name: 'ParameterError', message: says })
      }

      const trimmed = { home, aggregation: { trimmed: true } }
      const boundless = { load: { function: 'average', value: 1 } } as const
      await assert.rejects(start(boundless, trimmed), { name: 'ParameterError', message: /^range: "load" needs one/ })
      assert.deepEqual(await readdir(folder), [])
    })
  })

  it('are as many as there is room for', async () => {
    const values = Object.fromEntries(
      Array.from({ length: 31 }, (_, i) => [`v${i}`, { function: 'maximum', value: i } as const])
    )
    const peer = await start(values)
    await eventually(() => resultOf(peer, 'v30') === 30, { what: 'the last one' })
  })
})
