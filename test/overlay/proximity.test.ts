import assert from 'node:assert/strict'
import { type Libp2p, type Startable, serviceCapabilities } from '@libp2p/interface'
import { createLibp2p } from 'libp2p'
import {
  type CoordinateSource,
  type Overlay,
  type ProximityComponents,
  type ProximityOverlayInit,
  proximityOverlay
} from '../../src/overlay/index.ts'
import { type PeerSampling, type PeerSamplingInit, peerSampling } from '../../src/sampling/index.ts'
import { type NetworkCoordinates, vivaldi } from '../../src/vivaldi/index.ts'
import { eventually } from '../support/eventually.ts'
import { LOOPBACK } from '../support/nodes.ts'
import { QUICK_SAMPLING } from '../support/torus.ts'

/** Dimensions of the coordinates in these tests, unless they are real. */
const PLANE = 2

/** Says where the peer is, as a test wants it. */
class Place implements CoordinateSource {
  readonly [serviceCapabilities]: string[] = ['@gossip-peer/vivaldi']
  readonly listeners = new Set<() => void>()
  coordinate: CoordinateSource['coordinate']

  constructor(...[x, y, height]: number[]) {
    this.coordinate = { position: [x, y], height }
  }

  addEventListener(_type: string, listener: () => void): void {
    this.listeners.add(listener)
  }

  removeEventListener(_type: string, listener: () => void): void {
    this.listeners.delete(listener)
  }

  become(...[x, y, height]: number[]): void {
    this.coordinate = { position: [x, y], height }

    for (const listener of this.listeners) {
      listener()
    }
  }
}

type Node = Libp2p<{ near: Overlay<number[], never>; sampling: PeerSampling }>

