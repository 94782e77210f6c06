import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { Startable } from '@libp2p/interface'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { createLibp2p } from 'libp2p'
import { Registry } from 'prom-client'
import { peerSampling } from '../../src/sampling/index.ts'
import { type Coordinate, type CoordinateChange, predict, vivaldi } from '../../src/vivaldi/index.ts'
import { encodeCoordinate } from '../../src/vivaldi/known-coordinates.ts'
import { PROTOCOL, SAMPLES_PER_ROUND } from '../../src/vivaldi/limits.ts'
import { eventually } from '../support/eventually.ts'
import { LOOPBACK, PASSIVE_PERIOD, startNode } from '../support/nodes.ts'
import { type CoordinateNode, knows, Network, QUICK, saidBy, timed } from './network.ts'
import { pointAt } from './signed.ts'

const DIMENSIONS = 8

describe('the coordinate service', function () {
  this.timeout(60_000)

  const network = new Network()

  afterEach(async () => await network.stop())

  /** Two peers that know each other's coordinates, and are still but for probes of the first one, if it has any rounds. */
  async function couple(period: number): Promise<[CoordinateNode, CoordinateNode]> {
    const other = await network.startStill()
    const one = await network.startStill({ period })
    await eventually(() => knows(one, [other]), { what: 'the coordinate of the other one' })
    await eventually(() => one.services.sampling.view.length === 1, { what: 'a view' })
    await eventually(() => one.services.vivaldi.statistics().rounds > 0 && !isProbing(one), { what: 'the first round' })
    await one.services.sampling.underlay.own.settled
    return [one, other]
  }

  function isProbing({ services }: CoordinateNode): boolean {
    const { exchanges, outcomes } = services.vivaldi.statistics()
    return exchanges.initiated > Object.values(outcomes).reduce((sum, count) => sum + count, 0)
  }

  /** Waits until the record of the peer has the coordinate that it tells: it is signed a moment later. */
  async function isSaid(node: CoordinateNode): Promise<void> {
    const { vivaldi } = node.services
    await eventually(() => isDeepStrictEqual(saidBy(node), encodeCoordinate(vivaldi.coordinate)), {
      what: 'its record says where it is'
    })
  }

  it('takes its samples from whatever exchanges there are, and probes nobody when these are enough', async () => {
    const aggregates = { epoch: 10, period: 20 }
    // in a round of its own there are some ten of the others
    const first = await network.start({ period: 240 }, { aggregates })
    const second = await network.start({ period: 240 }, { aggregates })
    const { vivaldi, sampling } = second.services
    let before = vivaldi.statistics()
    await eventually(
      () => {
        const now = vivaldi.statistics()

        if (now.rounds < before.rounds + 3) {
          return false
        }

        const samples = now.samples - before.samples
        const probes = now.exchanges.initiated - before.exchanges.initiated
        before = now
        // before its first round, or while the machine was busy, there may have been too few
        return probes === 0 && samples > 3 * SAMPLES_PER_ROUND
      },
      { what: 'three rounds without a probe' }
    )
    assert.deepEqual(before.refusals, {})
    assert.ok(sampling.statistics().outcomes.answered > 0)
    await eventually(() => (vivaldi.estimate(first.peerId)?.confidence ?? 0) > 0, { what: 'some confidence' })
  })

  it('probes for the samples of a round that others did not bring, and for no more', async () => {
    // probes that are not made within two periods are left out
    const [{ services, peerId }, other] = await couple(120)
    const one = network.nodes[1]
    const { vivaldi } = services

    for (const brought of [0, 1, SAMPLES_PER_ROUND, SAMPLES_PER_ROUND + 3, 0]) {
      /** Probes of each round, of which the first still comes from what was brought before. */
      const probes = await probesOfRounds(one, 4, () => {
        for (let i = 0; i < brought; i++) {
          timed(one, other.peerId, 1)
        }
      })
      const lacking = Math.max(0, SAMPLES_PER_ROUND - brought)
      assert.deepEqual(probes.slice(1), Array(3).fill(lacking), `${brought} are brought`)
    }

    const { exchanges, outcomes, refusals, samples } = vivaldi.statistics()
    assert.equal(outcomes.answered, exchanges.initiated)
    assert.ok(samples >= outcomes.answered)
    assert.deepEqual(refusals, {})
    assert.equal(other.services.vivaldi.statistics().exchanges.answered, outcomes.answered)
    assert.ok(other.services.vivaldi.coordinateOf(peerId) != null)
  })

  /** What a peer probes in each of its next rounds, when something happens right after each has begun. */
  async function probesOfRounds(node: CoordinateNode, rounds: number, afterBeginning: () => void): Promise<number[]> {
    const { vivaldi } = node.services
    const probes: number[] = []
    let round = vivaldi.statistics().rounds
    let initiated: number | undefined

    while (probes.length < rounds) {
      await eventually(
        () => {
          const { rounds, exchanges, outcomes } = vivaldi.statistics()
          return rounds > round && exchanges.initiated === outcomes.answered
        },
        { what: 'a round' }
      )
      const { rounds: now, exchanges } = vivaldi.statistics()

      if (now > round + 1) {
        // on a slow machine one was missed
        probes.length = 0
      } else if (initiated != null) {
        probes.push(exchanges.initiated - initiated)
      }

      round = now
      initiated = exchanges.initiated
      afterBeginning()
    }

    return probes
  }

  it('does nothing, and is quiet, where there is nobody', async () => {
    const alone = await network.start({ period: 20 })
    const { vivaldi } = alone.services
    let told = 0
    vivaldi.addEventListener('coordinate:change', () => told++)
    await eventually(() => vivaldi.statistics().rounds >= 5, { what: 'some rounds' })
    const { exchanges, samples, moves, refusals } = vivaldi.statistics()
    assert.deepEqual([exchanges.initiated, samples, moves, refusals, told], [0, 0, 0, {}, 0])
    assert.deepEqual(vivaldi.coordinate, { ...pointAt(0, DIMENSIONS), height: 0.01, error: 1 })
    assert.deepEqual(vivaldi.raw, vivaldi.coordinate)
    assert.deepEqual(vivaldi.nearest(5), [])
  })

  it('leaves peers in peace that have no coordinate', async () => {
    const plain = network.keep(await startNode(QUICK))
    const peer = await network.start({ period: 40 }, { sampling: { bootstrap: plain.getMultiaddrs() } })
    const { vivaldi, sampling } = peer.services
    await eventually(() => sampling.statistics().outcomes.answered >= 5, { what: 'exchanges' })
    await eventually(() => vivaldi.statistics().rounds >= 5, { what: 'rounds' })
    const { exchanges, samples, refusals, bytes } = vivaldi.statistics()
    assert.deepEqual([exchanges.initiated, samples, refusals, bytes], [0, 0, {}, { sent: 0, received: 0 }])
    assert.equal(sampling.view.length, 1)
    assert.deepEqual([vivaldi.coordinateOf(plain.peerId), vivaldi.estimate(plain.peerId)], [undefined, undefined])
    assert.deepEqual([vivaldi.nearest(5), vivaldi.nearest(5, plain.peerId)], [[], []])
  })

  it('counts peers of other dimensions, and takes no notice of them otherwise', async () => {
    const flat = await network.start({ dimensions: 2, period: 40 })
    const peer = await network.start({ period: 40 })

    for (const [node, other] of [
      [flat, peer],
      [peer, flat]
    ]) {
      const { vivaldi } = node.services
      await eventually(() => vivaldi.statistics().refusals['bad-profile'] >= 5, { what: 'they are counted' })
      const { exchanges, samples, refusals } = vivaldi.statistics()
      assert.deepEqual([exchanges.initiated, samples, Object.keys(refusals)], [0, 0, ['bad-profile']])
      assert.deepEqual([vivaldi.coordinateOf(other.peerId), vivaldi.nearest(5)], [undefined, []])
    }
  })

  it('says where it is in its record, from the start on and no longer than to the stop', async () => {
    const [one, other] = await couple(PASSIVE_PERIOD)
    const { vivaldi, sampling } = one.services
    const service = vivaldi as unknown as Required<Startable>
    const { own } = sampling.underlay
    const isAsked = () => one.getProtocols().includes(PROTOCOL)
    await isSaid(one)
    assert.equal(isAsked(), true)

    await service.stop()
    await service.stop()
    await own.settled
    assert.deepEqual([saidBy(one), isAsked()], [undefined, false])
    const { samples } = vivaldi.statistics()
    timed(one, other.peerId, 5)
    assert.equal(vivaldi.statistics().samples, samples, 'nobody listens')

    await service.start()
    await service.start()
    await service.afterStart()
    await isSaid(one)
    assert.equal(isAsked(), true)
    timed(one, other.peerId, 5)
    assert.equal(vivaldi.statistics().samples, samples + 1, 'listens once')
  })

  it('says in its record what it says to the application, also when it is started again', async () => {
    const [one, other] = await couple(PASSIVE_PERIOD)
    const { vivaldi, sampling } = one.services
    const service = vivaldi as unknown as Required<Startable>
    timed(one, other.peerId, 50)
    await service.stop()
    await service.start()
    await sampling.underlay.own.settled
    assert.notDeepEqual(vivaldi.raw.position, vivaldi.coordinate.position)
    assert.deepEqual(saidBy(one), encodeCoordinate(vivaldi.coordinate))
  })

  it('stops without leaving anything behind, and starts again where it was', async () => {
    const timers = timersRunning()
    const first = await network.start({ period: 40 })
    const second = await network.start({ period: 40 })
    const { vivaldi, sampling } = second.services
    await eventually(() => vivaldi.statistics().samples > 5, { what: 'samples' })
    await second.stop()
    await first.stop()
    assert.ok(!second.getProtocols().includes(PROTOCOL))
    await eventually(() => timersRunning() <= timers, { what: `no more than ${timers} timers` })
    const { samples } = vivaldi.statistics()
    const { raw } = vivaldi
    timed(second, first.peerId, 5)
    assert.deepEqual([vivaldi.statistics().samples, vivaldi.raw], [samples, raw])
    await assert.rejects(vivaldi.measure(first.peerId), { name: 'MeasurementError' })

    await first.start()
    await second.start()
    assert.deepEqual(vivaldi.raw, raw)
    assert.ok(saidBy(second) != null)
    await sampling.join(first.getMultiaddrs())
    await eventually(() => vivaldi.statistics().samples > samples, { what: 'more samples' })
  })

  it('tells of another coordinate when that matters, once a round, and then in its record too', async () => {
    const [one, other] = await couple(150)
    const { vivaldi } = one.services
    const told: Array<CoordinateChange & { round: number; isPresent: boolean }> = []
    vivaldi.addEventListener('coordinate:change', ({ detail }) => {
      const { rounds } = vivaldi.statistics()
      told.push({ ...detail, round: rounds, isPresent: detail.coordinate === vivaldi.coordinate })
    })
    // probes may have been told of before
    const { moves } = vivaldi.statistics()
    const first = vivaldi.coordinate

    for (let move = 0; move < 3; move++) {
      const before = vivaldi.coordinate
      const { rounds } = vivaldi.statistics()

      for (let i = 0; i < 20; i++) {
        timed(one, other.peerId, 100 * (move + 1))
      }

      assert.notDeepEqual(vivaldi.raw, before)
      assert.equal(vivaldi.coordinate, before, 'before the round nothing is told')
      await eventually(() => vivaldi.statistics().rounds > rounds, { what: 'the next round' })
      await isSaid(one)
    }

    assert.ok(told.length >= 3)
    assert.equal(vivaldi.statistics().moves - moves, told.length)
    assert.equal(new Set(told.map(({ round }) => round)).size, told.length, 'once a round at most')
    let last: Coordinate = first

    for (const { coordinate, previous, moved, isPresent } of told) {
      assert.equal(previous, last)
      assert.ok(isPresent)
      assert.notDeepEqual(coordinate, previous)
      const squares = coordinate.position.map((x, i) => (x - previous.position[i]) ** 2)
      const distance = Math.sqrt(squares.reduce((sum, square) => sum + square))
      assert.ok(Math.abs(moved - distance) < 1e-9 * distance, `${moved} is not ${distance}`)
      last = coordinate
    }

    assert.equal(vivaldi.coordinate, last)
  })

  it('tells nothing in rounds in which it has hardly moved', async () => {
    const [one, other] = await couple(60)
    const { vivaldi } = one.services
    const sampleAsPredicted = () => {
      timed(one, other.peerId, vivaldi.estimate(other.peerId, vivaldi.raw)?.milliseconds as number)
    }
    timed(one, other.peerId, 50)

    // it becomes as sure of itself as can be
    for (let i = 0; i < 500; i++) {
      sampleAsPredicted()
    }

    const { rounds } = vivaldi.statistics()
    // it goes on all the time: in a round without samples it would probe, and learn how near the other one is
    const bringing = setInterval(() => Array.from({ length: SAMPLES_PER_ROUND }, sampleAsPredicted), 5)

    try {
      await eventually(() => vivaldi.statistics().rounds > rounds, { what: 'a round in which that is told' })
      const before = vivaldi.statistics()
      await eventually(() => vivaldi.statistics().rounds >= before.rounds + 4, { what: 'four rounds' })
      const { samples, exchanges, moves } = vivaldi.statistics()
      assert.ok(samples >= before.samples + 4 * SAMPLES_PER_ROUND)
      assert.deepEqual([exchanges.initiated, moves], [before.exchanges.initiated, before.moves])
    } finally {
      clearInterval(bringing)
    }
  })

  it('predicts the same both ways, between any two whose coordinates are known', async () => {
    const [one, two] = await couple(PASSIVE_PERIOD)
    const third = await network.start({ period: PASSIVE_PERIOD })
    await eventually(() => knows(third, [one, two]), { what: 'two coordinates' })
    const { vivaldi } = third.services
    timed(third, one.peerId, 80)
    timed(third, two.peerId, 30)
    const close = (a = Number.NaN, b = Number.NaN) => assert.ok(Math.abs(a - b) <= 1e-9 * b, `${a} is not ${b}`)
    const [ofOne, ofTwo] = [one, two].map(({ peerId }) => vivaldi.coordinateOf(peerId) as Coordinate)

    for (const [from, to] of [
      [one.peerId, two.peerId],
      [one.peerId, third.peerId],
      [ofOne, two.peerId],
      [ofOne, ofTwo],
      [vivaldi.raw, ofTwo],
      [one.peerId, undefined]
    ]) {
      const there = vivaldi.estimate(to ?? third.peerId, from)
      const back = vivaldi.estimate(from as Coordinate, to)
      close(there?.milliseconds, back?.milliseconds)
      assert.equal(there?.confidence, back?.confidence)
    }

    const estimate = vivaldi.estimate(one.peerId, two.peerId)
    assert.equal(estimate?.milliseconds, predict(ofOne, ofTwo))
    assert.deepEqual(vivaldi.estimate(one.peerId), vivaldi.estimate(one.peerId, third.peerId))
    assert.deepEqual(vivaldi.estimate(one.peerId), vivaldi.estimate(ofOne))
    assert.equal(vivaldi.estimate(third.peerId)?.milliseconds, 2 * vivaldi.coordinate.height)
    const sure = pointAt(3, DIMENSIONS, { height: 1, error: 0.25 })
    assert.deepEqual(vivaldi.estimate(sure, { ...sure, error: 0.5 }), { milliseconds: 2, confidence: 0.625 })
    assert.equal(vivaldi.estimate(sure, { ...sure, error: 1.5 })?.confidence, 0.125)
    assert.equal(vivaldi.estimate({ ...sure, error: 1.5 }, { ...sure, error: 1.5 })?.confidence, 0)
    assert.equal(vivaldi.estimate({ ...sure, error: 0 }, { ...sure, error: 0 })?.confidence, 0.98, 'of who errs never')
  })

  it('knows nothing of those it has never heard of, and takes no nonsense of the application', async () => {
    const [{ services }] = await couple(PASSIVE_PERIOD)
    const { peerId: stranger } = network.keep(await createLibp2p({ ...LOOPBACK, start: false }))
    const { vivaldi } = services
    assert.equal(vivaldi.coordinateOf(stranger), undefined)
    assert.equal(vivaldi.estimate(stranger), undefined)
    assert.equal(vivaldi.estimate(pointAt(1, DIMENSIONS), stranger), undefined)
    assert.deepEqual(vivaldi.nearest(5, stranger), [])

    for (const nonsense of [pointAt(1, 2), pointAt(1, 9), pointAt(Number.NaN, DIMENSIONS)]) {
      const refused = { name: 'ParameterError', parameter: 'coordinate' }
      assert.throws(() => vivaldi.estimate(nonsense), refused)
      assert.throws(() => vivaldi.estimate(pointAt(1, DIMENSIONS), nonsense), refused)
      assert.throws(() => vivaldi.nearest(1, nonsense), refused)
    }
  })

  it('knows how old a coordinate is', async () => {
    const [{ services }, { peerId }] = await couple(PASSIVE_PERIOD)
    const age = () => services.vivaldi.coordinateOf(peerId)?.age ?? Number.NaN
    const first = age()
    assert.ok(first >= 0 && first < 30_000, `${first} ms`)
    await eventually(() => age() >= first + 10, { what: 'it grows older' })
    const own = services.sampling.underlay.records
    const record = own.newest(peerId.toString()) as { seq: bigint }
    record.seq = BigInt(Date.now()) + 3_600_000n
    assert.equal(age(), 0, 'a clock that is ahead')
  })

  it('makes five peers on one machine neighbours, and lists the nearest of the living', async () => {
    const longest: number[] = []
    const nodes: CoordinateNode[] = []

    for (let i = 0; i < 5; i++) {
      const node = await network.start({ period: 25 }, { sampling: { period: 25 } })
      node.services.sampling.underlay.watchRoundTrips((_, roundTrip) => longest.push(roundTrip))
      nodes.push(node)
    }

    const isSettled = (node: CoordinateNode) => node.services.vivaldi.statistics().samples >= 60 && knows(node, nodes)
    await eventually(() => nodes.every(isSettled), { what: '60 samples each' })
    const most = Math.max(...longest)

    for (const node of nodes) {
      const { vivaldi } = node.services
      const { refusals, outcomes } = vivaldi.statistics()
      assert.deepEqual([refusals, outcomes.malformed, outcomes.unsupported], [{}, 0, 0])

      // noise must not be blown up into distances
      for (const to of nodes) {
        const { milliseconds, confidence } = vivaldi.estimate(to.peerId) ?? assert.fail('no estimate')
        assert.ok(milliseconds > 0 && milliseconds < 2 * most, `${milliseconds} ms, when ${most} was the most`)
        assert.ok(confidence >= 0 && confidence <= 0.98)
      }

      const all = vivaldi.nearest(9)
      const ids = all.map(({ id }) => id.toString())
      const others = nodes.filter(other => other !== node).map(({ peerId }) => peerId.toString())
      assert.deepEqual([...ids].sort(), others.sort())
      const distances = all.map(({ milliseconds }) => milliseconds)
      assert.deepEqual(
        distances,
        [...distances].sort((a, b) => a - b)
      )

      for (const { id, multiaddrs, milliseconds, confidence, coordinate } of all) {
        assert.deepEqual({ milliseconds, confidence }, vivaldi.estimate(id))
        assert.deepEqual(coordinate.position, vivaldi.coordinateOf(id)?.position)
        assert.ok(multiaddrs.length > 0)
      }
    }

    const [first, second, ...rest] = nodes
    const { vivaldi } = first.services
    assert.deepEqual(
      vivaldi.nearest(2).map(({ id }) => id.toString()),
      vivaldi
        .nearest(9)
        .slice(0, 2)
        .map(({ id }) => id.toString())
    )

    for (const none of [0, -1, Number.NaN, 0.9]) {
      assert.deepEqual(vivaldi.nearest(none), [])
    }

    const nearIt = vivaldi.nearest(9, second.peerId)
    assert.deepEqual(nearIt.map(({ id }) => id.toString()).sort(), rest.map(({ peerId }) => peerId.toString()).sort())
    assert.equal(nearIt[0].milliseconds, vivaldi.estimate(nearIt[0].id, second.peerId)?.milliseconds)
    assert.equal(vivaldi.nearest(9, vivaldi.coordinate).length, 4)

    await second.stop()
    const living = rest.map(({ peerId }) => peerId.toString()).sort()
    await eventually(
      () =>
        isDeepStrictEqual(
          vivaldi
            .nearest(9)
            .map(({ id }) => id.toString())
            .sort(),
          living
        ),
      { what: 'the dead is left out' }
    )
  })

  it('is counted for whoever scrapes it', async () => {
    const registry = new Registry()
    const metrics = prometheusMetrics({ registry, collectDefaultMetrics: false })
    await network.start({ period: 40 })
    await network.start({ period: 40 }, { node: { metrics } })
    await eventually(
      async () => {
        const text = await registry.metrics()
        assert.match(text, /^gossip_peer_vivaldi_error [01]\.?\d*$/m)
        assert.match(text, /^gossip_peer_vivaldi_samples [1-9]/m)
        assert.match(text, /^gossip_peer_vivaldi_moves [1-9]/m)
        assert.match(text, /^gossip_peer_vivaldi_rounds_total [1-9]/m)
        return true
      },
      { what: 'samples, moves and rounds are counted' }
    )
  })

  it('needs peer sampling, and says which name that must have', async () => {
    await assert.rejects(
      createLibp2p({ ...LOOPBACK, services: { vivaldi: vivaldi() as never } }),
      /@gossip-peer\/sampling/
    )
    const services = { members: peerSampling(QUICK), vivaldi: vivaldi() as never }
    const node = network.keep(await createLibp2p({ ...LOOPBACK, services, start: false }))
    await assert.rejects(Promise.resolve(node.start()), { name: 'ParameterError', parameter: 'services' })
  })
})

function timersRunning(): number {
  return process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length
}
