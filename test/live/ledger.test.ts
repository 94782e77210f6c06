import assert from 'node:assert/strict'
import type { Connection } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { Ledger } from '../../src/live/ledger.ts'
import { type Refusal, RefusalError } from '../../src/live/refusal.ts'

describe('the ledger', () => {
  /** How many refusals for this reason, of many, a connection outlives. */
  function outlives(reason: Refusal): number {
    const ledger = new Ledger(defaultLogger().forComponent('test'), 5)
    let aborted = false
    const connection = { abort: () => (aborted = true) } as unknown as Connection

    for (let i = 1; i <= 20; i++) {
      ledger.refuse(new RefusalError(reason), connection)
      assert.deepEqual(ledger.counts.refusals, { [reason]: i })

      if (aborted) {
        return i - 1
      }
    }

    return Number.POSITIVE_INFINITY
  }

  it('closes a connection that brings nothing but bad messages', () => {
    for (const reason of ['malformed', 'bad-profile', 'not-finite', 'out-of-range'] as const) {
      assert.equal(outlives(reason), 4, reason)
    }
  })

  it('holds nothing against peers that are in another epoch, ask for less work, or come at a bad time', () => {
    for (const reason of ['wrong-epoch', 'too-little-work', 'busy', 'too-often', 'idle'] as const) {
      assert.equal(outlives(reason), Number.POSITIVE_INFINITY, reason)
    }
  })
})