describe('an overlay of the nearest in latency', function () {
  this.timeout(60_000)

  const running: Array<{ stop(): unknown }> = []

  afterEach(async () => {
    await Promise.all(running.splice(0).map(each => each.stop()))
  })

  async function start(
    place: Place,
    sampling: PeerSamplingInit = {},
    init: ProximityOverlayInit = {},
    isStarted = true
  ): Promise<Node> {
    const make = proximityOverlay({ dimensions: PLANE, period: 100, view: 5, ...init })
    const node = await createLibp2p({
      ...LOOPBACK,
      start: isStarted,
      services: {
        near: (components: ProximityComponents) => make(components),
        vivaldi: () => place,
        sampling: peerSampling({ ...QUICK_SAMPLING, ...sampling })
      }
    })
    running.push(node)
    return node
  }

  /** Peers that are in places of a test, of which the first one is known to the others. */
  async function startAt(...places: Place[]): Promise<Node[]> {
    const first = await start(places[0])
    const bootstrap = first.getMultiaddrs()
    return [first, ...(await Promise.all(places.slice(1).map(place => start(place, { bootstrap }))))]
  }

  function idsOf({ services }: Node): string {
    return `${services.near.neighbours.map(({ id }) => id)}`
  }

  function ids(...nodes: Node[]): string {
    return `${nodes.map(({ peerId }) => peerId)}`
  }

  it('has the peers with the shortest round trips for neighbours: both heights count', async () => {
    // the second is at the very point, behind a slow link
    const places = [new Place(0, 0, 1), new Place(0, 0, 50), new Place(30, 40, 1), new Place(3, 4, 2)]
    const [first, slow, far, close] = await startAt(...places)
    await eventually(() => idsOf(first) === ids(close, slow, far), { what: 'the nearest first' })
    const { near } = first.services
    assert.deepEqual(
      near.neighbours.map(({ distance }) => distance),
      [8, 51, 52]
    )
    assert.deepEqual(near.neighbours[0].position, [3, 4, 2])
    assert.deepEqual(near.position, [0, 0, 1])
    assert.ok(near.nearest([30, 40, 0], 1)[0].id.equals(far.peerId))
  })

  it('follows its coordinate, and others follow it', async () => {
    const places = [new Place(0, 0, 1), new Place(10, 0, 1), new Place(90, 0, 1)]
    const [first, left, right] = await startAt(...places)
    await eventually(() => idsOf(first) === ids(left, right), { what: 'neighbours' })
    places[0].become(100, 0, 3)
    assert.deepEqual(first.services.near.position, [100, 0, 3])
    assert.equal(idsOf(first), ids(right, left), 'at once')
    await eventually(
      () => {
        const seen = right.services.near.neighbours.find(({ id }) => id.equals(first.peerId))
        return `${seen?.position}` === '100,0,3' && seen?.distance === 14
      },
      { what: 'another one has heard of it' }
    )
  })

  it('does not begin anew when its coordinate changes, as it does when it is moved', async () => {
    const places = Array.from({ length: 5 }, (_, i) => new Place(i, 0, 1))
    const others = await startAt(...places.slice(1))
    const first = await start(places[0], { bootstrap: others[0].getMultiaddrs() }, { period: 200 })
    const { near } = first.services
    await eventually(() => near.neighbours.length === 4, { what: 'four neighbours' })

    /** Most exchanges that it starts in one of the two rounds after something has happened. */
    async function exchangesAfter(event: () => void): Promise<number> {
      let { rounds: round, exchanges } = near.statistics()
      let most = 0
      event()

      for (let i = 0; i < 3; i++) {
        const before = exchanges.initiated
        await eventually(() => near.statistics().rounds > round, { what: 'a round' })
        const now = near.statistics()
        most = Math.max(most, (now.exchanges.initiated - before) / (now.rounds - round))
        round = now.rounds
        exchanges = now.exchanges
      }

      return most
    }

    await exchangesAfter(() => {})
    assert.equal(await exchangesAfter(() => places[0].become(0.5, 0, 1)), 1)
    assert.ok((await exchangesAfter(() => near.move([0, 0, 1]))) > 1)
  })

  it('goes where its coordinate is when it starts again, and listens no longer than to its stop', async () => {
    const place = new Place(1, 2, 3)
    const { near } = (await start(place)).services
    const service = near as unknown as Required<Startable>
    await service.start()
    assert.equal(place.listeners.size, 1)
    await service.stop()
    await service.stop()
    assert.equal(place.listeners.size, 0)
    place.become(4, 5, 6)
    assert.deepEqual(near.position, [1, 2, 3])
    await service.start()
    assert.deepEqual(near.position, [4, 5, 6])
    assert.equal(place.listeners.size, 1)
  })

  it('keeps the coordinate that a real service has', async () => {
    type Real = Libp2p<{ near: Overlay<number[], never>; vivaldi: NetworkCoordinates; sampling: PeerSampling }>
    const nodes: Real[] = []

    for (let i = 0; i < 3; i++) {
      const bootstrap = nodes[0]?.getMultiaddrs() ?? []
      const node: Real = await createLibp2p({
        ...LOOPBACK,
        services: {
          near: proximityOverlay({ period: 50 }),
          vivaldi: vivaldi({ period: 50 }),
          sampling: peerSampling({ ...QUICK_SAMPLING, period: 50, bootstrap })
        }
      })
      nodes.push(node)
      running.push(node)
    }

    await eventually(
      () =>
        nodes.every(
          ({ services }) => services.near.neighbours.length === 2 && services.vivaldi.statistics().moves >= 2
        ),
      { what: 'neighbours, and moves' }
    )

    for (const { services } of nodes) {
      const { position, height } = services.vivaldi.coordinate
      assert.deepEqual(services.near.position, [...position, height])
    }
  })

  describe('does not start', () => {
    const refused = (parameter: string, message: RegExp) => ({ name: 'ParameterError', parameter, message })

    it('without coordinates, and says which name they must have', async () => {
      const sampling = peerSampling(QUICK_SAMPLING)
      const near = proximityOverlay() as never
      await assert.rejects(createLibp2p({ ...LOOPBACK, services: { sampling, near } }), /@gossip-peer\/vivaldi/)
      const node = await createLibp2p({ ...LOOPBACK, services: { sampling, near, where: vivaldi() }, start: false })
      running.push(node)
      await assert.rejects(Promise.resolve(node.start()), refused('services', /"vivaldi"/))
    })

    it('with coordinates of other dimensions, and says of which', async () => {
      const place = new Place(1, 2, 3)
      const node = await start(place, {}, { dimensions: 3 }, false)
      await assert.rejects(Promise.resolve(node.start()), refused('dimensions', /3 of the overlay, 2 of the coord/))
      assert.equal(place.listeners.size, 0)
    })

    it('without peer sampling of the right name, and then does not listen', async () => {
      const place = new Place(1, 2, 3)
      const services = {
        near: proximityOverlay({ dimensions: PLANE }) as never,
        vivaldi: () => place,
        members: peerSampling(QUICK_SAMPLING)
      }
      const node = await createLibp2p({ ...LOOPBACK, services, start: false })
      running.push(node)
      await assert.rejects(Promise.resolve(node.start()), refused('services', /"sampling"/))
      assert.equal(place.listeners.size, 0)
    })

    it('when dimensions are impossible', () => {
      for (const dimensions of [0, 17, 1.5]) {
        assert.throws(() => proximityOverlay({ dimensions }), { name: 'ParameterError', parameter: 'dimensions' })
      }
    })
  })
})
