import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Libp2p, PeerId, Stream, StreamHandler } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { lpStream, streamPair } from '@libp2p/utils'
import { createLibp2p } from 'libp2p'
import type { Outcome } from '../../src/gossip/exchange.ts'
import type { VerifiedRecord } from '../../src/live/records.ts'
import type { Underlay } from '../../src/live/underlay.ts'
import { type PeerSampling, type PeerSamplingInit, peerSampling } from '../../src/sampling/index.ts'
import { type NetworkCoordinates, vivaldi } from '../../src/vivaldi/index.ts'
import { MEASURE_LIMITS, MEASURE_PROTOCOL, MEASUREMENT_PROBES, PROTOCOL } from '../../src/vivaldi/limits.ts'
import { Measurements, type MeasurementsInit } from '../../src/vivaldi/measurements.ts'
import { MeasureReply, MeasureRequest } from '../../src/vivaldi/messages.ts'
import { eventually } from '../support/eventually.ts'
import { LOOPBACK, PASSIVE_PERIOD } from '../support/nodes.ts'
import { HUGE_LENGTH, Stranger } from '../support/stranger.ts'

type Node = Libp2p<{ vivaldi: NetworkCoordinates; sampling: PeerSampling }>

const { Status } = MeasureReply

describe('a round trip that is measured', function () {
  this.timeout(60_000)

  const running: Array<{ stop(): unknown }> = []

  afterEach(async () => {
    await Promise.all(running.splice(0).map(each => each.stop()))
  })

  /** A peer whose first round is over, and whose next one comes in an hour. */
  async function start(bootstrap: Node[] = [], init: PeerSamplingInit = {}): Promise<Node> {
    const sampling: PeerSamplingInit = {
      profile: 'local',
      period: PASSIVE_PERIOD,
      requestsPerPeriod: PASSIVE_PERIOD,
      bootstrap: bootstrap.flatMap(node => node.getMultiaddrs()),
      ...init
    }
    const node = await createLibp2p({
      ...LOOPBACK,
      services: { vivaldi: vivaldi(), sampling: peerSampling(sampling) }
    })
    running.push(node)
    await eventually(() => statistics(node).rounds > 0 && underWay(node) === 0, { what: 'the first round is over' })
    return node
  }

  /** Three peers; the middle one knows the two others. */
  async function three(): Promise<Node[]> {
    const b = await start()
    const [a, c] = [await start([b]), await start([b])]
    const met = [
      [a, b],
      [b, a],
      [b, c],
      [c, b]
    ]
    await eventually(() => met.every(([one, other]) => knows(one, other.peerId)), { what: 'they have met' })
    return [a, b, c]
  }

  async function stranger(...peers: Node[]): Promise<Stranger> {
    const started = await Stranger.start()
    running.push(started)

    for (const peer of peers) {
      await started.enter(peer)
    }

    return started
  }

  /** Somebody who never answers a probe. */
  async function silent(...peers: Node[]): Promise<{ id: PeerId; probed(): number }> {
    const somebody = await stranger(...peers)
    let probes = 0
    await somebody.onRequest(() => {
      probes++
    }, PROTOCOL)
    return { id: somebody.node.peerId, probed: () => probes }
  }

  /** Asks in a way of its own, and returns what comes. */
  async function ask(asker: Stranger, peer: Node, question: Uint8Array): Promise<MeasureReply> {
    const stream = await (await asker.connect(peer as never)).newStream(MEASURE_PROTOCOL)
    const messages = lpStream(stream)

    try {
      await messages.write(question)
      return MeasureReply.decode(await messages.read())
    } finally {
      await stream.close().catch(err => stream.abort(err))
    }
  }

  /** Exchanges that the peer has begun, and that are not over. */
  const underWay = (node: Node) => {
    const { exchanges, outcomes } = statistics(node)
    return exchanges.initiated - Object.values(outcomes).reduce((sum, count) => sum + count, 0)
  }
  const statistics = (node: Node) => node.services.vivaldi.statistics()
  const knows = (node: Node, id: PeerId) => node.services.sampling.underlay.records.newest(id.toString()) != null
  const nobody = async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  const questionOf = (id: PeerId) => MeasureRequest.encode({ peer: id.toMultihash().bytes.slice() })
  const failure = (message: RegExp) => ({ name: 'MeasurementError', message })

  it('between two others is measured by one of them, who may know what the asker does not', async () => {
    const [a, b, c] = await three()
    const [before, asked] = [statistics(b), statistics(a)]
    const milliseconds = await a.services.vivaldi.measure(c.peerId, { from: b.peerId })
    assert.ok(milliseconds > 0 && milliseconds < 10_000, `${milliseconds} ms`)
    assert.equal(statistics(b).exchanges.initiated - before.exchanges.initiated, MEASUREMENT_PROBES)
    assert.deepEqual(statistics(a).exchanges, asked.exchanges, 'the asker has probed nobody')
    assert.deepEqual([statistics(a).refusals, statistics(b).refusals], [{}, {}])
  })

  it('is measured by this peer itself when it is one of the two, whichever', async () => {
    const [a, b] = await three()
    const { vivaldi } = a.services

    for (const measure of [
      () => vivaldi.measure(b.peerId),
      () => vivaldi.measure(b.peerId, { from: a.peerId }),
      () => vivaldi.measure(a.peerId, { from: b.peerId })
    ]) {
      const { initiated } = statistics(a).exchanges
      const other = statistics(b).exchanges.initiated
      assert.ok((await measure()) > 0)
      assert.equal(statistics(a).exchanges.initiated - initiated, MEASUREMENT_PROBES)
      assert.equal(statistics(b).exchanges.initiated, other)
    }
  })

  it('of the asker is measured over the connection that it has', async () => {
    const b = await start()
    const asker = await stranger(b)
    const probed: string[] = []
    await asker.onRequest((_, stream, { id }) => {
      probed.push(id)
      stream.abort(new Error('no'))
    }, PROTOCOL)
    assert.equal((await ask(asker, b, questionOf(asker.node.peerId))).status, Status.UNREACHABLE)
    assert.deepEqual(
      probed,
      asker.node.getConnections().map(({ id }) => id)
    )
  })

  it('is none of a peer to itself, of one that is unknown here or there, and of one that is gone', async () => {
    const [a, b, c] = await three()
    const { vivaldi } = a.services
    const unknown = await nobody()
    const reject = (peer: PeerId, from: PeerId, message: RegExp) =>
      assert.rejects(vivaldi.measure(peer, { from }), failure(message))

    await reject(b.peerId, b.peerId, /has no round trip to itself$/)
    await reject(a.peerId, a.peerId, /has no round trip to itself$/)
    await reject(b.peerId, unknown, new RegExp(`^${unknown} is not known here$`))
    await reject(unknown, a.peerId, new RegExp(`^${unknown} is not known here$`))
    await reject(unknown, b.peerId, new RegExp(`^${unknown} is not known to ${b.peerId}$`))
    await c.stop()
    await reject(c.peerId, b.peerId, new RegExp(`^${c.peerId} does not answer ${b.peerId}$`))
    await b.stop()
    await reject(c.peerId, b.peerId, new RegExp(`^${b.peerId} does not answer: unreachable$`))
    assert.deepEqual(statistics(b).refusals, {})
  })

  it('is none for who asks a peer about itself', async () => {
    const b = await start()
    assert.equal((await ask(await stranger(b), b, questionOf(b.peerId))).status, Status.UNKNOWN)
  })

  it('is measured for one peer a few times at once, then seldom, and meanwhile for others', async () => {
    const [a, b, c] = await three()
    const unknown = await nobody()
    const began = performance.now()
    let answers = 0
    let refused: unknown

    while (refused == null) {
      const err: Error = await a.services.vivaldi.measure(unknown, { from: b.peerId }).then(
        () => assert.fail(),
        err => err
      )

      if (/is not known to/.test(err.message)) {
        answers++
      } else {
        refused = err
      }
    }

    assert.match(`${refused}`, /^MeasurementError: .* is busy, or was asked too often: try again in some seconds$/)
    const refilled = Math.floor(((performance.now() - began) / 1_000) * MEASURE_LIMITS.perSecond)
    assert.ok(answers >= 3 && answers <= 3 + refilled, `${answers} answers`)
    assert.deepEqual(statistics(b).refusals, { 'too-often': 1 })
    assert.ok((await c.services.vivaldi.measure(a.peerId, { from: b.peerId })) > 0)
  })

  it('is measured for one peer at a time, as long as that one waits for it', async () => {
    const [a, b, c] = await three()
    const mute = await silent(b)
    const controller = new AbortController()
    const first = a.services.vivaldi.measure(mute.id, { from: b.peerId, signal: controller.signal })
    const aborted = assert.rejects(first, /enough/)
    await eventually(() => mute.probed() === 1, { what: 'the probe' })
    await assert.rejects(c.services.vivaldi.measure(a.peerId, { from: b.peerId }), failure(/is busy/))
    assert.deepEqual(statistics(b).refusals, { busy: 1 })
    controller.abort(new Error('enough'))
    await aborted
    await eventually(() => statistics(b).outcomes.aborted === 1, { what: 'the measurement is given up' })
    assert.equal(mute.probed(), 1)
    assert.ok((await c.services.vivaldi.measure(a.peerId, { from: b.peerId })) > 0)
  })

  it('of one that does not answer in time is none', async () => {
    const b = await start([], { dialTimeout: 300, exchangeTimeout: 300 })
    const a = await start([b])
    await eventually(() => knows(a, b.peerId), { what: 'they have met' })
    const mute = await silent(a, b)
    await assert.rejects(
      a.services.vivaldi.measure(mute.id, { from: b.peerId }),
      failure(new RegExp(`^${mute.id} does not answer ${b.peerId}$`))
    )
    assert.equal(mute.probed(), 1, 'who is silent once is not asked again')
  })

  it('is not measured for who asks nonsense, and that is counted', async () => {
    const b = await start()
    const nonsense: Array<[string, Uint8Array]> = [
      ['malformed', Uint8Array.of(10, 200, 1)],
      ['malformed', new Uint8Array(0)],
      ['malformed', MeasureRequest.encode({ peer: Uint8Array.of(1, 2, 3) })],
      ['malformed', MeasureRequest.encode({ peer: new Uint8Array(38).fill(255) })],
      ['too-long', new Uint8Array(MEASURE_LIMITS.maxQuestionBytes + 1)]
    ]
    const counts: Record<string, number> = {}

    for (const [reason, bytes] of nonsense) {
      await assert.rejects(ask(await stranger(), b, bytes))
      counts[reason] = (counts[reason] ?? 0) + 1
      await eventually(() => statistics(b).refusals[reason] === counts[reason], { what: `${reason} is counted` })
      assert.deepEqual(statistics(b).refusals, counts)
    }
  })

  it('is not believed when it cannot be, and that is counted', async () => {
    const a = await start()
    const liar = await stranger(a)
    const { raw } = a.services.vivaldi
    const target = await nobody()
    const say = (milliseconds: number) => (stream: Stream) =>
      lpStream(stream).write(MeasureReply.encode({ milliseconds }))
    const asked: string[] = []
    let reply: (stream: Stream) => unknown = () => {}
    await liar.onStream(async stream => {
      const { peer } = MeasureRequest.decode(await lpStream(stream).read())
      asked.push(Buffer.from(peer).toString('hex'))
      await reply(stream)
    }, MEASURE_PROTOCOL)
    const lies: Array<[string, (stream: Stream) => unknown]> = [
      ['not-finite', say(Number.NaN)],
      ['not-finite', say(Infinity)],
      ['out-of-range', say(0)],
      ['out-of-range', say(-1)],
      ['out-of-range', say(10_000.001)],
      ['out-of-range', say(1e9)],
      ['malformed', stream => lpStream(stream).write(Uint8Array.of(8, 9))],
      ['malformed', stream => lpStream(stream).write(Uint8Array.of(17, 1))],
      ['too-long', stream => stream.send(HUGE_LENGTH)]
    ]
    const counts: Record<string, number> = {}

    for (const [reason, lie] of lies) {
      reply = lie
      counts[reason] = (counts[reason] ?? 0) + 1
      await assert.rejects(
        a.services.vivaldi.measure(target, { from: liar.node.peerId }),
        failure(/ answers what cannot be: (malformed|too-long)$/)
      )
      assert.deepEqual(statistics(a).refusals, counts)
    }

    for (const milliseconds of [0.001, 10_000]) {
      reply = say(milliseconds)
      assert.equal(await a.services.vivaldi.measure(target, { from: liar.node.peerId }), milliseconds)
    }

    assert.deepEqual(new Set(asked), new Set([Buffer.from(target.toMultihash().bytes).toString('hex')]))
    assert.deepEqual(a.services.vivaldi.raw, raw, 'what others measure moves nobody')
  })

  it('is given up when its signal is aborted, be that before, or while another one is asked or probed', async () => {
    const a = await start()
    const mute = await silent(a)
    const quiet = await stranger(a)
    let questions = 0
    await quiet.onStream(() => {
      questions++
    }, MEASURE_PROTOCOL)
    const { vivaldi } = a.services

    for (const [options, isUnderWay] of [
      [{ from: quiet.node.peerId }, () => questions === 1],
      [{}, () => mute.probed() === 1]
    ] as const) {
      const controller = new AbortController()
      const { signal } = controller
      const aborted = assert.rejects(vivaldi.measure(mute.id, { ...options, signal }), /enough/)
      await eventually(isUnderWay, { what: 'it is under way' })
      controller.abort(new Error('enough'))
      await aborted
      await assert.rejects(vivaldi.measure(mute.id, { ...options, signal }), /enough/)
      await assert.rejects(vivaldi.measure(a.peerId, { ...options, signal }), /enough/)
    }

    assert.deepEqual([questions, mute.probed()], [1, 1])
  })

  it('is given up when either end stops, and can be had again from a peer that has started anew', async () => {
    const [a, b, c] = await three()
    const mute = await silent(b)
    const { vivaldi } = a.services
    const left = assert.rejects(vivaldi.measure(mute.id, { from: b.peerId }), failure(/does not answer: unreachable$/))
    await eventually(() => mute.probed() === 1, { what: 'the probe' })
    assert.ok(b.getProtocols().includes(MEASURE_PROTOCOL))
    await b.stop()
    await left
    assert.equal(statistics(b).outcomes.aborted, 1)
    assert.ok(!b.getProtocols().includes(MEASURE_PROTOCOL))
    await assert.rejects(b.services.vivaldi.measure(c.peerId), failure(/do not run here$/))

    const isMet = () => [a, c].every(node => node.getConnections(b.peerId).length > 0)
    await eventually(() => [a, c].every(node => node.getConnections(b.peerId).length === 0), { what: 'it is gone' })
    await b.start()
    await Promise.all([b.dial(a.getMultiaddrs()), b.dial(c.getMultiaddrs())])
    await eventually(isMet, { what: 'it is back' })
    assert.ok((await vivaldi.measure(c.peerId, { from: b.peerId })) > 0)

    const stopped = assert.rejects(vivaldi.measure(mute.id, { from: b.peerId }), failure(/do not run here$/))
    await eventually(() => mute.probed() === 2, { what: 'the probe' })
    await a.stop()
    await stopped
    await eventually(() => statistics(b).outcomes.aborted === 2, { what: 'the measurement is given up' })
  })
})

