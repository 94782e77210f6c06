import assert from 'node:assert/strict'
import { lpStream } from '@libp2p/utils'
import { Allowance } from '../../src/live/allowance.ts'
import { decodeFrame, encodeFrame } from '../../src/live/frame.ts'
import { decodeBatchReply } from '../../src/pubsub/batches.ts'
import { packIds, unpackIds } from '../../src/pubsub/codec.ts'
import { MAX_LINK_AGE, MAX_OFFERS } from '../../src/pubsub/constants.ts'
import { EVENTS_PROTOCOL, PROTOCOL } from '../../src/pubsub/index.ts'
import { MAX_OFFENCES } from '../../src/pubsub/limits.ts'
import { type Attribute, type Batch, type Descriptor, type Links, SignedEvent } from '../../src/pubsub/messages.ts'
import { seal } from '../../src/pubsub/sealed.ts'
import type { PublishedEvent } from '../../src/pubsub/signed-events.ts'
import { eventually } from '../support/eventually.ts'
import { HUGE_LENGTH, lax } from '../support/stranger.ts'
import { ContentNetwork, type ContentNode, idsOf, type Listener, listen } from './content.ts'
import { anotherKey, batchOf, forge, linksOf, Rogue } from './rogue.ts'

const FILTER = 'price in [10, 20)'
const WANTED = { price: 12 }

