import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Mailbox } from '../../src/pubsub/mailbox.ts'

describe('a mailbox', () => {
  it('gives what has come in order, loses the oldest when it is full, and tells how many were lost before each', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.boolean(), { maxLength: 60 }),
        async (room, pushes) => {
          const mailbox = new Mailbox<number>(room)
          const reader = mailbox[Symbol.asyncIterator]()
          let waiting: number[] = []
          let untold = 0
          let lost = 0
          let next = 0

          for (const isPush of pushes) {
            if (isPush) {
              mailbox.push(next)
              waiting.push(next++)
              const over = Math.max(0, waiting.length - room)
              waiting = waiting.slice(over)
              untold += over
              lost += over
            } else if (waiting.length > 0) {
              const { value } = await reader.next()
              assert.deepEqual(value, { item: waiting.shift(), missed: untold })
              untold = 0
            }

            assert.equal(mailbox.missed, lost)
          }
        }
      )
    )
  })

  it('gives a reader that waits what comes, and ends for it', async () => {
    const mailbox = new Mailbox<string>(2)
    const reader = mailbox[Symbol.asyncIterator]()
    const first = reader.next()
    mailbox.push('a')
    assert.deepEqual(await first, { value: { item: 'a', missed: 0 }, done: false })
    const second = reader.next()
    mailbox.end()
    assert.deepEqual(await second, { value: undefined, done: true })
  })

  it('forgets what waits when it ends, and takes nothing more', async () => {
    const mailbox = new Mailbox<string>(2)
    mailbox.push('a')
    mailbox.end()
    mailbox.push('b')
    assert.deepEqual(await mailbox[Symbol.asyncIterator]().next(), { value: undefined, done: true })
    assert.equal(mailbox.missed, 0)
  })

  it('has no second reader, who would take what the first one waits for', async () => {
    const mailbox = new Mailbox<string>(2)
    const reader = mailbox[Symbol.asyncIterator]()
    const first = reader.next()
    assert.throws(() => mailbox[Symbol.asyncIterator](), { message: /reads it already/ })
    mailbox.push('a')
    assert.equal((await first).value?.item, 'a')
  })
})
