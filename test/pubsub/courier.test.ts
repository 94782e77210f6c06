import assert from 'node:assert/strict'
import { defaultLogger } from '@libp2p/logger'
import type { VerifiedRecord } from '../../src/live/records.ts'
import type { RequestOutcome, RequestProtocol } from '../../src/live/requests.ts'
import { decodeBatch, encodeBatchReply, type Fate, type OutgoingBatch } from '../../src/pubsub/batches.ts'
import { packIds, unpackIds } from '../../src/pubsub/codec.ts'
import { Courier } from '../../src/pubsub/courier.ts'
import type { StoredEvent } from '../../src/pubsub/event-store.ts'
import type { KnownMember } from '../../src/pubsub/known-members.ts'
import { MAX_BATCH, MAX_BATCH_BYTES, MAX_WAITING, MAX_WAITING_BYTES } from '../../src/pubsub/limits.ts'
import { BatchReply } from '../../src/pubsub/messages.ts'

const idOf = (number: number) => {
  const bytes = new Uint8Array(16)
  new DataView(bytes.buffer).setUint32(0, number)
  return unpackIds(bytes)[0]
}

const event = (number: number, bytes = 10) =>
  ({ published: { id: idOf(number), envelope: new Uint8Array(bytes).fill(number) } }) as unknown as StoredEvent

const member = (peer: string, number = 1) =>
  ({ peer: { key: peer, id: peer } as unknown as VerifiedRecord, subscription: { number } }) as KnownMember

const targetsOf = ({ handOffs }: OutgoingBatch) => handOffs.flatMap(({ targets }) => targets)