describe('publish/subscribe by content and peers that keep no rule', function () {
  this.timeout(60_000)

  const network = new ContentNetwork()
  const unhandled: unknown[] = []
  const onUnhandled = (err: unknown) => unhandled.push(err)
  let peer: ContentNode
  let listener: Listener
  let rogue: Rogue
  /** Of the peer's subscription. */
  let number: number

  before(() => process.on('unhandledRejection', onUnhandled))

  beforeEach(async () => {
    peer = await network.startStill()
    listener = listen(peer, FILTER)
    rogue = network.keep(await Rogue.start())
    await find()
  })

  async function find(): Promise<void> {
    const look = async () => {
      number = await rogue.find(peer, WANTED)
      return number > 0
    }
    await eventually(look, { what: 'the number of the subscription' })
  }

  afterEach(async () => {
    await network.stop()
    assert.deepEqual(unhandled, [])
  })

  after(() => process.off('unhandledRejection', onUnhandled))

  const refusals = () => peer.services.content.statistics().batches.refusals
  const linkRefusals = () => peer.services.content.statistics().refusals

  /** Whatever was done, it goes on: an event of somebody else is taken. */
  async function goesOn(): Promise<void> {
    const other = network.keep(await Rogue.start())
    const { id, envelope } = await other.event(WANTED)
    assert.deepEqual(await other.bring(peer, number, envelope), ['taken'])
    await eventually(() => idsOf(listener).includes(id), { what: 'an event of another one' })
  }

  /** An event that is properly signed and that nobody may publish. */
  async function odd(attributes: Attribute[], more: Partial<SignedEvent> = {}): Promise<Uint8Array<ArrayBuffer>> {
    const event = { sequence: 1n, time: BigInt(Date.now()), attributes, payload: new Uint8Array(0), ...more }
    return await seal('gossip-peer-event', SignedEvent.encode(event), rogue.key)
  }

  const price = { name: 'price', number: 12 }
  const offences: Array<[reason: string, what: string, event: () => Promise<Uint8Array<ArrayBuffer>>]> = [
    ['forged-event', 'a forged signature', async () => forge((await rogue.event(WANTED)).envelope)],
    ['bad-event', 'noise', async () => new Uint8Array(100).fill(0xff)],
    ['bad-event', 'a number that is none', () => odd([{ name: 'price', number: Number.NaN }])],
    ['bad-event', 'a number that is infinite', () => odd([price, { name: 'a', number: Number.POSITIVE_INFINITY }])],
    ['bad-event', 'two values of one name', () => odd([price, price])],
    ['bad-event', 'a name that is too long', () => odd([price, { name: 'a'.repeat(65), truth: true }])],
    [
      'bad-event',
      'too many attributes',
      () => odd(Array.from({ length: 33 }, (_, i) => ({ name: i === 0 ? 'price' : `a${i}`, number: 12 })))
    ],
    ['bad-event', 'a time that no calendar has', () => odd([price], { time: 2n ** 63n })],
    ['unasked', 'what the subscription does not ask for', async () => (await rogue.event({ price: 20 })).envelope]
  ]

  for (const [reason, what, event] of offences) {
    it(`drops events with ${what}, counts each as ${reason}, and closes the connection after ${MAX_OFFENCES}`, async () => {
      const connection = await rogue.connect(peer)

      for (let offence = 1; offence < MAX_OFFENCES; offence++) {
        assert.deepEqual(await rogue.bring(peer, number, await event()), ['refused'])
        assert.deepEqual(refusals(), { [reason]: offence })
      }

      assert.equal(connection.status, 'open')
      await rogue.bring(peer, number, await event()).catch(() => {})
      await eventually(() => connection.status !== 'open', { what: 'it is cut' })
      assert.deepEqual(refusals(), { [reason]: MAX_OFFENCES })
      assert.deepEqual(idsOf(listener), [])
      await goesOn()
    })
  }

  it('drops events that are too old or from the future, and blames nobody', async () => {
    const connection = await rogue.connect(peer)
    const times = [0, Date.now() - 150_000, Date.now() + 150_000, 8.64e15]
    const events = await Promise.all(times.map(time => rogue.event(WANTED, time)))
    const fates = await rogue.bring(peer, number, ...events.concat(events).map(({ envelope }) => envelope))
    assert.deepEqual(fates, new Array(8).fill('refused'))
    assert.deepEqual(refusals(), { 'stale-event': 8 })
    assert.deepEqual([connection.status, idsOf(listener)], ['open', []])
    await goesOn()
  })

  it('delivers an event once, however often it comes, and knows it again when it has forgotten what was in it', async () => {
    const { id, envelope } = await rogue.event(WANTED)
    assert.deepEqual(await rogue.bring(peer, number, envelope, envelope), ['taken', 'had'])
    assert.deepEqual(await rogue.bring(peer, number, envelope), ['had'])
    await eventually(() => idsOf(listener).length > 0, { what: 'the event' })
    assert.equal(peer.services.content.statistics().events.duplicates, 2)
    await peer.stop()
    await peer.start()
    const again = listen(peer, FILTER)
    await find()
    assert.deepEqual(await rogue.bring(peer, number, envelope), ['had'])
    assert.deepEqual(refusals(), { 'replayed-event': 1 })
    const next = await rogue.event(WANTED)
    assert.deepEqual(await rogue.bring(peer, number, next.envelope), ['taken'])
    await eventually(() => idsOf(again).length > 0, { what: 'another event' })
    assert.deepEqual([idsOf(listener), idsOf(again)], [[id], [next.id]])
  })

  it('takes an event, whatever copy of it with another signature comes at the same time', async () => {
    const connection = await rogue.connect(peer)
    const streams = [await connection.newStream(EVENTS_PROTOCOL), await connection.newStream(EVENTS_PROTOCOL)]
    const [forger, honest] = streams.map(stream => lpStream(stream))
    const ids: string[] = []

    for (let i = 1; i < MAX_OFFENCES; i++) {
      const { id, envelope } = await rogue.event(WANTED)
      ids.push(id)
      const frameOf = (event: Uint8Array<ArrayBuffer>) =>
        encodeFrame('request', i, batchOf({ handOffs: [{ event, targets: [{ to: number, arc: 0 }] }] }))
      // they come together, and the forged one first
      await Promise.all([forger.write(frameOf(forge(envelope))), honest.write(frameOf(envelope))])
      const [, fates] = await Promise.all(
        [forger, honest].map(async messages => {
          const { body } = decodeFrame((await messages.read()).subarray())
          return decodeBatchReply(body, 1).fates
        })
      )
      assert.deepEqual(fates, ['taken'])
    }

    await eventually(() => idsOf(listener).length === ids.length, { what: 'all events' })
    assert.deepEqual(idsOf(listener), ids)
  })

  it('takes one of two events that one publisher has given the same number', async () => {
    const one = await rogue.event({ price: 12 }, Date.now(), 5n)
    const other = await rogue.event({ price: 13 }, Date.now(), 5n)
    const fates = await Promise.all([one, other].map(({ envelope }) => rogue.bring(peer, number, envelope)))
    assert.deepEqual(fates.flat().sort(), ['had', 'taken'])
    await eventually(() => listener.events.length > 0, { what: 'the event' })
    assert.deepEqual(idsOf(listener), [one.id])
  })

  it('says that a subscription is gone which there is not, and is not moved by a batch about nobody', async () => {
    const { envelope, id } = await rogue.event({ price: 99 })
    assert.deepEqual(await rogue.bring(peer, (number ^ 1) >>> 0, envelope), ['gone'])
    const notices = [{ event: packIds([id]), from: 1, to: 77 }]
    const [{ kind }] = await rogue.ask(peer, EVENTS_PROTOCOL, batchOf({ notices, wanted: packIds([id, id]) }))
    assert.deepEqual([kind, refusals(), idsOf(listener)], ['reply', {}, []])
  })

  it('blames nobody for an event that it has had for one subscription and that is brought to a newer one, which asks for something else', async () => {
    const { envelope } = await rogue.event({ price: 12, volume: 1 })
    assert.deepEqual(await rogue.bring(peer, number, envelope), ['taken'])
    listen(peer, 'volume > 0')
    let newer = 0
    const look = async () => {
      newer = await rogue.find(peer, { volume: 1 })
      return newer > 0 && newer !== number
    }
    await eventually(look, { what: 'the number of the newer one' })
    assert.deepEqual(await rogue.bring(peer, newer, envelope), ['taken'])
    assert.deepEqual(refusals(), {})
  })

  it('keeps no event that is brought to nobody, or to one that does not ask for it: others need the room', async () => {
    const [toNobody, toNone, elsewhere] = await Promise.all([
      rogue.event(WANTED),
      rogue.event(WANTED),
      rogue.event({ price: 99 })
    ])
    const ids = [toNobody, toNone, elsewhere].map(({ id }) => id)
    const handOffs = [
      { event: toNobody.envelope, targets: [{ to: (number ^ 1) >>> 0, arc: 0 }] },
      { event: toNone.envelope, targets: [] },
      { event: elsewhere.envelope, targets: [{ to: number, arc: 0 }] }
    ]
    const wanted = packIds(ids)
    const [, { body }] = await rogue.ask(peer, EVENTS_PROTOCOL, batchOf({ handOffs }), batchOf({ wanted }))
    assert.equal(body.byteLength, 0)
    assert.deepEqual([refusals(), idsOf(listener)], [{ unasked: 1 }, []])
    // what it was told of, and asked for
    await rogue.onBatch(batch => ({
      fates: new Uint8Array(batch.handOffs.flatMap(({ targets }) => targets).length),
      events: batch.wanted.byteLength > 0 ? [elsewhere.envelope] : []
    }))
    await rogue.enter(peer, number, FILTER)
    await tell(rogue, [elsewhere])
    await eventually(() => refusals().unasked === 2, { what: 'it is counted' })
    const [answer] = await rogue.ask(peer, EVENTS_PROTOCOL, batchOf({ wanted }))
    assert.equal(answer.body.byteLength, 0)
    await goesOn()
  })

  it('gives an event that is wanted once, and those that it does not have not at all', async () => {
    const { envelope, id } = await rogue.event(WANTED)
    await rogue.bring(peer, number, envelope)
    const [{ body }] = await rogue.ask(peer, EVENTS_PROTOCOL, batchOf({ wanted: packIds([id, id, other(id)]) }))
    assert.ok(Buffer.from(body).includes(Buffer.from(envelope)))
    assert.ok(body.byteLength < 2 * envelope.byteLength)
  })

  for (const [reason, what, body] of [
    ['malformed', 'nonsense', () => new Uint8Array(100).fill(0xff)],
    ['malformed', 'half an id', () => batchOf({ wanted: new Uint8Array(8) })],
    ['too-many-descriptors', 'too many notices', () => batchOf({ notices: new Array(200).fill(notice()) })],
    ['out-of-range', 'an impossible arc', () => batchOf({ handOffs: [impossible()] })]
  ] as Array<[string, string, () => Uint8Array]>) {
    it(`refuses a batch of ${what}: ${reason}, and closes the connection after ${MAX_OFFENCES}`, async () => {
      const connection = await rogue.connect(peer)

      for (let offence = 1; offence <= MAX_OFFENCES; offence++) {
        await assert.rejects(rogue.ask(peer, EVENTS_PROTOCOL, body()))
        await eventually(() => refusals()[reason] === offence, { what: 'it is counted' })
      }

      await eventually(() => connection.status !== 'open', { what: 'it is cut' })
      assert.deepEqual(refusals(), { [reason]: MAX_OFFENCES })
      await goesOn()
    })
  }

  it('refuses what is too long, or no request, before it has read it', async () => {
    const connection = await rogue.connect(peer)
    const long = await connection.newStream(EVENTS_PROTOCOL)
    long.send(HUGE_LENGTH)
    await eventually(() => refusals()['too-long'] === 1, { what: 'too long' })
    const late = lpStream(await connection.newStream(EVENTS_PROTOCOL))
    await late.write(encodeFrame('reply', 1))
    await eventually(() => refusals().malformed === 1, { what: 'an answer to nothing' })
    await goesOn()
  })

  it('counts events that it did not ask for in an answer, and does not deliver them', async () => {
    const unasked = await rogue.event(WANTED)
    await rogue.onBatch(({ handOffs }) => ({
      fates: new Uint8Array(handOffs.flatMap(({ targets }) => targets).length),
      events: [unasked.envelope, forge(unasked.envelope), new Uint8Array(9)]
    }))
    await rogue.enter(peer, number, FILTER)
    const { id } = await peer.services.content.publish(WANTED)
    await eventually(() => refusals()['bad-event'] >= 1, { what: 'the last one is counted' })
    const { unasked: count, 'bad-event': bad, ...others } = refusals()
    assert.deepEqual([count, others], [2 * bad, {}])
    assert.deepEqual(idsOf(listener), [id])
  })

  it('counts answers that do not say what became of each event, and looks elsewhere', async () => {
    await rogue.onBatch(() => ({ fates: new Uint8Array(77), events: [] }))
    await rogue.enter(peer, number, 'other = 1')
    const { outcome } = await peer.services.content.publish({ other: 1 })
    assert.equal(outcome, 'unreachable')
    await eventually(() => refusals().malformed >= 1, { what: 'it is counted' })
    await goesOn()
  })

  /** Tells the peer's subscription of events. */
  async function tell(by: Rogue, events: PublishedEvent[]): Promise<void> {
    const notices = events.map(({ id }) => ({ event: packIds([id]), from: 1, to: number }))
    await by.ask(peer, EVENTS_PROTOCOL, batchOf({ notices }))
  }

  it('asks for all events that it was told of, and takes all that come in one answer', async () => {
    const events = await Promise.all(Array.from({ length: 5 }, () => rogue.event(WANTED)))
    let wanted = 0
    await rogue.onBatch(batch => {
      const ids = unpackIds(batch.wanted)
      wanted += ids.length
      return {
        fates: new Uint8Array(batch.handOffs.flatMap(({ targets }) => targets).length),
        events: events.filter(({ id }) => ids.includes(id)).map(({ envelope }) => envelope)
      }
    })
    await rogue.enter(peer, number, FILTER)
    await tell(rogue, events)
    await eventually(() => idsOf(listener).length === events.length, { what: 'all events' })
    assert.deepEqual([wanted, refusals()], [events.length, {}])
  })

  it('asks the next one who has an event, where the first one has sent a forgery or nothing', async () => {
    const honest = network.keep(await Rogue.start())
    const silent = network.keep(await Rogue.start())
    const event = await honest.event(WANTED)
    const replyWith = (event: () => Uint8Array<ArrayBuffer>[]) => (batch: Batch) => ({
      fates: new Uint8Array(batch.handOffs.flatMap(({ targets }) => targets).length),
      events: batch.wanted.byteLength > 0 ? event() : []
    })
    await rogue.onBatch(replyWith(() => [forge(event.envelope)]))
    await silent.onBatch(replyWith(() => []))
    await honest.onBatch(replyWith(() => [event.envelope]))

    for (const one of [rogue, silent, honest]) {
      await one.enter(peer, number, FILTER)
    }

    for (const one of [rogue, silent, honest]) {
      await tell(one, [event])
    }

    await eventually(() => idsOf(listener).length > 0, { what: 'the event' })
    assert.deepEqual([idsOf(listener), refusals()], [[event.id], { 'forged-event': 1 }])
  })

  it('has no time for one that brings more events than it may, and serves others', async () => {
    const few = 3
    const inner = peer.services.content as unknown as { delivery: { allowance: Allowance } }
    inner.delivery.allowance = new Allowance(few, Number.MIN_VALUE)
    const events = await Promise.all(Array.from({ length: few + 2 }, () => rogue.event(WANTED)))
    const fates = await rogue.bring(peer, number, ...events.map(({ envelope }) => envelope))
    assert.deepEqual(fates, [...new Array(few).fill('taken'), 'full', 'full'])
    assert.deepEqual(await rogue.bring(peer, number, events[0].envelope), ['had'], 'what it has costs nothing')
    await goesOn()
    assert.equal(idsOf(listener).length, few + 1)
    assert.deepEqual(refusals(), {})
  })

  describe('refuses of what is told of subscriptions', () => {
    const own = async (subscription?: Uint8Array<ArrayBuffer>): Promise<Descriptor> => ({
      record: rogue.stranger.record.envelope,
      subscription: subscription ?? (await rogue.subscription(FILTER)),
      age: 0
    })
    /** Of somebody who is not here. */
    const another = async (age = 0, filter = FILTER): Promise<Descriptor> => {
      const key = await anotherKey()
      const { envelope } = await lax.seal(key, [], 1n)
      return { record: envelope, subscription: await rogue.subscription(filter, 1, key), age }
    }
    const cases: Array<[reason: string, what: string, links: () => Promise<Partial<Links>>]> = [
      ['not-the-sender', 'nobody as its sender', async () => ({})],
      ['not-the-sender', 'another one as its sender', async () => ({ from: await another() })],
      [
        'foreign-record',
        'the subscription of another one as its own',
        async () => ({ from: await own((await another()).subscription) })
      ],
      ['forged-record', 'a forged one', async () => ({ from: await own(forge(await rogue.subscription(FILTER))) })],
      [
        'bad-filter',
        'one that contradicts itself',
        async () => ({ from: await own(await rogue.subscription('a in [5, 3]')) })
      ],
      ['bad-filter', 'one without a number', async () => ({ from: await own(await rogue.subscription(FILTER, 0)) })],
      ['bad-filter', 'a forged offer of none', async () => ({ from: await own(), offers: [await another(0, '')] })],
      [
        'age-out-of-range',
        'an age that none has',
        async () => ({ from: await own(), offers: [await another(MAX_LINK_AGE + 1)] })
      ],
      [
        'too-many-descriptors',
        'too many offers',
        async () => ({ from: await own(), offers: new Array(2 * MAX_OFFERS + 1).fill(await another()) })
      ],
      ['malformed', 'half of one that is known', async () => ({ from: await own(), known: new Uint8Array(7) })],
      ['malformed', 'half an event', async () => ({ from: await own(), events: new Uint8Array(17) })]
    ]

    for (const [reason, what, links] of cases) {
      it(`${what}: ${reason}`, async () => {
        const { knownMembers } = peer.services.content.statistics()
        await assert.rejects(rogue.ask(peer, PROTOCOL, linksOf({ to: number, ...(await links()) })))
        await eventually(() => Object.keys(linkRefusals()).length > 0, { what: 'it is counted' })
        assert.deepEqual(linkRefusals(), { [reason]: 1 })
        assert.equal(peer.services.content.statistics().knownMembers, knownMembers)
        assert.equal(listener.subscription.links, 0)
      })
    }
  })

  it('takes the first of two subscriptions of one number', async () => {
    await rogue.enter(peer, number, FILTER)
    await eventually(() => listener.subscription.links === 1, { what: 'a link' })
    const came: number[] = []
    await rogue.onBatch(({ handOffs }) => {
      came.push(handOffs.length)
      return { fates: new Uint8Array(handOffs.flatMap(({ targets }) => targets).length), events: [] }
    })
    await rogue.enter(peer, number, 'other = 1')
    const { content } = peer.services
    assert.equal((await content.publish({ other: 1 })).handed, 0)
    await content.publish(WANTED)
    await eventually(() => came.length > 0, { what: 'the event is handed over' })
  })

  it('is told of a thousand axes, and tells its own apart as before', async () => {
    for (let number = 1; number <= 100; number++) {
      const filter = Array.from({ length: 10 }, (_, i) => `a${number}_${i} < 5`).join(' and ')
      const from = {
        record: rogue.stranger.record.envelope,
        subscription: await rogue.subscription(filter, number),
        age: 0
      }
      await rogue.ask(peer, PROTOCOL, linksOf({ from, to: 0 }))
    }

    assert.equal((await peer.services.content.publish({ price: 25 })).handed, 0)
    const late = listen(peer, 'late < 5')
    const { id } = await peer.services.content.publish({ late: 1 })
    await peer.services.content.publish({ late: 9 })
    await eventually(() => idsOf(late).length > 0, { what: 'the event' })
    await goesOn()
    assert.deepEqual([idsOf(late), idsOf(listener).length], [[id], 1])
  })

  function other(id: string): string {
    return (id.startsWith('A') ? 'B' : 'A') + id.slice(1)
  }

  function notice() {
    return { event: new Uint8Array(16), from: 1, to: number }
  }

  function impossible() {
    return { event: new Uint8Array(1), targets: [{ to: number, arc: -1 }] }
  }
})
