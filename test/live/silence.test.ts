import assert from 'node:assert/strict'
import type { Libp2p } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import { defaultLogger } from '@libp2p/logger'
import { lpStream } from '@libp2p/utils'
import { createLibp2p } from 'libp2p'
import { type GossipProtocol, NOBODY, type Outcome } from '../../src/gossip/exchange.ts'
import { ExchangeDriver } from '../../src/live/driver.ts'
import { decodeFrame, encodeFrame } from '../../src/live/frame.ts'
import { eventually } from '../support/eventually.ts'
import { LOOPBACK } from '../support/nodes.ts'

const NAME = '/test/silence/1.0.0'

type Node = Libp2p<{ registrar: Registrar }>

describe('a connection on which no answer comes', function () {
  this.timeout(60_000)

  let asking: Node
  let answering: Node
  let driver: ExchangeDriver<object, object>
  let answers = false
  let isIdle = false
  let looked = 0

  before(async () => {
    const node = () =>
      createLibp2p({
        ...LOOPBACK,
        services: { registrar: (components: { registrar: Registrar }) => components.registrar }
      })
    asking = await node()
    answering = await node()
    await answering.handle(NAME, async stream => {
      const messages = lpStream(stream)

      try {
        for (;;) {
          const { exchange } = decodeFrame((await messages.read()).subarray())

          if (answers) {
            await messages.write(encodeFrame('reply', exchange, Uint8Array.of(1)))
          }
        }
      } catch {
        // the other end is done
      }
    })
    driver = new ExchangeDriver({
      protocol: { request: () => {}, absorb: () => {}, abandon: () => {} } as unknown as GossipProtocol<object>,
      codec: {
        createMessage: () => ({}),
        encode: () => Uint8Array.of(1),
        open: () => ({}),
        adopt: () => NOBODY
      },
      name: NAME,
      limits: {
        dialTimeout: 10_000,
        exchangeTimeout: 600,
        // looked after four times as often
        streamTimeout: 100,
        maxMessageBytes: 100,
        maxInboundStreams: 1,
        requestBurst: 1,
        requestRate: 1,
        maxOffences: 1
      },
      registrar: asking.services.registrar,
      log: defaultLogger().forComponent('test'),
      isIdle: () => {
        looked++
        return isIdle
      },
      beforeTurn: () => {},
      onChange: () => {}
    })
    await driver.start()
  })

  after(async () => {
    await driver.stop()
    await Promise.all([asking.stop(), answering.stop()])
  })

  const ask = async (): Promise<Outcome> =>
    await driver.exchange({
      partner: NOBODY,
      say: () => {},
      connect: async options => await asking.dial(answering.getMultiaddrs(), options),
      signal: new AbortController().signal
    })

  it('stays while something else is under way on it, and is cut when that has ended', async () => {
    assert.equal(await ask(), 'timeout')
    const [connection] = asking.getConnections(answering.peerId)
    await eventually(() => looked > 3, { what: 'it is looked after' })
    assert.equal(connection.status, 'open')
    isIdle = true
    await eventually(() => connection.status !== 'open', { what: 'it is cut' })
  })

  it('stays when an answer has come after all', async () => {
    isIdle = false
    assert.equal(await ask(), 'timeout')
    const [connection] = asking.getConnections(answering.peerId)
    answers = true
    assert.equal(await ask(), 'answered')
    const before = looked
    isIdle = true
    assert.equal(await ask(), 'answered')
    assert.deepEqual([connection.status, looked], ['open', before])
  })
})