describe('a courier', () => {
  let sent: Array<{ peer: string; batch: OutgoingBatch; reply(outcome: RequestOutcome): void }>
  let came: Array<[events: number, from: string]>
  let refused: string[]
  let courier: Courier

  beforeEach(() => {
    sent = []
    came = []
    refused = []
    const request = (peer: VerifiedRecord, body: Uint8Array, signal: AbortSignal) =>
      new Promise<RequestOutcome>(resolve => {
        const aborted = () => resolve({ outcome: 'aborted' })
        signal.addEventListener('abort', aborted)

        if (signal.aborted) {
          aborted()
        } else {
          sent.push({ peer: peer.key, batch: decodeBatch(body), reply: resolve })
        }
      })
    courier = new Courier({
      requests: { request } as unknown as RequestProtocol,
      log: defaultLogger().forComponent('test'),
      onRefused: reason => refused.push(reason),
      onEvents: async (events, from) => {
        came.push([events.length, from.key])
      }
    })
    courier.start()
  })

  afterEach(async () => await courier.stop())

  /** Waits until so many batches are on their way, in all. */
  async function untilSent(count: number): Promise<void> {
    for (let turns = 0; sent.length < count && turns < 100; turns++) {
      await new Promise(resolve => setImmediate(resolve))
    }

    assert.equal(sent.length, count)
  }

  const answer = (fates: Fate[], events: Uint8Array<ArrayBuffer>[] = []): RequestOutcome => ({
    outcome: 'answered',
    body: encodeBatchReply(fates, events)
  })

  it('takes what comes up together to a peer at once, and the next when that has been answered', async () => {
    const first = [
      courier.hand(member('a', 1), event(1), 5),
      courier.hand(member('a', 2), event(1), 6),
      courier.hand(member('a', 1), event(2), 7)
    ]
    const elsewhere = courier.hand(member('b'), event(1), 8)
    courier.notify(member('a', 9), idOf(3), 4)
    await untilSent(2)
    const [toA, toB] = sent
    assert.deepEqual(targetsOf(toA.batch), [
      { to: 1, arc: 5 },
      { to: 2, arc: 6 },
      { to: 1, arc: 7 }
    ])
    assert.deepEqual(toA.batch.notices, [{ event: idOf(3), from: 4, to: 9 }])
    assert.deepEqual([toB.peer, targetsOf(toB.batch)], ['b', [{ to: 1, arc: 8 }]])
    const later = courier.hand(member('a', 1), event(3), 1)
    toB.reply(answer(['had']))
    assert.equal(await elsewhere, 'had')
    await new Promise(resolve => setImmediate(resolve))
    assert.equal(sent.length, 2, 'one batch is under way to a peer')
    toA.reply(answer(['taken', 'gone', 'refused']))
    assert.deepEqual(await Promise.all(first), ['taken', 'gone', 'refused'])
    await untilSent(3)
    sent[2].reply(answer(['full']))
    assert.equal(await later, 'full')
  })

  it('tells a fate whatever the answer is: none, nonsense, too few, and counts what cannot be read', async () => {
    const outcomes: Array<[Fate, RequestOutcome]> = [
      ['unreachable', { outcome: 'unreachable' }],
      ['unreachable', { outcome: 'timeout' }],
      ['unreachable', { outcome: 'malformed' }],
      ['unreachable', { outcome: 'answered', body: new Uint8Array(9).fill(0xff) }],
      ['unreachable', answer([])],
      ['unreachable', answer(['taken', 'taken', 'taken'])],
      ['unreachable', { outcome: 'answered', body: BatchReply.encode({ fates: Uint8Array.of(0, 9), events: [] }) }]
    ]

    for (const [i, [fate, outcome]] of outcomes.entries()) {
      const handed = [courier.hand(member('a'), event(i), 1), courier.hand(member('a', 2), event(i), 1)]
      const wanted = courier.want(member('a').peer, idOf(99))
      await untilSent(i + 1)
      sent[i].reply(outcome)
      assert.deepEqual(await Promise.all(handed), [fate, fate], JSON.stringify(outcome))
      await wanted
    }

    assert.deepEqual(refused, new Array(4).fill('malformed'))
    assert.deepEqual(came, [])
  })

  it('asks a busy peer again a few times, and then says that it has no time', async () => {
    const handed = courier.hand(member('a'), event(1), 1)
    let tries = 0
    const busy = (async () => {
      while (true) {
        const next = await Promise.race([handed.then(() => undefined), nextSent(tries)])

        if (next === undefined) {
          return
        }

        tries++
        next.reply({ outcome: 'busy' })
      }
    })()
    assert.equal(await handed, 'full')
    await busy
    assert.equal(tries, 4)
  })

  async function nextSent(at: number) {
    while (sent.length <= at) {
      await new Promise(resolve => setImmediate(resolve))

      if (at >= 4) {
        return undefined
      }
    }

    return sent[at]
  }

  it('has a bound for what waits for a peer: events, bytes, notices and ids', async () => {
    const small = Array.from({ length: MAX_WAITING + 1 }, (_, i) => courier.hand(member('a'), event(i), 1))
    assert.equal(await small[MAX_WAITING], 'full')
    const large = Math.floor(MAX_WAITING_BYTES / 2)
    const heavy = [0, 1, 2].map(i => courier.hand(member('b'), event(i, large), 1))
    assert.equal(await heavy[2], 'full')
    const again = courier.hand(member('b', 2), event(0, large), 1)

    for (let i = 0; i <= MAX_WAITING; i++) {
      courier.notify(member('c'), idOf(i), 1)
    }

    const wanted = Array.from({ length: MAX_WAITING + 1 }, (_, i) => courier.want(member('d').peer, idOf(i)))
    await wanted[MAX_WAITING]
    let replied = 0

    // until nothing more is sent
    for (let idle = 0; idle < 20; idle++) {
      while (replied < sent.length) {
        const { batch, reply } = sent[replied++]
        assert.ok(targetsOf(batch).length <= MAX_BATCH)
        assert.ok(batch.notices.length <= MAX_BATCH && batch.wanted.length <= MAX_BATCH)
        const bytes = batch.handOffs.reduce((sum, { event }) => sum + event.byteLength, 0)
        assert.ok(batch.handOffs.length === 1 || bytes <= MAX_BATCH_BYTES)
        reply(answer(targetsOf(batch).map(() => 'taken')))
        idle = 0
      }

      await new Promise(resolve => setImmediate(resolve))
    }

    assert.deepEqual(new Set(await Promise.all(small.slice(0, -1))), new Set(['taken']))
    assert.deepEqual(await Promise.all([...heavy.slice(0, 2), again]), ['taken', 'taken', 'taken'])
    await Promise.all(wanted)
    const count = (peer: string, of: (batch: OutgoingBatch) => number) =>
      sent.filter(each => each.peer === peer).reduce((sum, { batch }) => sum + of(batch), 0)
    assert.equal(
      count('c', ({ notices }) => notices.length),
      MAX_WAITING
    )
    assert.equal(
      count('d', ({ wanted }) => wanted.length),
      MAX_WAITING
    )
  })

  it('asks for an event once, whoever wants it, and is not done before what has come is taken', async () => {
    const taken = Promise.withResolvers<void>()
    const init = (courier as unknown as { init: { onEvents: unknown } }).init
    init.onEvents = async () => await taken.promise
    let answered = 0
    const wanted = [courier.want(member('a').peer, idOf(1)), courier.want(member('a').peer, idOf(1))]

    for (const want of wanted) {
      want.then(() => answered++)
    }

    await untilSent(1)
    assert.deepEqual([...packIds(sent[0].batch.wanted)], [...packIds([idOf(1)])])
    sent[0].reply(answer([], [new Uint8Array(3)]))
    await new Promise(resolve => setImmediate(resolve))
    assert.equal(answered, 0)
    taken.resolve()
    await Promise.all(wanted)
  })

  it('stops at once, with a fate for all that waits, and goes on when it is started again', async () => {
    const handed = [courier.hand(member('a'), event(1), 1), courier.hand(member('b'), event(1), 1)]
    await untilSent(2)
    const waiting = courier.hand(member('a'), event(2), 1)
    const busy = courier.hand(member('c'), event(2), 1)
    await untilSent(3)
    sent[2].reply({ outcome: 'busy' })
    await new Promise(resolve => setImmediate(resolve))
    await courier.stop()
    assert.deepEqual(await Promise.all([...handed, waiting]), ['unreachable', 'unreachable', 'unreachable'])
    assert.equal(await busy, 'full')
    assert.equal(await courier.hand(member('a'), event(3), 1), 'unreachable')
    courier.start()
    const again = courier.hand(member('a'), event(3), 1)
    await untilSent(4)
    sent[3].reply(answer(['taken']))
    assert.equal(await again, 'taken')
  })
})
