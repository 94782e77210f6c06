import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Libp2p } from '@libp2p/interface'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { Registry } from 'prom-client'
import { decodeFrame, encodeFrame } from '../../src/live/frame.ts'
import type { VerifiedRecord } from '../../src/live/records.ts'
import type { Underlay } from '../../src/live/underlay.ts'
import { type PeerSampling, type PeerSamplingInit, PROTOCOL, peerSampling } from '../../src/sampling/index.ts'
import { slowClock } from '../support/clock.ts'
import { eventually } from '../support/eventually.ts'
import { LOOPBACK, PASSIVE_PERIOD } from '../support/nodes.ts'
import { RUMOUR, type Rumour, type RumourInit, rumour } from '../support/rumour.ts'
import { answer, lax, Stranger } from '../support/stranger.ts'

type LayeredNode = Libp2p<{ rumour: Rumour; sampling: PeerSampling }>

const QUICK: PeerSamplingInit = { profile: 'local', period: 50, retryPause: 50 }
/** Both protocols make one round only. */
const ONCE: PeerSamplingInit = { profile: 'local', period: PASSIVE_PERIOD }

describe('a protocol above peer sampling', function () {
  this.timeout(60_000)

  const running: Array<{ stop(): unknown }> = []

  /** A node whose services are named in this order: what lies above before what lies below. */
  async function start(
    init: RumourInit,
    sampling: PeerSamplingInit = QUICK,
    options: Partial<Libp2pOptions> = {}
  ): Promise<LayeredNode> {
    const services = { rumour: rumour(init), sampling: peerSampling(sampling) }
    const node = await createLibp2p({ ...LOOPBACK, ...options, services })
    running.push(node)
    return node
  }

  async function stranger(): Promise<Stranger> {
    const started = await Stranger.start()
    running.push(started)
    return started
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map(each => each.stop()))
  })

  it('reaches everybody through random members, and counts what it does', async () => {
    const first = await start({ value: 0 })
    const bootstrap = first.getMultiaddrs()
    const others = await Promise.all([1, 2, 3, 4].map(value => start({ value }, { ...QUICK, bootstrap })))
    const nodes = [first, ...others].map(node => node.services.rumour)
    await eventually(() => nodes.every(({ value }) => value === 4), { what: 'everybody knows the largest number' })

    for (const { layer, failed } of nodes) {
      await eventually(() => layer.counts.answered > 0 && layer.counts.outcomes.answered > 0)
      const { initiated, outcomes, bytes } = layer.counts
      const ended = Object.values(outcomes).reduce((sum, count) => sum + count, 0)
      assert.ok(initiated - ended <= 1 && initiated <= layer.rounds, `${initiated} begun in ${layer.rounds} rounds`)
      assert.ok(bytes.sent > 0 && bytes.received > 0)
      assert.deepEqual(failed, [])
    }
  })

  it('answers from the moment when its node has started', async () => {
    const answering = await start({ value: 7, partners: () => [] }, ONCE)
    const asking = await start({ value: 0, partners: () => [recordOf(answering)] }, ONCE)
    await eventually(() => asking.services.rumour.value === 7, { what: 'the answer' })
    assert.equal(asking.services.rumour.layer.rounds, 1)
    assert.equal(answering.services.rumour.layer.counts.answered, 1)
    assert.deepEqual(asking.services.rumour.failed, [])
  })

  it('is told of each turn and each change, with whom', async () => {
    const told: string[] = []
    const answering = await start({ value: 7, partners: () => [] }, ONCE)
    const asking = await start(
      {
        value: 0,
        partners: () => [recordOf(answering)],
        onRound: () => told.push('round'),
        beforeTurn: () => told.push('turn'),
        onChange: met => told.push(`met ${met}`)
      },
      ONCE
    )
    await eventually(() => asking.services.rumour.value === 7, { what: 'the answer' })
    assert.deepEqual(told, ['round', 'turn', 'turn', `met ${answering.peerId}`])
  })

  it('has its exchanges timed for everybody above the same peer sampling, busy ones as well', async () => {
    const answering = await start({ value: 7, partners: () => [] }, ONCE)
    const busy = await stranger()
    await busy.onRequest(({ exchange }, stream) => answer(stream, encodeFrame('busy', exchange)), RUMOUR)
    const timed: Array<[peer: string, positive: boolean]> = []
    const partners = (underlay: Underlay) => {
      underlay.watchRoundTrips((peer, roundTrip) => timed.push([`${peer}`, roundTrip > 0]))
      return [busy.record, recordOf(answering)]
    }
    // one that is held up for long by what else the machine does would not be told
    const realTime = slowClock()

    try {
      const asking = await start({ value: 0, insists: true, partners }, ONCE)
      await eventually(() => asking.services.rumour.value === 7, { what: 'the answer' })
    } finally {
      realTime()
    }

    const both = [busy.id, `${answering.peerId}`]
    assert.deepEqual(
      timed,
      both.map(peer => [peer, true])
    )
  })

  it('turns to another partner in the same round when one cannot be reached, as often as it may', async () => {
    const answering = await start({ value: 7, partners: () => [] }, ONCE)
    const [one, other] = [await nobody(), await nobody()]
    const asking = await start({ value: 0, partners: () => [one, undefined, recordOf(answering)] }, ONCE)
    await eventually(() => asking.services.rumour.value === 7, { what: 'the answer' })
    assert.equal(asking.services.rumour.layer.rounds, 1)
    assert.deepEqual(asking.services.rumour.failed, [
      [one.key, 'unreachable'],
      ['nobody', 'unreachable']
    ])

    const limited = await start({ value: 0, tries: 2, partners: () => [one, other, recordOf(answering)] }, ONCE)
    const { rumour } = limited.services
    await eventually(() => rumour.failed.length === 2, { what: 'two failures' })
    await limited.stop()
    assert.deepEqual([rumour.layer.counts.initiated, rumour.value], [2, 0])
  })

  it('turns to another partner after one that is busy if it insists', async () => {
    const answering = await start({ value: 7, partners: () => [] }, ONCE)
    const busy = await stranger()
    await busy.onStream(async stream => {
      const messages = lpStream(stream)
      const { exchange } = decodeFrame((await messages.read()).subarray())
      await messages.write(encodeFrame('busy', exchange))
    }, RUMOUR)
    const partners = () => [busy.record, recordOf(answering)]

    for (const [insists, value] of [
      [false, 0],
      [true, 7]
    ] as const) {
      const asking = await start({ value: 0, insists, partners }, ONCE)
      const { layer } = asking.services.rumour
      await eventually(() => layer.counts.outcomes.busy === 1, { what: 'a busy partner' })
      await eventually(() => asking.services.rumour.value === value, { what: `${value}` })
      await asking.stop()
      assert.deepEqual(
        [layer.rounds, layer.counts.initiated, asking.services.rumour.value],
        [1, insists ? 2 : 1, value]
      )
    }
  })

  it('goes on after a round that an application has made fail', async () => {
    const failing = () => {
      throw new Error('as applications do')
    }
    const unhandled: unknown[] = []
    const onUnhandled = (err: unknown) => unhandled.push(err)
    process.on('unhandledRejection', onUnhandled)

    try {
      const { layer } = (await start({ value: 0, period: 20, partners: failing }, ONCE)).services.rumour
      await eventually(() => layer.rounds >= 3, { what: 'three rounds' })
      assert.deepEqual(unhandled, [])
    } finally {
      process.off('unhandledRejection', onUnhandled)
    }
  })

  it('has rounds of a period of its own, or those of peer sampling', async () => {
    const own = await start({ value: 0, period: 20 }, ONCE)
    const same = await start({ value: 0 }, { ...ONCE, period: 20 })

    for (const { layer } of [own.services.rumour, same.services.rumour]) {
      await eventually(() => layer.rounds >= 5, { what: 'five rounds' })
    }

    assert.ok(own.services.sampling.statistics().rounds <= 1)
  })

  it('refuses what is wrong, by reason, and is not changed by it', async () => {
    const honest = await start({ value: 1, partners: () => [] }, ONCE)
    const liar = await start({ value: Number.NaN, partners: () => [recordOf(honest)] }, ONCE)
    await eventually(() => liar.services.rumour.failed.length === 1, { what: 'the end of the exchange' })
    const { layer, value } = honest.services.rumour
    assert.deepEqual(layer.counts.refusals, { 'not-finite': 1 })
    assert.deepEqual([layer.counts.rejected, layer.counts.answered, value], [1, 0, 1])
  })

  it('is refused to whoever asks more often than peer sampling would let it, for its own period', async () => {
    const answering = await start({ value: 1, period: 3_600_000, partners: () => [] })
    const asking = await start({ value: 0, period: 1, partners: () => [recordOf(answering)] })
    await eventually(() => asking.services.rumour.layer.counts.outcomes.busy > 5, { what: 'refusals' })
    const { answered, refusals } = answering.services.rumour.layer.counts
    assert.equal(answered, 8)
    assert.ok((refusals['too-often'] ?? 0) > 5)
  })

  it('takes no part before the work is done that its identity must cost', async () => {
    const pending = await start({ value: 0 }, { ...QUICK, stampBits: 40 })
    assert.equal(pending.services.sampling.underlay.takesPart, false)
    assert.ok(!pending.getProtocols().includes(RUMOUR))
    const done = await start({ value: 0 }, { ...QUICK, stampBits: 4 })
    await eventually(() => done.services.rumour.layer.rounds > 0, { what: 'a round' })
    assert.ok(done.getProtocols().includes(RUMOUR))
    assert.equal(done.services.sampling.underlay.takesPart, true)
    assert.ok(!pending.getProtocols().includes(RUMOUR))
    assert.equal(pending.services.rumour.layer.rounds, 0)
    await pending.stop()
    assert.ok(!pending.getProtocols().includes(RUMOUR))
  })

  it('stops at once in the middle of an exchange, leaves no timer and no stream behind, and can start again', async () => {
    const silent = await stranger()
    const unused = { id: 'unused', streams: [{ protocol: RUMOUR }] } as Connection
    let heard = 0
    await silent.onStream(stream => stream.addEventListener('message', () => heard++, { once: true }), RUMOUR)
    const timers = timersRunning()
    const sampling = { ...QUICK, exchangeTimeout: 600_000 }
    const node = await start({ value: 0, partners: () => [silent.record] }, sampling)
    const { layer, failed } = node.services.rumour

    for (const round of [1, 2]) {
      await eventually(() => heard === round, { what: 'an exchange under way' })
      assert.equal(node.services.sampling.underlay.isIdle(unused), true)
      // an exchange may take ten times as long as this test
      await node.stop()
      await eventually(() => silent.node.getConnections().length === 0, { what: 'the connection is closed' })
      await eventually(() => timersRunning() <= timers, { what: `no more than ${timers} timers` })
      assert.deepEqual([layer.counts.outcomes.aborted, layer.rounds, failed], [round, round, []])
      assert.ok(!node.getProtocols().includes(RUMOUR))
      assert.equal(node.services.sampling.underlay.isIdle(unused), false)

      if (round === 1) {
        await node.start()
      }
    }
  })

  it('can be asked for its counts before it has ever started', async () => {
    const { layer } = (await start({ value: 0 }, QUICK, { start: false })).services.rumour
    assert.deepEqual([layer.rounds, layer.counts.initiated, layer.isPartner(1)], [0, 0, false])
    assert.equal(layer.isStarted(), false)
    await layer.stop()
  })

  it('is counted for whoever scrapes it', async () => {
    const registry = new Registry()
    const metrics = prometheusMetrics({ registry, collectDefaultMetrics: false })
    const answering = await start({ value: 7, partners: () => [] }, ONCE)
    const asking = await start({ value: 0, partners: () => [recordOf(answering)] }, ONCE, { metrics })
    await eventually(() => asking.services.rumour.value === 7, { what: 'the answer' })
    const text = await registry.metrics()
    assert.match(text, /^test_rumour_rounds_total 1$/m)
    assert.match(text, /^test_rumour_exchanges_total\{outcome="answered"\} 1$/m)
  })

  it('keeps no connection of the node by the streams that it leaves open', async () => {
    const others = await Promise.all(Array.from({ length: 12 }, () => start({ value: 1, partners: () => [] }, ONCE)))
    const left = others.map(recordOf)
    // long opened connections have no grace
    const init = { ...ONCE, maxConnections: 4, dialTimeout: 300, exchangeTimeout: 300 }
    const node = await start({ value: 0, period: 20, partners: () => [left.shift()] }, init)
    await eventually(() => left.length === 0, { what: 'an exchange with everybody' })

    await eventually(
      async () => {
        // each new connection is an occasion to look at the others
        const newcomer = await start({ value: 1, partners: () => [] }, ONCE)
        await newcomer.dial(node.getMultiaddrs())
        return node.getConnections().length <= 5
      },
      { what: 'no more connections than there may be' }
    )
  })

  it('does not keep a connection to a peer that is gone, by the streams that it leaves open', async () => {
    const partner = await start({ value: 7, partners: () => [] }, ONCE)
    await partner.unhandle(PROTOCOL)
    await partner.handle(PROTOCOL, () => {})
    // on a busy machine the first answer may come too late
    let isAnswered = false
    const partners = () => (isAnswered ? [] : [recordOf(partner)])
    const node = await start({ value: 0, period: 100, partners }, { ...ONCE, exchangeTimeout: 300 })
    await eventually(
      () => {
        isAnswered = node.services.rumour.value === 7
        const { initiated, outcomes } = node.services.rumour.layer.counts
        return isAnswered && initiated === Object.values(outcomes).reduce((sum, count) => sum + count, 0)
      },
      { what: 'the answer, and nothing under way' }
    )
    assert.deepEqual(
      node.getConnections(partner.peerId).flatMap(({ streams }) => streams.map(({ protocol }) => protocol)),
      [RUMOUR]
    )
    assert.equal(await node.services.sampling.join(partner.getMultiaddrs()), 'timeout')
    await eventually(() => node.getConnections().length === 0, { what: 'the connection is given up' })
  })

  describe('that does not find it', () => {
    it('says which name it must have', async () => {
      const services = { members: peerSampling(QUICK), rumour: rumour({ value: 0 }) as never }
      const node = await createLibp2p({ ...LOOPBACK, services, start: false })
      await assert.rejects(Promise.resolve(node.start()), { name: 'ParameterError', parameter: 'services' })
      await node.stop()
    })

    it('is not made by libp2p without any', async () => {
      const services = { rumour: rumour({ value: 0 }) as never }
      await assert.rejects(createLibp2p({ ...LOOPBACK, services }), /@gossip-peer\/sampling/)
    })
  })
})

/** What a node says of itself. */
function recordOf(node: LayeredNode): VerifiedRecord {
  const { current } = node.services.sampling.underlay.own
  return { ...current, multiaddrs: node.getMultiaddrs() }
}

/** A peer that is not there. */
async function nobody(): Promise<VerifiedRecord> {
  return await lax.seal(await generateKeyPair('Ed25519'), [multiaddr('/ip4/127.0.0.1/tcp/1')], 1n)
}

function timersRunning(): number {
  return process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length
}
