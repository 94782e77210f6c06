import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { encodeFrame } from '../../src/live/frame.ts'
import type { VerifiedRecord } from '../../src/live/records.ts'
import { identityOf } from '../../src/overlay/identity.ts'
import { ROUTE_BURST, ROUTE_PEERS } from '../../src/overlay/limits.ts'
import { Exchange, RouteReply, RouteRequest } from '../../src/overlay/messages.ts'
import { Positions } from '../../src/overlay/positions.ts'
import { eventually } from '../support/eventually.ts'
import { PASSIVE_PERIOD } from '../support/nodes.ts'
import { PROFILE, positioned, SPACE } from '../support/positioned.ts'
import { HUGE_LENGTH, lax, Stranger } from '../support/stranger.ts'
import { startTorusNode, type TorusNode } from '../support/torus.ts'

const { exchange: EXCHANGE, route: ROUTE } = identityOf(SPACE.name, SPACE.name)
const positions = new Positions(SPACE, PROFILE)

/** Somebody in the overlay who answers questions of routes in a way of its own. */
interface Guide {
  stranger: Stranger
  record: VerifiedRecord
  asked: number
}

describe('a route', function () {
  this.timeout(60_000)

  const running: Array<{ stop(): unknown }> = []

  afterEach(async () => {
    await Promise.all(running.splice(0).map(each => each.stop()))
  })

  /**
   * A peer at [0, 0] that begins no exchange by itself.
   *
   * @param patience - milliseconds for an answer. Default: so many that nobody is given up because the machine is busy
   */
  async function asker(patience = 15_000): Promise<TorusNode> {
    const timing = {
      period: PASSIVE_PERIOD,
      dialTimeout: patience / 2,
      exchangeTimeout: patience / 2,
      requestsPerPeriod: PASSIVE_PERIOD
    }
    const node = await startTorusNode({ side: 50, position: [0, 0], period: PASSIVE_PERIOD }, timing)
    running.push(node)
    await eventually(() => node.services.torus.statistics().rounds > 0, { what: 'the first round' })
    return node
  }

  async function stranger(): Promise<Stranger> {
    const started = await Stranger.start()
    running.push(started)
    return started
  }

  async function guide(
    peer: TorusNode,
    position: number[],
    answer: (guide: Guide, stream: Stream) => Promise<unknown> | unknown,
    enters = true
  ): Promise<Guide> {
    const somebody = await stranger()
    const record = await positioned(somebody.privateKey, position, { addresses: somebody.node.getMultiaddrs() })
    const guide = { stranger: somebody, record, asked: 0 }
    await somebody.onStream(async stream => {
      await lpStream(stream).read()
      guide.asked++
      await answer(guide, stream)
    }, ROUTE)

    if (enters) {
      await enter(peer, guide)
    }

    return guide
  }

  /** The peer learns of the guide by an exchange that the guide begins. */
  async function enter(peer: TorusNode, { stranger, record }: Guide): Promise<void> {
    const request = Exchange.encode({ descriptors: [{ record: record.envelope.slice(), age: 0 }] })
    const stream = await (await stranger.connect(peer)).newStream(EXCHANGE)
    const messages = lpStream(stream)
    await messages.write(encodeFrame('request', 1, request))
    await messages.read()
    await stream.close()
  }

  const reply = async (stream: Stream, records: VerifiedRecord[], busy = false) => {
    const bytes = RouteReply.encode({ busy, records: records.map(({ envelope }) => envelope.slice()) })
    await lpStream(stream).write(bytes)
    await stream.close()
  }
  const honestly = (guide: Guide, stream: Stream) => reply(stream, [guide.record])

  it('leads from peer to peer, nearer with each, to the one at the point', async () => {
    const points = Array.from({ length: 6 }, (_, i) => [2 * i, 0])
    const torus = { width: 12, height: 2, view: 5 }
    const first = await startTorusNode({ ...torus, position: points[0] }, { view: 2 })
    running.push(first)
    const bootstrap = first.getMultiaddrs()
    const others = await Promise.all(
      points.slice(1).map(position => startTorusNode({ ...torus, position }, { view: 2, bootstrap }))
    )
    running.push(...others)
    const nodes = [first, ...others]
    await eventually(
      () =>
        nodes.every(({ services }) =>
          ['east', 'west'].every(d => services.torus.neighbour(d as 'east')?.distance === 2)
        ),
      { what: 'everybody has its neighbours', deadline: 40_000 }
    )

    for (const [i, node] of nodes.entries()) {
      const point = points[(i + 3) % 6]
      const { path, hops, outcome, target, distance } = await node.services.torus.route(point)
      assert.deepEqual([outcome, target, distance, hops], ['arrived', point, 0, path.length - 1])
      assert.ok(hops >= 1 && hops <= 3, `${hops} hops`)
      assert.deepEqual([path[0].id.toString(), path[0].milliseconds], [node.peerId.toString(), undefined])

      for (const [k, hop] of path.entries()) {
        assert.ok(nodes[points.findIndex(at => `${at}` === `${hop.position}`)].peerId.equals(hop.id))
        assert.ok(k === 0 || (hop.distance < path[k - 1].distance && (hop.milliseconds ?? -1) > 0))
      }
    }

    const { outcome, path } = await first.services.torus.route([7, 1])
    assert.equal(outcome, 'nearest')
    assert.equal(path.at(-1)?.distance, 2)
    assert.ok(nodes.every(({ services }) => Object.keys(services.torus.statistics().refusals).length === 0))
  })

  it('goes on through peers of which only others know, and around one that is gone', async () => {
    const peer = await asker()
    const { torus } = peer.services
    const last = await guide(peer, [20, 0], honestly, false)
    const dead = await guide(peer, [19, 0], honestly, false)
    const third = await guide(peer, [16, 0], ({ record }, stream) => reply(stream, [record, last.record]), false)
    const second = await guide(
      peer,
      [10, 0],
      ({ record }, stream) => reply(stream, [record, dead.record, third.record]),
      false
    )
    const first = await guide(peer, [5, 0], ({ record }, stream) => reply(stream, [record, second.record]))
    await dead.stranger.stop()
    const { path, outcome, hops } = await torus.route([20, 0])
    assert.deepEqual(
      path.map(({ id }) => id.toString()),
      [peer.peerId.toString(), ...[first, second, third, last].map(({ record }) => record.key)]
    )
    assert.deepEqual([outcome, hops, path.map(({ distance }) => distance)], ['arrived', 4, [20, 15, 10, 4, 0]])
    assert.deepEqual(torus.nearest([20, 0], 9).length, 1, 'who is met on the way is not taken for that')
    const short = await torus.route([20, 0], { maxHops: 2 })
    assert.deepEqual([short.outcome, short.hops, short.distance], ['lost', 2, 10])
  })

  it('ends where it begins when this peer is at the point, or nobody is nearer', async () => {
    const { torus } = (await asker()).services
    const alone = await torus.route([0, 0])
    assert.deepEqual([alone.outcome, alone.hops, alone.path.length, alone.distance], ['arrived', 0, 1, 0])
    assert.equal((await torus.route([3, 0])).outcome, 'nearest')
  })

  it('goes around a peer that answers nonsense, and counts what that was', async () => {
    const peer = await asker()
    const { torus } = peer.services
    const target = [20, 0]
    const honest = await guide(peer, [5, 0], honestly)
    const key = await generateKeyPair('Ed25519')
    const near = await positioned(key, [19, 0])
    const forged = {
      ...near,
      envelope: near.envelope.map((byte, i, { length }) => (i === length - 1 ? byte ^ 1 : byte))
    }
    const nan = await positioned(key, new Uint8Array(new Float64Array([Number.NaN, 0]).buffer), { seq: 2n })
    const crowd = await Promise.all(
      Array.from({ length: ROUTE_PEERS + 1 }, async (_, i) => positioned(await generateKeyPair('Ed25519'), [10 + i, 0]))
    )
    const nonsense: Array<[string, (guide: Guide, stream: Stream) => Promise<unknown> | unknown]> = [
      ['malformed', (_, stream) => lpStream(stream).write(Uint8Array.of(18, 200, 1))],
      ['too-long', (_, stream) => stream.send(HUGE_LENGTH)],
      ['not-the-sender', (_, stream) => reply(stream, [])],
      ['not-the-sender', (_, stream) => reply(stream, [near])],
      ['forged-record', ({ record }, stream) => reply(stream, [record, forged])],
      ['bad-profile', ({ record }, stream) => reply(stream, [record, nan])],
      ['bad-profile', async ({ record }, stream) => reply(stream, [record, await positioned(key, undefined)])],
      ['duplicate', ({ record }, stream) => reply(stream, [record, near, near])],
      ['too-many-descriptors', ({ record }, stream) => reply(stream, [record, ...crowd])]
    ]
    const counts: Record<string, number> = {}

    for (const [reason, answer] of nonsense) {
      const liar = await guide(peer, [18, 0], answer)
      const { path, outcome } = await torus.route(target)
      counts[reason] = (counts[reason] ?? 0) + 1
      assert.deepEqual([path.at(-1)?.id.toString(), outcome], [honest.record.key, 'nearest'], reason)
      assert.equal(liar.asked, 1, reason)
      assert.deepEqual(torus.statistics().refusals, counts)
      await liar.stranger.stop()
      // it is gone: now the core is told, and has it no more
      assert.equal((await torus.route(target)).path.at(-1)?.id.toString(), honest.record.key)
      assert.deepEqual(torus.nearest(target, 1)[0].position, [5, 0])
    }
  })

  it('goes around a peer that does not answer, and tells the overlay', async () => {
    const peer = await asker(1_200)
    const { torus } = peer.services
    const honest = await guide(peer, [5, 0], honestly)
    const silent = await guide(peer, [18, 0], () => {})
    assert.deepEqual(torus.neighbours.east?.position, [5, 0])
    const near = await guide(peer, [1, 0], () => {})
    assert.deepEqual(torus.neighbours.east?.position, [1, 0])
    const { path, outcome } = await torus.route([20, 0])
    assert.deepEqual(
      path.map(({ position }) => position),
      [
        [0, 0],
        [5, 0]
      ]
    )
    assert.deepEqual([silent.asked, honest.asked, near.asked, outcome], [1, 1, 0, 'nearest'])
    assert.equal(torus.nearest([18, 0], 1)[0].distance, 13)
    assert.equal((await torus.route([1, 0])).outcome, 'lost')
    assert.deepEqual(torus.neighbours.east?.position, [5, 0], 'the neighbour that did not answer is none any more')
  })

  it('holds nothing against a peer that lets nobody open so many streams at once', async () => {
    const peer = await asker()
    const { torus } = peer.services
    const near = await guide(peer, [1, 0], (_, stream) => stream.abort(new Error('too many streams')))
    assert.equal((await torus.route([1, 0])).outcome, 'lost')
    assert.equal(near.asked, 1)
    assert.deepEqual(torus.neighbours.east?.position, [1, 0])
  })

  it('goes around a peer that was asked too often, and holds nothing against it', async () => {
    const peer = await asker()
    const { torus } = peer.services
    await guide(peer, [5, 0], honestly)
    await guide(peer, [18, 0], (_, stream) => reply(stream, [], true))
    assert.equal((await torus.route([20, 0])).distance, 15)
    assert.deepEqual([torus.nearest([18, 0], 1)[0].distance, torus.statistics().refusals], [0, {}])
  })

  it('goes by what a peer says of itself now, and not by what others remember', async () => {
    const peer = await asker()
    const { torus } = peer.services
    await guide(peer, [18, 0], async ({ stranger, record }, stream) =>
      reply(stream, [await positioned(stranger.privateKey, [30, 30], { seq: record.seq + 1n })])
    )
    const { path, outcome } = await torus.route([20, 0])
    assert.deepEqual([path.length, outcome], [1, 'lost'])
  })

  it('is given up when its signal is aborted, or the node stops, and refuses what is impossible', async () => {
    const peer = await asker()
    const { torus } = peer.services
    const silent = await guide(peer, [18, 0], () => {})
    const controller = new AbortController()
    const aborted = assert.rejects(torus.route([20, 0], { signal: controller.signal }), /enough/)
    await eventually(() => silent.asked === 1, { what: 'the question' })
    controller.abort(new Error('enough'))
    await aborted
    assert.equal(torus.nearest([18, 0], 1)[0].distance, 0, 'who is not waited for is not blamed')

    const stopped = assert.rejects(torus.route([20, 0]), { name: 'AbortError' })
    await eventually(() => silent.asked === 2, { what: 'the question' })
    await peer.stop()
    await stopped
    await assert.rejects(torus.route([50, 0]), { name: 'ParameterError', parameter: 'position' })
    await assert.rejects(torus.route([1, 0], { maxHops: 0 }), { name: 'ParameterError', parameter: 'maxHops' })
  })

  it('is answered with whom the peer knows nearest, itself first, and not for ever', async () => {
    const peer = await asker()
    const { torus } = peer.services

    for (const x of [10, 12, 14, 16, 18, 30]) {
      await guide(peer, [x, 0], honestly)
    }

    const caller = await stranger()
    const connection = await caller.connect(peer)
    const ask = async (bytes: Uint8Array) => {
      const stream = await connection.newStream(ROUTE)
      const messages = lpStream(stream)

      try {
        await messages.write(bytes)
        return RouteReply.decode(await messages.read())
      } finally {
        await stream.close().catch(err => stream.abort(err))
      }
    }
    const request = (point: Uint8Array) => RouteRequest.encode({ point: point.slice() })
    const good = request(SPACE.encode([16, 0]))
    const { busy, records } = await ask(good)
    const verified = await Promise.all(records.map(envelope => lax.verify(envelope)))
    assert.equal(busy, false)
    assert.deepEqual(
      verified.map(record => positions.of(record)[0]).map((x, i) => (i === 0 ? x : Math.abs(x - 16))),
      [0, 0, 2, 2, 4]
    )
    assert.equal(verified[0].key, peer.peerId.toString())

    await assert.rejects(ask(Uint8Array.of(10, 200, 1)))
    await assert.rejects(ask(request(new Uint8Array(new Float64Array([Number.NaN, 0]).buffer))))
    await assert.rejects(ask(request(new Uint8Array(16).fill(255))))
    await assert.rejects(ask(new Uint8Array(600)))
    await eventually(() => (torus.statistics().refusals['too-long'] ?? 0) === 1, { what: 'it is counted' })
    assert.deepEqual(torus.statistics().refusals, { malformed: 3, 'too-long': 1 })

    let answers = 0

    while (!(await ask(good)).busy) {
      answers++
      assert.ok(answers < 10 * ROUTE_BURST)
    }

    // those before it count too
    assert.ok(answers >= ROUTE_BURST - 5, `${answers} answers`)
    assert.equal(torus.statistics().refusals['too-often'], 1)
  })
})
