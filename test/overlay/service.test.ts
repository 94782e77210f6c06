import assert from 'node:assert/strict'
import { setImmediate as immediate } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p, Startable } from '@libp2p/interface'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { lpStream } from '@libp2p/utils'
import { createLibp2p } from 'libp2p'
import { Registry } from 'prom-client'
import { encodeFrame } from '../../src/live/frame.ts'
import { QUARANTINE_ROUNDS } from '../../src/overlay/constants.ts'
import { identityOf } from '../../src/overlay/identity.ts'
import {
  type NeighbourChange,
  type Overlay,
  type OverlayStatistics,
  overlay,
  ownSpace,
  PROTOCOL,
  ROUTE_PROTOCOL,
  TORUS_DIRECTIONS,
  type TorusDirection,
  type TorusOverlayInit,
  torus,
  torusOverlay
} from '../../src/overlay/index.ts'
import { Exchange } from '../../src/overlay/messages.ts'
import { type PeerSampling, type PeerSamplingInit, peerSampling } from '../../src/sampling/index.ts'
import { eventually } from '../support/eventually.ts'
import { LOOPBACK, PASSIVE_PERIOD } from '../support/nodes.ts'
import { positioned, SPACE } from '../support/positioned.ts'
import { answer, Stranger } from '../support/stranger.ts'
import { QUICK_SAMPLING, startTorusNode, type TorusNode } from '../support/torus.ts'

const { exchange: EXCHANGE } = identityOf(SPACE.name, SPACE.name)

const STEPS: Record<TorusDirection, [number, number]> = { north: [0, 1], east: [1, 0], south: [0, -1], west: [-1, 0] }

