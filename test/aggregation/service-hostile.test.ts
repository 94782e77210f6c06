import assert from 'node:assert/strict'
import {
  MAX_AGGREGATES,
  MAX_EPOCH,
  MAX_INSTANCES,
  MAX_MAGNITUDE,
  MAX_MESSAGE_BYTES,
  type Registration
} from '../../src/aggregation/index.ts'
import { Exchange, Part } from '../../src/aggregation/messages.ts'
import type { Refusal } from '../../src/live/refusal.ts'
import { stoppedClock } from '../support/clock.ts'
import { eventually } from '../support/eventually.ts'
import { PASSIVE_PERIOD } from '../support/nodes.ts'
import { type AggregatingNode, epochOf, Network } from './network.ts'
import { cellsOf, floats, Speaker, said, tagsOf } from './speaker.ts'

const ROUNDS = 1_000

describe('the aggregation service and a peer that lies', function () {
  this.timeout(60_000)

  const network = new Network()
  let peer: AggregatingNode
  let load: Registration
  let heat: Registration
  let liar: Speaker

  beforeEach(async () => {
    await start()
  })

  afterEach(async () => await network.stop())

  /** A peer alone, in its first epoch, which is long. Whatever changes what it holds is the other one's doing. */
  async function start(requestsPerPeriod = Number.POSITIVE_INFINITY): Promise<void> {
    await network.stop()
    // peer sampling makes one round only: members stay what they are
    const sampling = { period: PASSIVE_PERIOD, requestsPerPeriod }
    peer = await network.start({ epoch: ROUNDS, period: 30 }, { sampling })
    const { aggregation } = peer.services
    load = aggregation.register('load', { function: 'average', range: { from: 0, to: 10 }, value: 3 })
    heat = aggregation.register('heat', { function: 'average', value: 1 })
    aggregation.register('peers', { function: 'count' })
    liar = network.keep(await Speaker.start())
    await eventually(() => epochOf(peer) === 0, { what: 'the first epoch' })
    await eventually(() => peer.services.sampling.statistics().rounds > 0, { what: 'the round of peer sampling' })
  }

  /** To the last bit. */
  function held(): unknown[] {
    return ['load', 'heat', 'peers'].map(name => peer.services.aggregation.estimate(name)?.value)
  }

  function refusals(): Record<string, number> {
    return { ...peer.services.aggregation.statistics().refusals }
  }

  /** Messages that must be refused for a reason each. */
  function lies(): Array<[Refusal, string, Uint8Array]> {
    const numbers = (...values: number[]) => said({ aggregates: [cellsOf(load.aggregate, ...values)] })
    const size = (tags: Uint8Array<ArrayBuffer>, shares: Uint8Array<ArrayBuffer>) => said({ tags, shares })
    const unknown = cellsOf({ ...load.aggregate, name: 'unknown' }, 1)
    const many = Array.from({ length: MAX_AGGREGATES + 1 }, (_, i) => cellsOf({ ...load.aggregate, name: `${i}` }, 1))

    return [
      ['not-finite', 'infinity', numbers(Number.POSITIVE_INFINITY)],
      ['not-finite', 'no number', numbers(Number.NaN)],
      ['not-finite', 'no number for who knows what', said({ aggregates: [{ ...unknown, cells: floats(Number.NaN) }] })],
      ['not-finite', 'an infinite share', size(tagsOf(1), floats(Number.POSITIVE_INFINITY))],
      ['out-of-range', 'more than the range', numbers(10.000001)],
      ['out-of-range', 'less than the range', numbers(-0.000001)],
      ['out-of-range', 'a number too large', said({ aggregates: [cellsOf(heat.aggregate, 1.1 * MAX_MAGNITUDE)] })],
      ['out-of-range', 'a share of more than 1', size(tagsOf(1), floats(1.5))],
      ['out-of-range', 'a negative share', size(tagsOf(1), floats(-1))],
      ['out-of-range', 'tags out of order', size(tagsOf(2, 1), floats(1, 1))],
      ['out-of-range', 'a tag twice', size(tagsOf(1, 1), floats(1, 1))],
      ['out-of-range', 'an epoch that there can never be', said({ epoch: MAX_EPOCH + 1 })],
      ['out-of-range', 'a round that no epoch has', said({ round: ROUNDS + 1 })],
      [
        'duplicate',
        'an aggregate twice',
        said({ aggregates: [cellsOf(load.aggregate, 1), cellsOf(load.aggregate, 2)] })
      ],
      ['duplicate', 'an unknown aggregate twice', said({ aggregates: [unknown, unknown] })],
      ['malformed', 'two cells for one', numbers(1, 2)],
      ['malformed', 'no cell', numbers()],
      ['malformed', 'half a cell', said({ aggregates: [{ ...unknown, cells: new Uint8Array(4) }] })],
      ['malformed', 'an identity too long', said({ aggregates: [{ ...unknown, identity: new Uint8Array(9) }] })],
      ['malformed', 'more cells than any has', said({ aggregates: [{ ...unknown, cells: new Uint8Array(257 * 8) }] })],
      ['malformed', 'too many aggregates', said({ aggregates: many })],
      ['malformed', 'more tags than shares', size(tagsOf(1, 2), floats(1))],
      ['malformed', 'half a tag', size(new Uint8Array(2), floats())],
      [
        'malformed',
        'too many instances',
        size(tagsOf(...Array(MAX_INSTANCES).keys()), floats(...Array(MAX_INSTANCES).fill(0)))
      ],
      ['malformed', 'an aggregate of a newcomer', said({ part: Part.WAITS, aggregates: [unknown] })],
      ['malformed', 'a part that there is not', Uint8Array.of(8, 7)],
      ['malformed', 'nonsense', Uint8Array.of(255, 255, 255)],
      ['too-long', 'too much', new Uint8Array(MAX_MESSAGE_BYTES + 1)]
    ]
  }

  it('takes from it what is possible: one value', async () => {
    const aggregates = [cellsOf(load.aggregate, 5), cellsOf({ ...load.aggregate, bins: 7 }, 9)]
    const [{ kind, body }] = await liar.tell(peer, said({ aggregates, round: ROUNDS }))
    const { part, epoch, exchange, aggregates: own } = Exchange.decode(body)
    assert.deepEqual([kind, part, epoch, exchange], ['reply', Part.TAKES_PART, 0, 1])
    assert.deepEqual(own, [cellsOf(load.aggregate, 3), cellsOf(heat.aggregate, 1)])
    assert.deepEqual(held(), [4, 1, 2])
  })

  it('is moved by nothing impossible, and counts it by reason', async () => {
    const before = held()

    for (const [reason, what, body] of lies()) {
      const counted = refusals()[reason] ?? 0
      const answers = await liar.tell(peer, body)
      assert.deepEqual([answers, held()], [[], before], what)
      await eventually(() => refusals()[reason] === counted + 1, { what: `${what} is counted as ${reason}` })
    }

    const asked = await liar.tell(peer, said({ part: Part.APART, tags: tagsOf(), shares: floats() }))
    assert.deepEqual([asked, held()], [[], before])
    const { exchanges, counts } = peer.services.aggregation.statistics()
    assert.deepEqual([exchanges.answered, exchanges.rejected, counts.refused], [0, lies().length + 1, 0])
  })

  it('closes its connection after some of them', async () => {
    const { node } = liar.stranger
    const connection = await node.dial(peer.getMultiaddrs())

    for (let i = 0; i < 5; i++) {
      assert.equal(connection.status, 'open')
      const stream = await connection.newStream(peer.services.aggregation.protocol)
      stream.send(Uint8Array.of(6, 0, 0, 0, 0, 0, 255))
      await eventually(() => stream.status !== 'open')
    }

    await eventually(() => connection.status !== 'open')
    assert.equal(refusals().malformed, 5)
  })

  it('is drawn into no epoch by it, and counts the claims', async () => {
    const before = held()
    const other = network.keep(await Speaker.start())
    const aggregates = [cellsOf(load.aggregate, 10)]

    for (const [i, epoch] of [1, 2, 7, MAX_EPOCH].entries()) {
      for (const [j, speaker] of [liar, other].entries()) {
        const [{ kind, body }] = await speaker.tell(peer, said({ aggregates, epoch, exchange: 10 * i + j }))
        const { part, epoch: own, aggregates: told } = Exchange.decode(body)
        assert.deepEqual([kind, part, own, told], ['reply', Part.APART, 0, []])
      }
    }

    assert.deepEqual([held(), epochOf(peer)], [before, 0])
    assert.deepEqual(refusals(), { 'wrong-epoch': 8 })
    assert.equal(peer.services.aggregation.statistics().counts.leftBehind, 0)
  })

  it('is moved once by what it says again and again, and gives the same answer', async () => {
    const message = said({ aggregates: [cellsOf(load.aggregate, 5)] })
    const [first] = await liar.tell(peer, message)
    const after = held()
    const again = await liar.tell(peer, message, message, message)
    assert.deepEqual(held(), after)
    assert.deepEqual(
      again.map(({ body }) => body),
      Array(3).fill(first.body)
    )
    assert.equal(peer.services.aggregation.statistics().counts.repeated, 3)
  })

  it('is not moved by a flood of what it says again, and refuses most of it', async () => {
    await start(1)
    const message = said({ aggregates: [cellsOf(load.aggregate, 5)] })
    await liar.tell(peer, message)
    const after = held()
    const realTime = stoppedClock()
    const answers = await liar.tell(peer, ...Array(1_000).fill(message)).finally(realTime)
    assert.equal(answers.length, 1_000)
    assert.deepEqual(held(), after)
    const { 'too-often': tooOften } = refusals()
    assert.equal(answers.filter(({ kind }) => kind === 'busy').length, tooOften)
    assert.ok(tooOften > 900, `${tooOften} refused`)
  })

  it('is moved by no impossible answer of a member either, and goes on', async () => {
    const before = held()
    // a longer answer ends otherwise
    const answers = lies().filter(([reason]) => reason !== 'too-long')
    const wanted: Record<string, number> = {}

    for (const [reason] of answers) {
      wanted[reason] = (wanted[reason] ?? 0) + 1
    }

    const bodies = answers.map(([, , body]) => body)
    const waits = said({ part: Part.WAITS, tags: tagsOf(), shares: floats() })
    await liar.answer(peer, () => bodies.shift() ?? waits)
    const { aggregation } = peer.services
    await eventually(() => aggregation.statistics().outcomes.answered > 0, { what: 'it goes on' })
    assert.deepEqual(refusals(), wanted)
    assert.equal(aggregation.statistics().outcomes.malformed, answers.length)
    assert.deepEqual(held(), before)
  })

  it('is moved by no answer to something else that it was told', async () => {
    const before = held()
    const aggregates = [cellsOf(load.aggregate, 10)]
    await liar.answer(peer, ({ exchange, round }) => said({ aggregates, exchange: exchange + 1, round }))
    await eventually(() => peer.services.aggregation.statistics().outcomes.answered > 20)
    assert.deepEqual(held(), before)
  })
})
