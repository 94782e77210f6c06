import assert from 'node:assert/strict'
import type { Connection } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import { defaultLogger } from '@libp2p/logger'
import type { GossipProtocol } from '../../src/gossip/exchange.ts'
import { type Codec, ExchangeDriver } from '../../src/live/driver.ts'

const PARTNER = 7

describe('the driver', () => {
  it('holds the number of a partner from the beginning of an exchange to its end, slow to reach as it may be', async () => {
    const held: Array<[when: string, isPartner: boolean]> = []
    const note = (when: string) => held.push([when, driver.isPartner(PARTNER)])
    const protocol = { abandon: () => note('abandoned') } as unknown as GossipProtocol<object>
    const driver = new ExchangeDriver({
      protocol,
      codec: { createMessage: () => ({}) } as Codec<object, object>,
      name: '/test/1.0.0',
      limits: {
        dialTimeout: 60_000,
        exchangeTimeout: 60_000,
        streamTimeout: 60_000,
        maxMessageBytes: 1_000,
        maxInboundStreams: 1,
        requestBurst: 1,
        requestRate: 1,
        maxOffences: 1
      },
      registrar: {} as Registrar,
      log: defaultLogger().forComponent('test'),
      isIdle: () => false,
      beforeTurn: () => {},
      onChange: () => note('told')
    })
    const exchange = (connect: () => Promise<Connection>) =>
      driver.exchange({ partner: PARTNER, say: () => {}, connect, signal: new AbortController().signal })

    const slow = Promise.withResolvers<Connection>()
    note('before')
    const first = exchange(() => slow.promise)
    note('connecting')
    assert.equal(await exchange(() => Promise.reject(new Error('no route'))), 'unreachable')
    note('another attempt has failed')
    slow.reject(new Error('no route'))
    assert.equal(await first, 'unreachable')
    note('after')

    assert.deepEqual(held, [
      ['before', false],
      ['connecting', true],
      ['abandoned', true],
      ['told', true],
      ['another attempt has failed', true],
      ['abandoned', true],
      ['told', true],
      ['after', false]
    ])
  })
})
