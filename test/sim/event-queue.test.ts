import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { Random } from '../../src/gossip/random.ts'
import { EventQueue } from '../../src/sim/event-queue.ts'

interface Event {
  time: number
  kind: number
  subject: number
}

/** The queue as one would write it first: a list, sorted anew for every event. The sort is stable. */
class SlowQueue {
  private events: Event[] = []

  get size(): number {
    return this.events.length
  }

  peekTime(): number {
    return this.sorted()[0]?.time ?? Infinity
  }

  push(time: number, kind: number, subject: number): void {
    this.events.push({ time, kind, subject })
  }

  next(): Event | undefined {
    return this.sorted().shift()
  }

  private sorted(): Event[] {
    return this.events.sort((a, b) => a.time - b.time)
  }
}

function take(queue: EventQueue): Event | undefined {
  return queue.next() ? { time: queue.time, kind: queue.kind, subject: queue.subject } : undefined
}

const push = fc.record({
  // few times, so that many events are at the same one, and any time at all
  time: fc.oneof(fc.nat(8), fc.double({ noDefaultInfinity: true, noNaN: true })),
  kind: fc.nat(255),
  subject: fc.nat(2 ** 31 - 1)
})
const step = fc.oneof({ weight: 60, arbitrary: push }, { weight: 40, arbitrary: fc.constant('next' as const) })

describe('the event queue', () => {
  it('does as a list that is sorted anew for every event', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), steps => {
        const queue = new EventQueue()
        const slow = new SlowQueue()

        for (const each of steps) {
          if (each === 'next') {
            assert.deepEqual(take(queue), slow.next())
          } else {
            queue.push(each.time, each.kind, each.subject)
            slow.push(each.time, each.kind, each.subject)
          }

          assert.equal(queue.size, slow.size)
          assert.equal(queue.peekTime(), slow.peekTime())
        }

        while (slow.size > 0) {
          assert.deepEqual(take(queue), slow.next())
        }

        assert.equal(take(queue), undefined)
      })
    )
  })

  it('keeps its order while it grows, whatever the times', () => {
    for (const times of [1, 10, 1_000, 1_000_000]) {
      const random = new Random(times)
      const queue = new EventQueue()
      const events = Array.from({ length: 20_000 }, (_, subject) => ({ time: random.below(times), kind: 1, subject }))

      for (const { time, kind, subject } of events) {
        queue.push(time, kind, subject)
      }

      for (const event of events.sort((a, b) => a.time - b.time)) {
        assert.deepEqual(take(queue), event)
      }
    }
  })

  it('lets time pass in a simulation in which every event brings about another one', () => {
    const random = new Random(7)
    const queue = new EventQueue()
    const order: number[] = []

    for (let node = 0; node < 3_000; node++) {
      queue.push(random.below(100), 0, node)
    }

    for (let i = 0; i < 30_000; i++) {
      const { time } = queue
      assert.ok(queue.next())
      assert.ok(queue.time >= time)
      order.push(queue.time)
      queue.push(queue.time + random.below(100), 0, queue.subject)
    }

    assert.equal(queue.size, 3_000)
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b)
    )
  })

  for (const [name, before] of Object.entries({
    '2^31': 2 ** 31 - 100,
    '2^32': 2 ** 32 - 100,
    '2^53': 2 ** 53 - 200
  })) {
    it(`keeps events at the same time in order after almost ${name} others`, () => {
      const queue = new EventQueue()
      // how many were put in so far: nobody can wait for as many
      Object.assign(queue, { pushed: before })

      for (let i = 0; i < 200; i++) {
        queue.push(5, 0, i)
      }

      assert.deepEqual(
        Array.from({ length: 200 }, () => take(queue)?.subject),
        Array.from({ length: 200 }, (_, i) => i)
      )
    })
  }

  it('holds the largest kind and subject', () => {
    const queue = new EventQueue()
    queue.push(0, 255, 2 ** 31 - 1)
    assert.deepEqual(take(queue), { time: 0, kind: 255, subject: 2 ** 31 - 1 })
  })

  for (const time of [Number.NaN, Infinity, -Infinity]) {
    it(`refuses an event at ${time}`, () => {
      const queue = new EventQueue()
      assert.throws(() => queue.push(time, 0, 0), RangeError)
      assert.equal(queue.size, 0)
    })
  }
})
