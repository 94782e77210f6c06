import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_PUBLISHERS, SEQUENCE_WINDOW } from '../../src/pubsub/limits.ts'
import { ReplayGuard } from '../../src/pubsub/replay-guard.ts'

/** All that was ever had: slow, and without bound. */
class PlainGuard {
  private readonly had = new Map<string, Set<bigint>>()

  isNew(publisher: string, sequence: bigint): boolean {
    const had = this.had.get(publisher) ?? new Set()
    const highest = [...had].reduce((a, b) => (a > b ? a : b), -1n)
    return !had.has(sequence) && highest - sequence < BigInt(SEQUENCE_WINDOW)
  }

  add(publisher: string, sequence: bigint): void {
    this.had.set(publisher, (this.had.get(publisher) ?? new Set()).add(sequence))
  }
}

describe('the guard against replays', () => {
  it('tells what is new as a set of all that was had does, and takes what is older than its window for had', () => {
    const window = SEQUENCE_WINDOW
    const steps = fc.oneof(
      fc.integer({ min: -40, max: 40 }),
      fc.constantFrom(-window - 1, -window, -window + 1, -1, 0, 1, 32, window - 1, window, window + 1, 3 * window)
    )
    fc.assert(
      fc.property(
        fc.bigInt(0n, 2n ** 64n - 1n),
        fc.array(fc.tuple(fc.constantFrom('a', 'b'), steps), { maxLength: 80 }),
        (start, moves) => {
          const guard = new ReplayGuard()
          const plain = new PlainGuard()
          let at = start

          for (const [publisher, step] of moves) {
            at += BigInt(step)
            at = at < 0n ? 0n : at >= 2n ** 64n ? 2n ** 64n - 1n : at
            const expected = plain.isNew(publisher, at)
            assert.equal(guard.isNew(publisher, at, 0), expected, `${publisher} ${at}`)

            if (expected) {
              guard.add(publisher, at, 0)
              plain.add(publisher, at)
              assert.equal(guard.isNew(publisher, at, 0), false)
            }
          }
        }
      ),
      { numRuns: 500 }
    )
  })

  it('takes for new what a publisher has skipped, when all that was a window before has been had', () => {
    const guard = new ReplayGuard()
    let last = BigInt(SEQUENCE_WINDOW) - 1n

    for (let number = 0n; number <= last; number++) {
      guard.add('a', number, 0)
    }

    for (let jump = 2n; jump < 70n; jump++) {
      guard.add('a', last + jump, 0)

      for (let skipped = last + 1n; skipped < last + jump; skipped++) {
        assert.equal(guard.isNew('a', skipped, 0), true, `${skipped}`)
      }

      assert.equal(guard.isNew('a', last, 0), false)
      last += jump
    }
  })

  it('forgets the publisher that has been silent for longest, and nobody else', () => {
    const guard = new ReplayGuard()

    for (let i = 0; i < MAX_PUBLISHERS; i++) {
      guard.add(`${i}`, 1n, 100 + i)
    }

    assert.ok(guard.isNew('late', 1n, 0), 'nobody is forgotten, so nobody who is not remembered was ever had')
    guard.add('0', 2n, 9_000)
    guard.add('one more', 1n, 9_001)
    const isNew = (publisher: string, sequence: bigint) => guard.isNew(publisher, sequence, 9_002)
    assert.deepEqual([isNew('1', 1n), isNew('0', 1n), isNew('0', 2n)], [true, false, false])
    assert.deepEqual([isNew('2', 1n), isNew('one more', 1n)], [false, false])
  })

  it('takes nothing twice of those whom many new names have pushed out', () => {
    const guard = new ReplayGuard()
    guard.add('honest', 1n, 1_000)

    for (let i = 0; i < MAX_PUBLISHERS; i++) {
      guard.add(`name ${i}`, 1n, 2_000)
    }

    assert.equal(guard.isNew('honest', 1n, 999), false)
    assert.equal(guard.isNew('honest', 1n, 1_000), false)
    assert.deepEqual([guard.isNew('honest', 2n, 1_001), guard.isNew('another', 1n, 1_001)], [true, true])
    // of those who are remembered, only numbers count
    assert.equal(guard.isNew('name 0', 2n, 0), true)
  })
})
