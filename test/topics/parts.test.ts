import assert from 'node:assert/strict'
import type { PeerId } from '@libp2p/interface'
import fc from 'fast-check'
import type { VerifiedRecord } from '../../src/live/records.ts'
import { choosePeers } from '../../src/pubsub/topics/choice.ts'
import { Fanout } from '../../src/pubsub/topics/fanout.ts'
import type { TopicMessage } from '../../src/pubsub/topics/index.ts'
import { KnownMembers } from '../../src/pubsub/topics/known-members.ts'
import { FANOUT_TTL, MAX_KNOWN, MAX_TOPICS, MAX_TRIES } from '../../src/pubsub/topics/limits.ts'
import { MessageQueue } from '../../src/pubsub/topics/message-queue.ts'
import { Pace, type PacedStream } from '../../src/pubsub/topics/pace.ts'
import { checkPayload, checkTopic, decodeMarks, encodeMarks, markOf } from '../../src/pubsub/topics/topic.ts'

const numbered = (n: number): TopicMessage => ({
  topic: 'news',
  from: {} as PeerId,
  data: new Uint8Array(),
  sequenceNumber: BigInt(n)
})

describe('the name, payload and mark of a topic', () => {
  it('has 1 to 128 whole characters, and up to 64 KiB', () => {
    for (const topic of ['a', 'x'.repeat(128), '€/news', '\u{1f600}']) {
      assert.equal(checkTopic(topic), topic)
    }

    for (const topic of ['', 'x'.repeat(129), '\ud83d', 7 as unknown as string]) {
      assert.throws(() => checkTopic(topic), { name: 'ParameterError', parameter: 'topic' })
    }

    assert.equal(checkPayload(new Uint8Array(65_536)).byteLength, 65_536)
    assert.throws(() => checkPayload(new Uint8Array(65_537)), { name: 'ParameterError', parameter: 'payload' })
    assert.throws(() => checkPayload('text' as never), { name: 'ParameterError', parameter: 'payload' })
  })

  it('is the beginning of its SHA-256', () => {
    // of "abc", FIPS 180-4, and of nothing but an a
    assert.equal(markOf('abc'), 0xba7816bf)
    assert.equal(markOf('a'), 0xca978112)
  })

  it('is read as it was written, the same bytes for the same topics', () => {
    const mark = fc.integer({ min: 0, max: 2 ** 32 - 1 })

    fc.assert(
      fc.property(fc.array(mark, { maxLength: MAX_TOPICS }), marks => {
        const bytes = encodeMarks(marks)
        assert.deepEqual(decodeMarks(bytes), new Set([...marks].sort((a, b) => a - b)))
        assert.deepEqual(encodeMarks([...marks].reverse()), bytes)
        assert.ok(bytes.byteLength <= 256)
      })
    )
    assert.equal(decodeMarks(new Uint8Array(5)), undefined)
  })
})

describe('the queue of a slow consumer', () => {
  it('gives the newest messages in order, and says how many were lost before each', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.boolean(), { maxLength: 60 }),
        async (capacity, steps) => {
          const queue = new MessageQueue(capacity, () => {})
          // the obvious twin: all messages, and from where on they are still there
          let sent = 0
          let taken = 0
          let lost = 0

          for (const isPush of steps) {
            if (isPush) {
              lost += queue.push(numbered(sent++))
            } else if (taken < sent) {
              const first = Math.max(taken, sent - capacity)
              const { value } = await queue.next()
              assert.deepEqual([value.sequenceNumber, value.missed], [BigInt(first), first - taken])
              taken = first + 1
            }
          }

          const first = Math.max(taken, sent - capacity)
          queue.end()
          const rest: number[] = []

          for await (const { sequenceNumber } of queue) {
            rest.push(Number(sequenceNumber))
          }

          assert.deepEqual(
            rest,
            Array.from({ length: sent - first }, (_, i) => first + i)
          )
          assert.equal(queue.push(numbered(99)), 0)
          assert.ok(lost <= sent)
        }
      )
    )
  })

  it('counts every message that it loses, and none for who waits', async () => {
    const queue = new MessageQueue(1, () => {})
    const [one, two] = [queue.next(), queue.next()]
    assert.deepEqual(
      [1, 2, 3, 4, 5].map(n => queue.push(numbered(n))),
      [0, 0, 0, 1, 1]
    )
    assert.deepEqual(
      [await one, await two].map(({ value }) => [Number(value.sequenceNumber), value.missed]),
      [
        [1, 0],
        [2, 0]
      ]
    )
    assert.deepEqual([(await queue.next()).value.sequenceNumber, 0], [5n, 0])
  })

  it('ends once, for those who wait and those who come later', async () => {
    let ends = 0
    const queue = new MessageQueue(1, () => ends++)
    const waiting = queue.next()
    await queue.return()
    queue.end()
    assert.deepEqual([(await waiting).done, (await queue.next()).done, ends], [true, true, 1])
  })
})