describe('a measurement', () => {
  /** Its exchanges go as they are told to; there is no network. */
  async function measuring(
    exchange: (tell: (roundTrip: number) => void, signal: AbortSignal) => Promise<Outcome>,
    timing = { dialTimeout: 20, exchangeTimeout: 30 }
  ) {
    const [id, target, asker] = await Promise.all(
      Array.from({ length: 3 }, async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519')))
    )
    let onStream: StreamHandler = () => {}
    const watchers = new Set<(peer: PeerId, roundTrip: number) => void>()
    const underlay = {
      timing,
      newest: () => ({ id: target, key: `${target}` }),
      takesPart: true,
      participation: async () => true,
      watchRoundTrips: (watcher: (peer: PeerId, roundTrip: number) => void) => {
        watchers.add(watcher)
        return () => watchers.delete(watcher)
      }
    }
    const registrar = { handle: async (_: string, handler: StreamHandler) => (onStream = handler), unhandle: () => {} }
    const tell = (roundTrip: number) => {
      for (const watcher of watchers) {
        watcher(asker, 0.5)
        watcher(target, roundTrip)
      }
    }
    const measurements = new Measurements({
      id,
      components: { registrar } as never as MeasurementsInit['components'],
      log: defaultLogger().forComponent('test'),
      underlay: () => underlay as never as Underlay,
      exchange: (_: VerifiedRecord, signal) => exchange(tell, signal),
      onRefused: reason => assert.fail(reason)
    })
    measurements.start()
    await measurements.afterStart()

    /** What it answers another peer. */
    const answer = async () => {
      const [ours, theirs] = await streamPair()
      const served = onStream(theirs, { remotePeer: asker } as Connection)
      const messages = lpStream(ours)
      await messages.write(MeasureRequest.encode({ peer: target.toMultihash().bytes.slice() }))
      const { status, milliseconds } = MeasureReply.decode(await messages.read())
      await ours.close()
      await served
      return [status, milliseconds]
    }
    return { answer, measure: () => measurements.measure(target), stop: () => measurements.stop(), watchers }
  }

  const until = (signal: AbortSignal) =>
    new Promise<Outcome>(resolve => signal.addEventListener('abort', () => resolve('aborted')))

  it('is the shortest round trip with the peer that is meant, and leaves nothing behind', async () => {
    const roundTrips = [7, 3, 5, 4]
    const { measure, answer, watchers } = await measuring(async tell => {
      tell(roundTrips[0])
      roundTrips.push(roundTrips.shift() as number)
      return 'answered'
    })
    assert.equal(await measure(), 3)
    assert.deepEqual(await answer(), [Status.MEASURED, 3])
    assert.equal(watchers.size, 0)
  })

  it('of a busy peer is one too', async () => {
    const { measure } = await measuring(async tell => {
      tell(6)
      return 'busy'
    })
    assert.equal(await measure(), 6)
  })

  it('ends with the first exchange that fails', async () => {
    const outcomes: Outcome[] = ['answered', 'timeout']
    const { measure } = await measuring(async tell => {
      tell(outcomes.length)
      return outcomes.shift() ?? assert.fail('one more')
    })
    assert.equal(await measure(), 1)
  })

  it('for another peer takes so long and no longer, and is what was learned by then', async () => {
    let first = true
    const slow = await measuring(async (tell, signal) => {
      if (first) {
        tell(8)
        first = false
        return 'answered'
      }

      return await until(signal)
    })
    assert.deepEqual(await slow.answer(), [Status.MEASURED, 8])
    const silent = await measuring((_, signal) => until(signal))
    assert.deepEqual(await silent.answer(), [Status.UNREACHABLE, 0])
    assert.equal(silent.watchers.size, 0)
  })

  it('for another peer may take longer than one exchange', async () => {
    const { answer } = await measuring(
      async (tell, signal) => {
        await Promise.race([delay(50), until(signal)])

        if (signal.aborted) {
          return 'aborted'
        }

        tell(9)
        return 'answered'
      },
      { dialTimeout: 10_000, exchangeTimeout: 10 }
    )
    assert.deepEqual(await answer(), [Status.MEASURED, 9])
  })

  it('for another peer has ended when the service has stopped', async () => {
    const { answer, stop, watchers } = await measuring(
      async (_, signal) => {
        const outcome = await until(signal)
        await delay(20)
        return outcome
      },
      { dialTimeout: 10_000, exchangeTimeout: 10_000 }
    )
    const answered = assert.rejects(answer())
    await eventually(() => watchers.size === 1, { what: 'it is under way' })
    await stop()
    assert.equal(watchers.size, 0)
    await answered
  })

  it('is none when no way could be timed, and for another peer when it is longer than any', async () => {
    const untimed = await measuring(async () => 'answered')
    await assert.rejects(
      untimed.measure(),
      / answers, but its round trip cannot be told: too short for the clock here, or it holds requests too long$/
    )
    assert.deepEqual(await untimed.answer(), [Status.UNREACHABLE, 0])

    const long = await measuring(async tell => {
      tell(10_001)
      return 'answered'
    })
    assert.deepEqual(await long.answer(), [Status.UNREACHABLE, 0])
  })
})
