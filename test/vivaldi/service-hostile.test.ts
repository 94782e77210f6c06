import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { encodeFrame } from '../../src/live/frame.ts'
import { MAX_POSITION } from '../../src/vivaldi/constants.ts'
import { SAMPLES_PER_ROUND } from '../../src/vivaldi/limits.ts'
import { eventually } from '../support/eventually.ts'
import { Liar } from './liar.ts'
import { type CoordinateNode, knows, Network, timed } from './network.ts'
import { floats, lies, pointAt, signed } from './signed.ts'

const DIMENSIONS = 8

describe('the coordinate service and a peer that lies', function () {
  this.timeout(60_000)

  const network = new Network()
  let liar: Liar

  beforeEach(async () => {
    liar = network.keep(await Liar.start())
  })

  afterEach(async () => await network.stop())

  /** A coordinate that can be. */
  const sound = (x = 0) => floats(...pointAt(x, DIMENSIONS).position, 0.5, 0.5)

  it('is moved by nothing impossible, and counts it by reason', async () => {
    const peer = await network.start({ period: 30 }, { sampling: { period: 20 } })
    const { vivaldi } = peer.services
    const refusals = () => vivaldi.statistics().refusals
    let told = 0
    vivaldi.addEventListener('coordinate:change', () => told++)
    const [first] = lies(DIMENSIONS)
    await liar.say(first[2])
    await liar.enter(peer)
    const before = vivaldi.raw

    for (const [reason, what, value] of lies(DIMENSIONS)) {
      await liar.say(value)
      const records = peer.services.sampling.underlay.records
      const isHeard = () => `${records.newest(liar.id.toString())?.profiles.get('vivaldi')}` === `${value}`
      await eventually(isHeard, { what: `${what} is heard` })
      const counted = refusals()[reason] ?? 0
      await eventually(() => refusals()[reason] > counted, { what: `${what} is counted as ${reason}` })
      assert.deepEqual([vivaldi.raw, vivaldi.coordinateOf(liar.id), vivaldi.nearest(5)], [before, undefined, []], what)
    }

    assert.deepEqual(vivaldi.raw, before)
    assert.deepEqual(Object.keys(refusals()).sort(), ['bad-profile', 'not-finite', 'out-of-range'])
    assert.deepEqual([vivaldi.statistics().samples, vivaldi.statistics().moves, told, liar.probed], [0, 0, 0, 0])

    // it was listened to all the time
    await liar.say(sound())
    await eventually(() => vivaldi.statistics().samples > 0, { what: 'a sample of what can be' })
    assert.ok(vivaldi.coordinateOf(liar.id) != null)
  })

  it('is moved by no round trip that there cannot be', async () => {
    const peer = await network.startStill()
    const { vivaldi } = peer.services
    await liar.say(sound())
    await liar.enter(peer)
    const before = vivaldi.raw
    const impossible = [0, -1, 10_001, Number.POSITIVE_INFINITY, Number.NaN]

    for (const roundTrip of impossible) {
      timed(peer, liar.id, roundTrip)
    }

    const { samples, refusals } = vivaldi.statistics()
    assert.deepEqual([samples, refusals, vivaldi.raw], [0, { 'bad-time': impossible.length }, before])
    timed(peer, liar.id, 10_000)
    assert.equal(vivaldi.statistics().samples, 1)
  })

  it('takes no answer to a probe but a record that is its own', async () => {
    const peer = await network.startStill({ period: 30 })
    const { vivaldi } = peer.services
    const other = await signed(await generateKeyPair('Ed25519'), sound())
    const forged = other.envelope.slice()
    forged[forged.byteLength - 1] ^= 1

    for (const [reason, body] of [
      ['not-the-sender', other.envelope],
      ['forged-record', forged],
      ['bad-record', Uint8Array.of(1, 2, 3)],
      ['bad-record', new Uint8Array(0)],
      ['too-long', new Uint8Array(5_000)]
    ] as Array<[string, Uint8Array]>) {
      const { refusals } = vivaldi.statistics()
      liar.answersProbe = ({ exchange }) => encodeFrame('reply', exchange, body)
      await liar.say(sound())
      await liar.enter(peer)
      const count = () => vivaldi.statistics().refusals[reason] ?? 0
      await eventually(() => count() > (refusals[reason] ?? 0), { what: reason })
    }

    const { outcomes, samples } = vivaldi.statistics()
    assert.deepEqual([outcomes.answered, samples], [0, 0])
    assert.deepEqual(vivaldi.raw.position, Array(DIMENSIONS).fill(0))
  })

  it('asks no more often who sees to it that answers are no samples', async () => {
    const peer = await network.startStill({ period: 30 })
    const { vivaldi } = peer.services
    // longer than an exchange can have taken
    const held = 60_000
    const { answersProbe } = liar
    liar.answersProbe = request => encodeFrame('reply', request.exchange, answersProbe(request).subarray(9), held)
    await liar.say(sound())
    await liar.enter(peer)
    await eventually(() => liar.probed > 0, { what: 'a probe' })
    const { rounds, exchanges, samples } = vivaldi.statistics()
    await eventually(() => vivaldi.statistics().rounds >= rounds + 8, { what: 'some rounds' })
    const after = vivaldi.statistics()
    const most = SAMPLES_PER_ROUND * (after.rounds - rounds + 1)
    const asked = after.exchanges.initiated - exchanges.initiated
    assert.ok(asked <= most, `${asked} probes in ${after.rounds - rounds} rounds`)
    assert.equal(after.samples, samples)
    assert.ok(after.refusals['held-too-long'] >= asked - 1)
  })

  it('takes the time of a busy answer too, and does not take it for one that another protocol has brought', async () => {
    // probes that are not made within two periods are left out
    const peer = await network.startStill({ period: 150 })
    const { vivaldi } = peer.services
    liar.answersProbe = ({ exchange }) => encodeFrame('busy', exchange)
    await liar.say(sound())
    await liar.enter(peer)
    await eventually(() => liar.probed > SAMPLES_PER_ROUND, { what: 'probes' })
    const before = vivaldi.statistics()
    await eventually(() => vivaldi.statistics().rounds >= before.rounds + 6, { what: 'some rounds' })
    const after = vivaldi.statistics()
    const least = SAMPLES_PER_ROUND * (after.rounds - before.rounds - 1)
    const asked = after.exchanges.initiated - before.exchanges.initiated
    assert.ok(asked >= least, `${asked} probes in ${after.rounds - before.rounds} rounds`)
    assert.ok(after.samples - before.samples >= least)
    assert.equal(after.exchanges.answered, before.exchanges.answered)
  })

  it('answers the probes of one that asks too often with busy, and nonsense not at all', async () => {
    const peer = await network.startStill({}, { requestsPerPeriod: 1 })
    const answers = await liar.probe(peer, ...Array(12).fill(encodeFrame('request', 1)))
    const { exchanges, refusals } = peer.services.vivaldi.statistics()
    const kinds = answers.map(({ kind }) => kind)
    assert.deepEqual(kinds, [...Array(8).fill('reply'), ...Array(4).fill('busy')])
    assert.deepEqual([exchanges.answered, refusals], [8, { 'too-often': 4 }])
    const other = network.keep(await Liar.start())
    await assert.rejects(other.probe(peer, encodeFrame('request', 1, Uint8Array.of(1))))
    await eventually(() => peer.services.vivaldi.statistics().refusals.malformed === 1, { what: 'it is counted' })
  })

  it('stays with the honest when one of six claims to be far away, and sure of it', async () => {
    await liar.say(floats(...Array(DIMENSIONS).fill(MAX_POSITION / 4), 5_000, 0))
    const honest: CoordinateNode[] = []
    let longest = 0

    for (let i = 0; i < 5; i++) {
      const node = await network.start({ period: 40 })
      node.services.sampling.underlay.watchRoundTrips((_, roundTrip) => {
        longest = Math.max(longest, roundTrip)
      })
      honest.push(node)
    }

    for (const node of honest) {
      await liar.enter(node)
    }

    const heard = (node: CoordinateNode) => node.services.vivaldi.coordinateOf(liar.id) != null
    const has = (node: CoordinateNode) => node.services.vivaldi.statistics().samples >= 80
    await eventually(() => honest.every(node => heard(node) && has(node) && knows(node, honest)), { what: 'samples' })
    assert.ok(liar.probed > 0)

    for (const { services } of honest) {
      const { raw } = services.vivaldi
      assert.ok(Math.hypot(...raw.position) < 5 * longest, `at ${raw.position}, when ${longest} ms was the most`)

      for (const { peerId } of honest) {
        const { milliseconds } = services.vivaldi.estimate(peerId) ?? assert.fail('no estimate')
        assert.ok(milliseconds < 3 * longest, `${milliseconds} ms, when ${longest} was the most`)
      }

      const nearest = services.vivaldi.nearest(9)
      assert.ok(nearest.findIndex(({ id }) => id.equals(liar.id)) === nearest.length - 1)
    }
  })
})
