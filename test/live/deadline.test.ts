import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { Deadline } from '../../src/live/deadline.ts'
import { eventually } from '../support/eventually.ts'

describe('a deadline', () => {
  it('ends with a TimeoutError that tells how long it was', async () => {
    const { signal } = new Deadline(10)
    assert.ok(!signal.aborted)
    await eventually(() => signal.aborted, { what: 'the deadline' })
    assert.equal(signal.reason.name, 'TimeoutError')
    assert.match(signal.reason.message, /10 ms/)
  })

  it('ends with its parent, for the same reason', () => {
    const parent = new AbortController()
    const deadline = new Deadline(60_000, parent.signal)
    const { signal } = deadline
    const reason = new Error('stopping')
    parent.abort(reason)
    assert.equal(signal.reason, reason)
    const late = new Deadline(60_000, parent.signal)
    assert.equal(late.signal.reason, reason)
    deadline.clear()
    late.clear()
  })

  it('leaves no timer and no listener behind when it is cleared', () => {
    const parent = new AbortController()
    const timers = timersRunning()
    const deadlines = Array.from({ length: 10 }, () => new Deadline(60_000, parent.signal))
    const signals = deadlines.map(({ signal }) => signal)

    for (const deadline of deadlines) {
      deadline.clear()
    }

    assert.equal(timersRunning(), timers)
    assert.equal(getEventListeners(parent.signal, 'abort').length, 0)
    parent.abort()
    assert.ok(signals.every(signal => !signal.aborted))
  })
})

function timersRunning(): number {
  return process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length
}