describe('whom to contact', () => {
  const mark = fc.integer({ min: 0, max: 7 })
  const candidates = fc.array(fc.uniqueArray(mark, { maxLength: 4 }), { maxLength: 12 })

  it('is somebody whom each choice serves, within the limit, until nobody is left who would help', () => {
    fc.assert(
      fc.property(
        candidates,
        fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 8, maxLength: 8 }),
        fc.nat(5),
        (all, needs, limit) => {
          const peers = all.map(marks => ({ marks: new Set(marks) }))
          const chosen = choosePeers(peers, new Map(needs.map((need, i) => [i, need])), limit)
          assert.ok(chosen.length <= limit)
          assert.equal(new Set(chosen).size, chosen.length)
          const left = [...needs]
          const gain = ({ marks }: { marks: Set<number> }) => [...marks].filter(i => left[i] > 0).length

          for (const [i, peer] of chosen.entries()) {
            const rest = peers.filter(other => !chosen.slice(0, i).includes(other))
            assert.ok(gain(peer) > 0)
            assert.equal(gain(peer), Math.max(...rest.map(gain)))
            assert.equal(
              peer,
              rest.find(other => gain(other) === gain(peer))
            )

            for (const i of peer.marks) {
              left[i]--
            }
          }

          const rest = peers.filter(peer => !chosen.includes(peer))
          assert.ok(chosen.length === limit || rest.every(peer => gain(peer) === 0))
        }
      )
    )
  })
})

describe('members that are known to share a topic', () => {
  const record = (key: string, topics: string[], seq = 1n, bytes = encodeMarks(topics.map(markOf))) =>
    ({
      key,
      seq,
      profiles: new Map(topics.length === 0 && bytes.byteLength === 0 ? [] : [['topics', bytes]])
    }) as unknown as VerifiedRecord
  const wanted = new Set([markOf('a'), markOf('b')])
  const keys = (known: KnownMembers) => known.all().map(({ record }) => record.key)

  it('are those of the view whose records show one, remembered when they have left the view', () => {
    const known = new KnownMembers(() => assert.fail())
    known.meet([record('1', ['a']), record('2', ['c']), record('3', []), record('4', ['c', 'b'])], wanted)
    known.refresh(() => undefined, new Set(), wanted)
    assert.deepEqual(keys(known), ['1', '4'])
    known.refresh(() => undefined, new Set(), new Set([markOf('b')]))
    assert.deepEqual(keys(known), ['4'])
  })

  it('are forgotten when a newer record of theirs shows no topic of this peer any more', () => {
    const known = new KnownMembers(() => assert.fail())
    known.meet([record('1', ['a'], 5n), record('2', ['a'], 5n)], wanted)
    const newest = new Map([
      ['1', record('1', ['c'], 4n)],
      ['2', record('2', ['c'], 6n)]
    ])
    known.refresh(key => newest.get(key), new Set(['1', '2']), wanted)
    assert.deepEqual(keys(known), ['1'])
  })

  it('are contacted ever more rarely, and forgotten when that comes to nothing and nobody names them', () => {
    const known = new KnownMembers(() => assert.fail())
    known.meet([record('1', ['a']), record('2', ['a'])], wanted)
    const [one, two] = known.all()

    for (const pause of [100, 200, 400, 800]) {
      known.contacted(one, 1_000, 100)
      assert.equal(one.notBefore, 1_000 + pause)
      known.contacted(two, 1_000, 100)
    }

    assert.equal(one.tries, MAX_TRIES)
    known.refresh(() => undefined, new Set(['2']), wanted)
    assert.deepEqual(keys(known), ['2'])
    // it says something new of itself
    known.refresh(() => record('2', ['b'], 2n), new Set(), wanted)
    assert.deepEqual([two.tries, two.notBefore, keys(known).length], [0, 0, 1])
    known.contacted(two, 1_000, 100)
    known.reached('2')
    assert.deepEqual([two.tries, two.notBefore], [0, 0])
  })

  it('are so many and no more: those that were seen longest ago go', () => {
    const known = new KnownMembers(() => assert.fail())
    known.meet(
      Array.from({ length: MAX_KNOWN }, (_, i) => record(`${i}`, ['a'])),
      wanted
    )
    known.meet([record('0', ['a']), record('new', ['a'])], wanted)
    assert.equal(keys(known).length, MAX_KNOWN)
    assert.deepEqual([keys(known).includes('0'), keys(known).includes('1'), keys(known).at(-1)], [true, false, 'new'])
  })

  it('do not have marks that cannot be read, which is counted once a record', () => {
    const refused: string[] = []
    const known = new KnownMembers(reason => refused.push(reason))
    const bad = record('1', ['a'], 1n, new Uint8Array(7))
    known.meet([bad], wanted)
    known.meet([bad], wanted)
    assert.deepEqual([refused, keys(known)], [['bad-profile'], []])
  })
})