describe('an overlay service', function () {
  this.timeout(60_000)

  const running: Array<{ stop(): unknown }> = []

  afterEach(async () => {
    await Promise.all(running.splice(0).map(each => each.stop()))
  })

  async function start(init: TorusOverlayInit, sampling: PeerSamplingInit = {}): Promise<TorusNode> {
    const node = await startTorusNode(init, sampling)
    running.push(node)
    return node
  }

  /** Peers at these points of a torus, which enter through the first one. */
  async function startAt(side: number, points: number[][]): Promise<TorusNode[]> {
    const first = await start({ side, position: points[0] })
    const bootstrap = first.getMultiaddrs()
    return [first, ...(await Promise.all(points.slice(1).map(position => start({ side, position }, { bootstrap }))))]
  }

  it('makes a torus of peers, each with its four neighbours, and tells each change once', async () => {
    const side = 3
    const points = Array.from({ length: side * side }, (_, i) => [i % side, Math.floor(i / side)])
    const first = await start({ side, position: points[0] })
    const bootstrap = first.getMultiaddrs()
    const changes: Array<Array<NeighbourChange<number[], TorusDirection>>> = []
    const nodes = await Promise.all(
      points.map(async (position, i) => {
        const node = i === 0 ? first : await startTorusNode({ side, position }, { bootstrap }, { start: false })
        const told: Array<NeighbourChange<number[], TorusDirection>> = []
        changes.push(told)
        node.services.torus.addEventListener('neighbour:change', ({ detail }) => told.push(detail))

        if (i > 0) {
          running.push(node)
          await node.start()
        }

        return { node, told }
      })
    )

    const next = ([x, y]: number[], direction: TorusDirection) => {
      const [dx, dy] = STEPS[direction]
      return [(x + dx + side) % side, (y + dy + side) % side]
    }
    // the one to the south is as near when it has come first, and stands in the north as well
    await eventually(
      () =>
        nodes.every(({ node: { services } }, i) =>
          TORUS_DIRECTIONS.every(
            direction => `${services.torus.neighbour(direction)?.position}` === `${next(points[i], direction)}`
          )
        ),
      { what: 'four neighbours each', deadline: 40_000 }
    )

    for (const [i, { node, told }] of nodes.entries()) {
      const { torus, sampling } = node.services
      const lastTold = new Map<string, string | undefined>()

      for (const direction of TORUS_DIRECTIONS) {
        const point = next(points[i], direction)
        const neighbour = torus.neighbours[direction]
        assert.deepEqual(neighbour?.position, point, `${points[i]} ${direction}`)
        assert.ok(nodes[points.findIndex(at => `${at}` === `${point}`)].node.peerId.equals(neighbour?.id))
      }

      for (const { direction, neighbour, previous } of told) {
        assert.equal(previous?.id.toString(), lastTold.get(direction), 'each change begins where the last one ended')
        assert.notEqual(neighbour?.id.toString(), previous?.id.toString(), 'nothing is told that is no change')
        lastTold.set(direction, neighbour?.id.toString())
      }

      // the first one may have had its first neighbour before anybody listened
      if (i > 0) {
        const present = TORUS_DIRECTIONS.map(direction => torus.neighbour(direction)?.id.toString())
        assert.deepEqual(
          TORUS_DIRECTIONS.map(direction => lastTold.get(direction)),
          present
        )
      }

      const { refusals, outcomes, viewSize, capacity, bytes, knownPeers } = torus.statistics()
      assert.deepEqual([refusals, outcomes.malformed, outcomes.unsupported], [{}, 0, 0])
      assert.ok(viewSize <= capacity && knownPeers >= viewSize && bytes.sent > 0 && bytes.received > 0)
      assert.deepEqual(
        Object.keys(sampling.statistics().refusals).filter(reason => reason !== 'busy'),
        []
      )
    }
  })

  it('finds the next one when a neighbour stops', async () => {
    const nodes = await startAt(6, [
      [0, 0],
      [1, 0],
      [2, 0],
      [4, 0]
    ])
    const { torus } = nodes[0].services
    await eventually(() => eastOf(nodes[0]) === `${nodes[1].peerId}`, { what: 'the neighbour' })
    const changes: Array<NeighbourChange<number[]>> = []
    torus.addEventListener('neighbour:change', ({ detail }) => changes.push(detail))
    await nodes[1].stop()
    await eventually(() => eastOf(nodes[0]) === `${nodes[2].peerId}`, { what: 'the one beyond' })
    const change = changes.findLast(({ direction }) => direction === 'east')
    assert.ok(nodes[2].peerId.equals(change?.neighbour?.id))
    assert.equal(torus.neighbour('east')?.distance, 2)
    await eventually(() => torus.nearest([0, 0], 9).every(({ id }) => !id.equals(nodes[1].peerId)), {
      what: 'nobody knows it any more'
    })
  })

  it('turns again to a neighbour that did not answer as soon as peer sampling has met it', async () => {
    const slow = await start({ side: 8, position: [1, 0], period: PASSIVE_PERIOD })
    const id = `${PROTOCOL}/torus%208x8`
    /** In which of its rounds the peer has asked. */
    const asked: number[] = []
    let peer: TorusNode | undefined
    await slow.unhandle(id)
    await slow.handle(id, () => {
      asked.push(peer?.services.torus.statistics().rounds ?? 0)
    })
    const timing = { period: 50, exchangeTimeout: 200, bootstrap: slow.getMultiaddrs() }
    peer = await start({ side: 8, position: [0, 0], period: 200 }, timing)
    await eventually(() => asked.length > 1, { what: 'a second question' })
    assert.ok(asked[1] - asked[0] < QUARANTINE_ROUNDS / 2, `rounds ${asked}`)
  })

  it('moves, and all that are near follow', async () => {
    const nodes = await startAt(10, [
      [0, 0],
      [1, 0],
      [5, 5],
      [6, 5],
      [2, 0]
    ])
    const [first, mover, third] = nodes
    await eventually(() => eastOf(first) === `${mover.peerId}` && eastOf(third) === `${nodes[3].peerId}`, {
      what: 'the neighbours'
    })
    mover.services.torus.move([5, 6])
    assert.deepEqual(mover.services.torus.position, [5, 6])
    await eventually(
      () =>
        third.services.torus.neighbour('north')?.id.equals(mover.peerId) === true &&
        mover.services.torus.neighbour('south')?.id.equals(third.peerId) === true,
      { what: 'the new neighbours' }
    )
    await eventually(() => eastOf(first) === `${nodes[4].peerId}`, { what: 'the old one has let it go' })
    assert.deepEqual(first.services.torus.nearest([5, 6], 1)[0].position, [5, 6])
    assert.throws(() => mover.services.torus.move([10, 0]), { name: 'ParameterError', parameter: 'position' })
    assert.deepEqual(mover.services.torus.position, [5, 6])
  })

  it('lets a newcomer, and one that has moved, speak to all of its neighbours in one round', async () => {
    const around = [
      [1, 2],
      [2, 1],
      [1, 0],
      [0, 1]
    ]
    const strangers = await Promise.all(around.map(neighbourAt))
    /** In which of its rounds the peer has asked somebody. */
    const asked: number[] = []
    let torus: TorusNode['services']['torus']

    for (const { stranger, descriptors } of strangers) {
      await stranger.onRequest(async ({ exchange }, stream) => {
        asked.push(torus.statistics().rounds)
        await answer(stream, encodeFrame('reply', exchange, Exchange.encode({ descriptors })))
      }, EXCHANGE)
    }

    /** A peer that has had its first round, in which it knew nobody. */
    async function alone() {
      const node = await start({ side: 50, position: [1, 1], period: 1_000 })
      await eventually(() => node.services.torus.statistics().rounds === 1, { what: 'a round' })
      return { node, torus: node.services.torus }
    }

    async function assertAllAsked(round: number): Promise<void> {
      await eventually(() => asked.length >= around.length, { what: 'everybody is asked' })
      assert.deepEqual(asked.slice(0, around.length), Array(around.length).fill(round))
    }

    for (;;) {
      const newcomer = await alone()
      torus = newcomer.torus
      asked.length = 0

      await Promise.all(
        strangers.map(async ({ stranger, descriptors }) => {
          const messages = lpStream(await (await stranger.connect(newcomer.node)).newStream(EXCHANGE))
          await messages.write(encodeFrame('request', 1, Exchange.encode({ descriptors })))
          await messages.read()
        })
      )

      if (torus.statistics().rounds === 1) {
        break
      }

      // on a slow machine its second round may have come between them
      await newcomer.node.stop()
    }

    await assertAllAsked(2)
    const isIdle = ({ exchanges, outcomes }: OverlayStatistics) => exchanges.initiated === outcomes.answered
    await eventually(() => isIdle(torus.statistics()), { what: 'the end of the exchanges' })
    asked.length = 0
    torus.move([1, 1])
    await assertAllAsked(torus.statistics().rounds + 1)
  })

  /** Somebody who says where it is. */
  async function neighbourAt(position: number[]) {
    const stranger = await Stranger.start()
    running.push(stranger)
    const { envelope } = await positioned(stranger.privateKey, position, { addresses: stranger.node.getMultiaddrs() })
    return { stranger, descriptors: [{ record: envelope.slice(), age: 0 }] }
  }

  it('has rounds of a period of its own', async () => {
    const { torus } = (await start({ side: 8, period: 20 }, { period: PASSIVE_PERIOD })).services
    await eventually(() => torus.statistics().rounds >= 5, { what: 'five rounds' })
  })

  it('keeps one of two peers at the same point as its neighbour', async () => {
    const nodes = await startAt(8, [
      [0, 0],
      [1, 0],
      [1, 0]
    ])
    const [one, ...twins] = nodes
    await eventually(
      () =>
        one.services.torus.nearest([1, 0], 3).length === 2 &&
        eastOf(one) != null &&
        twins.every(
          ({ services: { torus } }) =>
            torus.neighbour('west')?.id.equals(one.peerId) && torus.nearest([1, 0], 1)[0].distance === 0
        ),
      { what: 'all are known' }
    )
    const east = eastOf(one)
    const { rounds } = one.services.torus.statistics()
    let changes = 0
    one.services.torus.addEventListener('neighbour:change', ({ detail }) => {
      changes += detail.direction === 'east' ? 1 : 0
    })
    await eventually(() => one.services.torus.statistics().rounds > rounds + 10, { what: 'ten rounds' })
    assert.deepEqual([eastOf(one), changes], [east, 0])

    for (const twin of twins) {
      assert.equal(twin.services.torus.neighbour('west')?.id.equals(one.peerId), true)
      assert.equal(twin.services.torus.nearest([1, 0], 1)[0].distance, 0, 'its twin is nearest')
    }
  })

  it('tells the nearest that it knows, from near to far, and never itself', async () => {
    const nodes = await startAt(20, [
      [0, 0],
      [3, 0],
      [9, 9],
      [0, 1]
    ])
    const { torus } = nodes[0].services
    await eventually(() => torus.nearest([0, 0], 10).length === 3, { what: 'everybody is known' })
    assert.deepEqual(
      torus.nearest([19, 1], 10).map(({ position, distance }) => [position, distance]),
      [
        [[0, 1], 1],
        [[3, 0], 5],
        [[9, 9], 18]
      ]
    )
    assert.deepEqual(torus.nearest([0, 0], 2).length, 2)
    assert.deepEqual(torus.nearest([0, 0], -1), [])
    assert.throws(() => torus.nearest([0.5, 0], 1), { name: 'ParameterError', parameter: 'position' })
    assert.throws(() => torus.neighbour('up' as never), { name: 'ParameterError', parameter: 'direction' })
  })

  it('has a position from its peer id when none is given, the same each time', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const positions = []

    for (const _ of [1, 2]) {
      const node = await startTorusNode({ width: 30, height: 4 }, {}, { privateKey, start: false })
      positions.push(node.services.torus.position)
    }

    const [[x, y]] = positions
    assert.ok(x >= 0 && x < 30 && y >= 0 && y < 4, `${x}, ${y}`)
    assert.deepEqual(positions[1], positions[0])
    assert.equal(torusOverlay({ width: 30, height: 4 }) instanceof Function, true)
  })

  it('leaves nothing behind when it stops, and goes on when it is started again', async () => {
    const timers = timersRunning()
    const [one, other] = await startAt(8, [
      [0, 0],
      [1, 0]
    ])
    const { torus, sampling } = one.services
    const id = 'torus%208x8'
    await eventually(() => eastOf(one) === `${other.peerId}`, { what: 'the neighbour' })
    assert.deepEqual(
      one.getProtocols().filter(name => name.includes('overlay')),
      [`${PROTOCOL}/${id}`, `${ROUTE_PROTOCOL}/${id}`]
    )
    assert.equal(sampling.underlay.own.current.profiles.size, 1)
    await one.stop()
    await other.stop()
    assert.deepEqual(
      one.getProtocols().filter(name => name.includes('overlay')),
      []
    )
    await eventually(() => timersRunning() <= timers, { what: `no more than ${timers} timers` })
    await assert.rejects(torus.route([1, 0]), { name: 'AbortError' })

    const { answered } = torus.statistics().outcomes
    await other.start()
    await one.start()
    assert.equal(sampling.underlay.own.current.profiles.size, 1)
    await sampling.join(other.getMultiaddrs())
    await eventually(() => torus.statistics().outcomes.answered > answered, { what: 'an exchange' })
    assert.equal((await torus.route([1, 0])).outcome, 'arrived')
  })

  it('withdraws its position from its record when it alone is stopped, and is asked nothing before it is there again', async () => {
    const node = await start({ side: 8, position: [2, 3] })
    const { own, records } = node.services.sampling.underlay
    const service = node.services.torus as unknown as Required<Startable>
    const isAsked = () => node.getProtocols().includes(`${PROTOCOL}/torus%208x8`)
    assert.deepEqual([own.current.profiles.size, isAsked()], [1, true])
    await service.stop()
    await own.settled
    assert.deepEqual([own.current.profiles.size, isAsked()], [0, false])

    let sealed = Promise.withResolvers<void>()
    const seal = records.seal.bind(records)
    records.seal = async (...args) => {
      await sealed.promise
      return await seal(...args)
    }
    await service.start()
    const started = service.afterStart()
    await immediate()
    assert.equal(isAsked(), false)
    sealed.resolve()
    await started
    assert.deepEqual([own.current.profiles.size, isAsked()], [1, true])

    await service.stop()
    sealed = Promise.withResolvers()
    await service.start()
    const overtaken = service.afterStart()
    await service.stop()
    await service.start()
    sealed.resolve()
    await Promise.all([overtaken, service.afterStart()])
    await service.stop()
    assert.equal(isAsked(), false)
  })

  it('lets several overlays run side by side, and mixes neither names nor spaces', async () => {
    type Node = Libp2p<{
      sampling: PeerSampling
      blue: Overlay<number[], TorusDirection>
      red: Overlay<number[], TorusDirection>
      large: Overlay<number[], TorusDirection>
    }>
    const space = torus(8, 8)
    const startNode = async (position: number[], sampling: PeerSamplingInit): Promise<Node> => {
      const node = await createLibp2p({
        ...LOOPBACK,
        services: {
          sampling: peerSampling({ ...QUICK_SAMPLING, ...sampling }),
          blue: overlay({ space, position, name: 'blue', period: 50 }),
          red: overlay({ space, position: [...position].reverse(), name: 'red', period: 50 }),
          large: torusOverlay({ side: 9, position: [4, 4], period: 50 })
        }
      })
      running.push(node)
      return node
    }
    const one = await startNode([0, 0], {})
    const other = await startNode([3, 0], { bootstrap: one.getMultiaddrs() })
    const plain = await start({ side: 8, position: [1, 0] }, { bootstrap: one.getMultiaddrs() })
    await eventually(
      () =>
        one.services.blue.neighbour('east')?.distance === 3 &&
        one.services.red.neighbour('north')?.distance === 3 &&
        [one, other].every(({ services: { blue, red, large } }) =>
          [blue, red, large].every(overlay => overlay.nearest([0, 0], 9).length === 1)
        ),
      { what: 'neighbours in each' }
    )
    await eventually(() => plain.services.sampling.view.length === 2, { what: 'all know each other' })
    await eventually(() => plain.services.torus.statistics().rounds > 5, { what: 'some rounds' })

    for (const { blue, red, large } of [one.services, other.services]) {
      assert.deepEqual(
        [blue, red, large].map(overlay => overlay.statistics().outcomes.unsupported),
        [0, 0, 0]
      )
      assert.deepEqual(
        [blue, red, large].map(overlay => overlay.nearest([0, 0], 9).length),
        [1, 1, 1]
      )
    }

    assert.equal(plain.services.torus.statistics().knownPeers, 0)
    assert.deepEqual(plain.services.torus.neighbours, {})
  })

  it('works in a space of the own, of texts', async () => {
    const space = ownSpace<string>({
      name: 'texts',
      distance: (a, b) => Math.abs(a.length - b.length),
      encode: text => new TextEncoder().encode(text),
      decode: bytes => new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    })
    type Node = Libp2p<{ texts: Overlay<string, never>; sampling: PeerSampling }>
    const startNode = async (position: string, sampling: PeerSamplingInit): Promise<Node> => {
      const services = {
        texts: overlay({ space, position, view: 5, period: 50 }),
        sampling: peerSampling({ ...QUICK_SAMPLING, ...sampling })
      }
      const node = await createLibp2p({ ...LOOPBACK, services })
      running.push(node)
      return node
    }
    const lengths = [1, 2, 3, 4, 5, 6, 7, 8]
    const first = await startNode('x', {})
    const entered: string[] = []
    first.services.texts.addEventListener('neighbours:change', ({ detail }) => {
      entered.push(...detail.entered.map(({ position }) => position))

      for (const { position } of detail.left) {
        entered.splice(entered.indexOf(position), 1)
      }
    })
    const bootstrap = first.getMultiaddrs()
    await Promise.all(lengths.slice(1).map(length => startNode('x'.repeat(length), { bootstrap })))
    const { texts } = first.services
    await eventually(() => `${texts.neighbours.map(({ distance }) => distance)}` === '1,2,3,4,5', {
      what: 'the five nearest'
    })
    assert.deepEqual(entered.map(text => text.length).sort(), [2, 3, 4, 5, 6])
    await eventually(
      async () => {
        const { outcome, path } = await texts.route('y'.repeat(8))
        return outcome === 'arrived' && path.at(-1)?.position === 'x'.repeat(8)
      },
      { what: 'the way to the farthest, when those between know each other' }
    )
    assert.throws(() => overlay({ space }), { name: 'ParameterError', parameter: 'position' })
    assert.throws(() => overlay({ space, position: 'x'.repeat(257) }), { name: 'ParameterError' })
  })

  it('is counted for whoever scrapes it', async () => {
    const registry = new Registry()
    const metrics = prometheusMetrics({ registry, collectDefaultMetrics: false })
    const other = await start({ side: 8, position: [1, 0] })
    const node = await startTorusNode({ side: 8, position: [0, 0] }, { bootstrap: other.getMultiaddrs() }, { metrics })
    running.push(node)
    // the neighbour may come before its own first round, by an exchange of the other one
    await eventually(
      async () => {
        const text = await registry.metrics()
        assert.match(text, /^gossip_peer_overlay_torus_8x8_view_size 1$/m)
        assert.match(text, /^gossip_peer_overlay_torus_8x8_known_peers 1$/m)
        assert.match(text, /^gossip_peer_overlay_torus_8x8_rounds_total [1-9]/m)
        return true
      },
      { what: 'a neighbour and a round are counted' }
    )
  })

  it('answers a peer that listens nowhere, and does not take it', async () => {
    const honest = await start({ side: 8, position: [0, 0] })
    const caller = await startTorusNode(
      { side: 8, position: [1, 0] },
      { bootstrap: honest.getMultiaddrs() },
      { addresses: { listen: [] } }
    )
    running.push(caller)
    await eventually(() => honest.services.torus.statistics().exchanges.answered > 2, { what: 'answers' })
    assert.deepEqual(honest.services.torus.neighbours, {})
    assert.deepEqual(honest.services.torus.statistics().refusals, {})
  })

  describe('that does not find peer sampling', () => {
    it('says which name that must have', async () => {
      const services = { members: peerSampling(QUICK_SAMPLING), torus: torusOverlay({ side: 8 }) as never }
      const node = await createLibp2p({ ...LOOPBACK, services, start: false })
      await assert.rejects(Promise.resolve(node.start()), { name: 'ParameterError', parameter: 'services' })
      await node.stop()
    })

    it('is not made by libp2p without any', async () => {
      const services = { torus: torusOverlay({ side: 8 }) as never }
      await assert.rejects(createLibp2p({ ...LOOPBACK, services }), /@gossip-peer\/sampling/)
    })
  })

  it('knows nobody before it is started', async () => {
    const { torus } = (await startTorusNode({ side: 8, position: [4, 4] }, {}, { start: false })).services
    assert.deepEqual([torus.neighbours, torus.nearest([0, 0], 5), torus.position], [{}, [], [4, 4]])
    assert.equal(torus.statistics().rounds, 0)
    await assert.rejects(torus.route([0, 0]), { name: 'AbortError' })
    torus.move([5, 5])
    assert.deepEqual(torus.position, [5, 5])
  })
})

function eastOf(node: TorusNode): string | undefined {
  return node.services.torus.neighbour('east')?.id.toString()
}

function timersRunning(): number {
  return process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length
}
