import assert from 'node:assert/strict'
import type { Connection, Libp2pEvents } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import * as fc from 'fast-check'
import { TypedEventEmitter } from 'main-event'
import { ConnectionKeeper, type ProtocolUse } from '../../src/live/connection-keeper.ts'

const PROTOCOLS = ['/sampling', '/overlay']

/** A connection, opened long ago, with what two protocols of ours and one of the app do on it. */
interface Situation {
  uses: ProtocolUse[]
  streams: Array<{ protocol: string; direction: 'inbound' | 'outbound' }>
}

const situation: fc.Arbitrary<Situation> = fc.record({
  uses: fc.tuple(...PROTOCOLS.map(() => fc.record({ lastUsed: fc.nat(100), busy: fc.boolean() }))),
  streams: fc.array(
    fc.record({
      protocol: fc.constantFrom(...PROTOCOLS, '/app'),
      direction: fc.constantFrom('inbound' as const, 'outbound' as const)
    }),
    { maxLength: 4 }
  )
})

describe('the connections of protocols that share them', () => {
  it('are idle when nobody else has a stream there and no protocol is busy', () => {
    fc.assert(
      fc.property(situation, situation => {
        const { keeper, connections } = keep([situation], 1)
        const others = situation.streams.filter(({ protocol }) => protocol === '/app')
        const busy = situation.uses[0].busy || situation.uses[1].busy
        assert.equal(keeper.isIdle(connections[0]), others.length === 0 && !busy)
      })
    )
  })

  it('go when there are too many: those that no protocol has used for longest, and none that is in use', () => {
    fc.assert(
      fc.property(fc.array(situation, { minLength: 1, maxLength: 10 }), fc.nat(9), (situations, limit) => {
        const { closed, events } = keep(situations, limit)
        events.safeDispatchEvent('connection:open')
        const surplus = situations.length > limit ? situations.length - limit : 0
        const expected = [...situations.keys()]
          .filter(i => situations[i].uses.every(({ busy }) => !busy))
          .filter(i => !situations[i].streams.some(s => s.protocol === '/app' && s.direction === 'outbound'))
          .sort((a, b) => latest(situations[a]) - latest(situations[b]))
        assert.deepEqual(closed, expected.slice(0, surplus))
      })
    )
  })

  it('are kept by the streams of a protocol that is withdrawn, as by those of any other', () => {
    const idle = { lastUsed: 0, busy: false }
    const { keeper, connections, withdraw } = keep(
      [{ uses: [idle, { lastUsed: 9, busy: true }], streams: [{ protocol: '/overlay', direction: 'outbound' }] }],
      0
    )
    assert.equal(keeper.isIdle(connections[0]), false, 'it is busy')
    withdraw[1]()
    assert.equal(keeper.isIdle(connections[0]), false, 'it is not one of ours any more')
    keeper.share('/overlay', () => idle)
    withdraw[1]()
    assert.equal(keeper.isIdle(connections[0]), true, 'what was withdrawn before does not withdraw its successor')
  })
})

function keep(situations: Situation[], limit: number) {
  const events = new TypedEventEmitter<Libp2pEvents>()
  const closed: number[] = []
  const connections = situations.map(({ streams }, i) => {
    const close = async () => closed.push(i)
    const timeline = { open: performance.timeOrigin - 1_000_000 }
    return { status: 'open', direction: 'outbound', timeline, streams, close } as unknown as Connection
  })
  const connectionManager = { getConnections: () => connections } as unknown as ConnectionManager
  const keeper = new ConnectionKeeper({
    connectionManager,
    events,
    limit,
    target: limit,
    isMember: () => false,
    grace: 0
  })
  const withdraw = PROTOCOLS.map((protocol, nth) =>
    keeper.share(protocol, connection => situations[connections.indexOf(connection)].uses[nth])
  )
  keeper.start()
  return { keeper, connections, closed, events, withdraw }
}

function latest({ uses }: Situation): number {
  return Math.max(...uses.map(({ lastUsed }) => lastUsed))
}
