import assert from 'node:assert/strict'
import type { Stream } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'
import { defaultLogger } from '@libp2p/logger'
import { lpStream } from '@libp2p/utils'
import { decodeFrame, encodeFrame } from '../../src/live/frame.ts'
import { Ledger } from '../../src/live/ledger.ts'
import type { VerifiedRecord } from '../../src/live/records.ts'
import { RefusalError } from '../../src/live/refusal.ts'
import { type RequestLimits, RequestProtocol } from '../../src/live/requests.ts'
import type { PeerSamplingInit } from '../../src/sampling/index.ts'
import { eventually } from '../support/eventually.ts'
import { type SamplingNode, startPassiveNode } from '../support/nodes.ts'
import { answer, HUGE_LENGTH, Stranger } from '../support/stranger.ts'

const NAME = '/test/requests/1.0.0'
const LIMITS: RequestLimits = { maxBytes: 1_000, maxInboundStreams: 2, burst: 1_000, perSecond: 1_000 }
const NEVER = new AbortController().signal

/** A peer that answers requests, and makes them. */
interface Peer {
  node: SamplingNode
  record: VerifiedRecord
  protocol: RequestProtocol
  ledger: Ledger
  controller: AbortController
  refusals(): Record<string, number>
}

type Answer = (request: Uint8Array) => Uint8Array | undefined | Promise<Uint8Array | undefined>