describe('topics that were published to', () => {
  it('are looked after for a minute, and no more than 64', () => {
    const fanout = new Fanout()
    fanout.published('a', 0)
    fanout.published('b', 10)
    assert.deepEqual(fanout.topics(FANOUT_TTL - 1), ['a', 'b'])
    fanout.published('a', 20)
    assert.deepEqual(fanout.topics(FANOUT_TTL + 15), ['a'])

    for (let i = 0; i < MAX_TOPICS; i++) {
      fanout.published(`${i}`, 30)
    }

    assert.deepEqual(
      fanout.topics(30),
      Array.from({ length: MAX_TOPICS }, (_, i) => `${i}`)
    )
  })
})

describe('the pace of a publisher', () => {
  class Sink extends EventTarget implements PacedStream {
    writeBufferLength: number
    status: PacedStream['status'] = 'open'

    constructor(bytes: number) {
      super()
      this.writeBufferLength = bytes
    }

    to(bytes: number, event: 'idle' | 'close'): void {
      this.writeBufferLength = bytes
      this.dispatchEvent(new Event(event))
    }
  }

  /** Whether waiting ends without anything that happens. */
  async function goesOn(waiting: Promise<void>): Promise<boolean> {
    return await Promise.race([waiting.then(() => true), new Promise<boolean>(resolve => setImmediate(resolve, false))])
  }

  it('is that of the slowest that is full, until it is empty or closed', async () => {
    const pace = new Pace(100, 60_000)
    const [one, two, fine] = [101, 500, 100].map(bytes => new Sink(bytes))
    assert.equal(await goesOn(pace.wait([fine])), true)
    const waiting = pace.wait([one, two, fine])
    one.to(0, 'idle')
    assert.equal(await goesOn(waiting), false)
    two.to(500, 'close')
    await waiting
    two.status = 'closed'
    assert.equal(await goesOn(pace.wait([one, two])), true)
  })

  it('is not that of one that does not read, before it has caught up', async () => {
    const pace = new Pace(100, 1)
    const stuck = new Sink(101)
    await pace.wait([stuck])
    assert.equal(await goesOn(pace.wait([stuck])), true)
    stuck.to(0, 'idle')
    assert.equal(await goesOn(pace.wait([stuck])), true)
    stuck.writeBufferLength = 101
    const waiting = pace.wait([stuck])
    assert.equal(await goesOn(waiting), false)
    stuck.to(0, 'idle')
    await waiting
  })
})
