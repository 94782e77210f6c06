import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { Allowance } from '../../src/live/allowance.ts'

/** Requests of a few peers, each some time after the one before. */
const requests = fc.array(fc.record({ peer: fc.constantFrom('a', 'b', 'c'), after: fc.nat(3_000) }), { maxLength: 200 })

describe('the allowance of a peer', () => {
  it('is a burst at once, and then its rate', () => {
    const allowance = new Allowance(3, 0.01)
    assert.deepEqual(
      [0, 0, 0, 0, 99, 100, 101, 300].map(now => allowance.take('a', now)),
      [true, true, true, false, false, true, false, true]
    )
  })

  it('is its own: what others ask takes nothing of it', () => {
    const allowance = new Allowance(1, 0.001)
    assert.ok(allowance.take('a', 0))
    assert.ok(!allowance.take('a', 0))
    assert.ok(allowance.take('b', 0))
  })

  it('is never more than a burst and the rate for the time since', () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 10 }), (asked, burst) => {
        const rate = 0.002
        const allowance = new Allowance(burst, rate)
        const granted = new Map<string, number>()
        let now = 0

        for (const { peer, after } of asked) {
          now += after

          if (allowance.take(peer, now)) {
            granted.set(peer, (granted.get(peer) ?? 0) + 1)
          }

          assert.ok((granted.get(peer) ?? 0) <= burst + rate * now + 1e-9)
        }
      })
    )
  })

  it('is the same whether or not the idle ones are forgotten', () => {
    fc.assert(
      fc.property(requests, asked => {
        const [tidy, twin] = [new Allowance(4, 0.002), new Allowance(4, 0.002)]
        let now = 0

        for (const { peer, after } of asked) {
          now += after
          tidy.forgetIdle(now)
          assert.equal(tidy.take(peer, now), twin.take(peer, now))
        }
      })
    )
  })

  it('may be without a limit', () => {
    const allowance = new Allowance(1, Number.POSITIVE_INFINITY)
    assert.ok(Array.from({ length: 1_000 }, () => allowance.take('a', 0)).every(Boolean))
  })
})