describe('requests on kept streams', function () {
  this.timeout(30_000)

  const running: Array<{ stop(): unknown }> = []

  afterEach(async () => {
    for (const each of running.splice(0).reverse()) {
      await each.stop()
    }
  })

  async function start(
    respond: Answer = request => request.slice().reverse(),
    limits: Partial<RequestLimits> = {},
    timing: PeerSamplingInit = {}
  ): Promise<Peer> {
    const node = await startPassiveNode({
      exchangeTimeout: 15_000,
      dialTimeout: 15_000,
      streamTimeout: 60_000,
      ...timing
    })
    const { underlay } = node.services.sampling
    const log = defaultLogger().forComponent('test')
    const ledger = new Ledger(log, 100)
    const protocol = new RequestProtocol({
      name: NAME,
      components: {
        registrar: {
          handle: node.handle.bind(node),
          unhandle: node.unhandle.bind(node)
        } as unknown as Registrar,
        connectionManager: {
          getConnections: node.getConnections.bind(node),
          openConnection: node.dial.bind(node)
        } as unknown as ConnectionManager
      },
      log,
      limits: { ...LIMITS, ...limits },
      ledger,
      underlay: () => underlay,
      answer: async request => await respond(request)
    })
    const controller = new AbortController()
    await protocol.start(controller.signal)
    const stop = async () => {
      controller.abort()
      await protocol.stop()
    }
    running.push(node, { stop })
    const refusals = () => ({ ...ledger.counts.refusals }) as Record<string, number>
    return { node, record: underlay.own.current, protocol, ledger, controller, refusals }
  }

  async function stranger(): Promise<Stranger> {
    const started = await Stranger.start()
    running.push(started)
    return started
  }

  const streamsOf = ({ node }: Peer) =>
    node.getConnections().flatMap(({ streams }) => streams.filter(({ protocol }) => protocol === NAME))

  it('are answered one after the other on one stream', async () => {
    const [one, other] = [await start(), await start()]

    for (let i = 0; i < 50; i++) {
      const outcome = await one.protocol.request(other.record, Uint8Array.of(i, 1, 2), NEVER)
      assert.equal(outcome.outcome, 'answered')
      assert.deepEqual('body' in outcome && [...outcome.body], [2, 1, i])
    }

    assert.equal(streamsOf(one).length, 1)
    const { initiated, outcomes, bytes } = one.ledger.counts
    assert.deepEqual([initiated, outcomes.answered, other.ledger.counts.answered], [50, 50, 50])
    assert.deepEqual(bytes, { sent: 50 * 8, received: 50 * 12 })
    assert.deepEqual([one.refusals(), other.refusals()], [{}, {}])
  })

  it('that overlap are all answered, and leave one stream', async () => {
    const [one, other] = [await start(), await start(undefined, { maxInboundStreams: 8 })]
    await one.protocol.request(other.record, Uint8Array.of(0), NEVER)
    const outcomes = await Promise.all(
      [1, 2, 3, 4].map(i => one.protocol.request(other.record, Uint8Array.of(i), NEVER))
    )
    assert.deepEqual(
      outcomes.map(outcome => 'body' in outcome && outcome.body[0]),
      [1, 2, 3, 4]
    )
    await eventually(() => streamsOf(one).length === 1, { what: 'one stream' })
    assert.deepEqual(other.refusals(), {})
  })

  it('are told to wait when they come too often, or this peer has no time', async () => {
    const [one, other] = [await start(), await start(undefined, { burst: 3, perSecond: 1e-9 })]
    const third = await start(() => undefined)
    const kinds: string[] = []

    for (let i = 0; i < 5; i++) {
      kinds.push((await one.protocol.request(other.record, Uint8Array.of(i), NEVER)).outcome)
    }

    assert.deepEqual(kinds, ['answered', 'answered', 'answered', 'busy', 'busy'])
    assert.deepEqual([other.refusals(), other.ledger.counts.rejected], [{ 'too-often': 2 }, 2])
    assert.equal((await one.protocol.request(third.record, Uint8Array.of(1), NEVER)).outcome, 'busy')
    assert.deepEqual(third.refusals(), { busy: 1 })
    assert.equal(one.ledger.counts.outcomes.busy, 3)
  })

  it('cost their stream when they are refused, and the next one gets another', async () => {
    const other = await start(request => {
      if (request[0] === 1) {
        throw new RefusalError('out-of-range')
      }

      if (request[0] === 2) {
        throw new Error('a fault of its own')
      }

      return request
    })
    const one = await start()
    const ask = async (byte: number) => (await one.protocol.request(other.record, Uint8Array.of(byte), NEVER)).outcome
    assert.deepEqual(
      [await ask(0), await ask(1), await ask(0), await ask(2), await ask(0)],
      ['answered', 'unreachable', 'answered', 'unreachable', 'answered']
    )
    assert.deepEqual(other.refusals(), { 'out-of-range': 1 })
  })

  it('end as what befell them: nobody there, no such protocol, no answer, given up', async () => {
    const one = await start(undefined, {}, { exchangeTimeout: 1_000, dialTimeout: 1_000 })
    const evil = await stranger()
    const ask = (signal = NEVER) => one.protocol.request(evil.record, Uint8Array.of(1), signal)
    assert.equal((await ask()).outcome, 'unsupported')
    await evil.onStream(() => {}, NAME)
    assert.equal((await ask()).outcome, 'timeout')
    const controller = new AbortController()
    const given = ask(controller.signal)
    controller.abort(new Error('enough'))
    assert.equal((await given).outcome, 'aborted')
    assert.equal((await ask(controller.signal)).outcome, 'aborted')
    await evil.stop()
    await eventually(() => one.node.getConnections(evil.node.peerId).length === 0, { what: 'it is gone' })
    assert.equal((await ask()).outcome, 'unreachable')
    assert.deepEqual(one.refusals(), {})
    assert.equal(streamsOf(one).length, 0)
  })

  for (const [reason, what, respond] of [
    ['late', 'to another request', (stream, n) => answer(stream, encodeFrame('reply', n + 1))],
    ['late', 'that is a request', (stream, n) => answer(stream, encodeFrame('request', n))],
    ['malformed', 'that is no frame', stream => answer(stream, new Uint8Array(3))],
    ['too-long', 'that is too long', (stream, n) => answer(stream, encodeFrame('reply', n, new Uint8Array(1_001)))],
    ['too-long', 'of endless length', async stream => void stream.send(HUGE_LENGTH)]
  ] as Array<[string, string, (stream: Stream, exchange: number) => Promise<void>]>) {
    it(`are done with an answer ${what}: ${reason}`, async () => {
      const one = await start()
      const evil = await stranger()
      await evil.onStream(async stream => {
        const { exchange } = decodeFrame((await lpStream(stream).read()).subarray())
        await respond(stream, exchange)
      }, NAME)
      const { outcome } = await one.protocol.request(evil.record, Uint8Array.of(1), NEVER)
      assert.equal(outcome, reason === 'too-long' ? 'too-long' : 'malformed')
      assert.deepEqual(one.refusals(), { [reason]: 1 })
      await eventually(() => streamsOf(one).length === 0, { what: 'the stream is gone' })
    })
  }

  for (const [reason, what, send] of [
    ['malformed', 'no frame', stream => answer(stream, new Uint8Array(2))],
    ['malformed', 'an answer', stream => answer(stream, encodeFrame('reply', 1))],
    [
      'too-long',
      'one byte more than there may be',
      stream => answer(stream, encodeFrame('request', 1, new Uint8Array(1_001)))
    ],
    ['too-long', 'a length without end', async stream => void stream.send(HUGE_LENGTH)]
  ] as Array<[string, string, (stream: Stream) => Promise<void>]>) {
    it(`are refused that bring ${what}: ${reason}`, async () => {
      const one = await start()
      const evil = await stranger()
      await send(await (await evil.connect(one.node)).newStream(NAME))
      await eventually(() => one.ledger.counts.rejected === 1, { what: 'it is counted' })
      assert.deepEqual(one.refusals(), { [reason]: 1 })
      await eventually(() => streamsOf(one).length === 0, { what: 'the stream is gone' })
    })
  }

  it('may be as long as the limit', async () => {
    const [one, other] = [await start(), await start()]
    const outcome = await one.protocol.request(other.record, new Uint8Array(1_000), NEVER)
    assert.equal('body' in outcome && outcome.body.byteLength, 1_000)
  })

  it('come on as many streams of a connection as there may be; one more is refused and counted', async () => {
    const one = await start()
    const evil = await stranger()
    const connection = await evil.connect(one.node)
    const kept = await Promise.all([1, 2].map(() => connection.newStream(NAME)))

    for (const stream of kept) {
      const messages = lpStream(stream)
      await messages.write(encodeFrame('request', 1))
      await messages.read()
    }

    const more = lpStream(await connection.newStream(NAME))
    await more.write(encodeFrame('request', 1)).catch(() => {})
    await assert.rejects(more.read())
    assert.deepEqual(one.refusals(), { 'too-many-streams': 1 })
    const messages = lpStream(kept[0])
    await messages.write(encodeFrame('request', 2))
    assert.equal(decodeFrame((await messages.read()).subarray()).exchange, 2)
  })

  it('that bring nothing for long lose their stream, which is counted, and are made anew on another', async () => {
    const other = await start(undefined, {}, { streamTimeout: 200 })
    const one = await start()
    assert.equal((await one.protocol.request(other.record, Uint8Array.of(1), NEVER)).outcome, 'answered')
    await eventually(() => other.refusals().idle === 1, { what: 'the idle stream is closed' })
    await eventually(() => streamsOf(one).length === 0, { what: 'the stream is gone' })
    assert.equal((await one.protocol.request(other.record, Uint8Array.of(1), NEVER)).outcome, 'answered')
  })

  it('do not use a stream that has lain idle for so long that the other end may just be closing it', async () => {
    const other = await start()
    const one = await start(undefined, {}, { streamTimeout: 400 })
    await one.protocol.request(other.record, Uint8Array.of(1), NEVER)
    const [first] = streamsOf(one)
    const { lastUsed } = underlayUse(one)
    await eventually(() => performance.now() - lastUsed > 200, { what: 'half of the time of a stream' })
    assert.equal(first.status, 'open')
    assert.equal((await one.protocol.request(other.record, Uint8Array.of(1), NEVER)).outcome, 'answered')
    const [second, ...others] = streamsOf(one)
    assert.deepEqual([second.id === first.id, others], [false, []])
  })

  function underlayUse({ protocol, node }: Peer) {
    const [connection] = node.getConnections()
    type Used = { use(connection: unknown): { lastUsed: number } }
    return (protocol as unknown as Used).use(connection)
  }

  it('leave nothing behind when it stops, and are answered again when it starts', async () => {
    const gate = Promise.withResolvers<Uint8Array>()
    const [one, other] = [await start(), await start(() => gate.promise)]
    const pending = one.protocol.request(other.record, Uint8Array.of(1), one.controller.signal)
    await eventually(() => streamsOf(other).length === 1, { what: 'the request' })
    one.controller.abort()
    await one.protocol.stop()
    assert.equal((await pending).outcome, 'aborted')
    assert.deepEqual(streamsOf(one), [])
    assert.ok(!one.node.getProtocols().includes(NAME))
    gate.resolve(Uint8Array.of(7))
    await eventually(() => streamsOf(other).length === 0, { what: 'no stream at the other end' })
    await one.protocol.start(NEVER)
    assert.equal((await other.protocol.request(one.record, Uint8Array.of(1), NEVER)).outcome, 'answered')
    assert.equal((await one.protocol.request(other.record, Uint8Array.of(1), NEVER)).outcome, 'answered')
  })
})
