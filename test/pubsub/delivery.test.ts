import assert from 'node:assert/strict'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { Delivery, type DeliveryInit } from '../../src/pubsub/delivery.ts'
import type { KnownMember } from '../../src/pubsub/known-members.ts'
import { Region } from '../../src/pubsub/region.ts'
import { Population } from './population.ts'

describe('the delivery of events', () => {
  it('forgets whoever is gone, and nobody who has got its number meanwhile', () => {
    const everything = new Region([new Map()], () => -1)
    const { protocol } = new Population([everything, everything], 0)
    const member = (key: string) => ({ peer: { key } }) as KnownMember
    const delivery = new Delivery({
      protocol,
      local: { present: new Set([0]) },
      courier: { isStopped: false },
      known: { number: (peer: string) => (peer === 'new' ? 1 : NOBODY) }
    } as unknown as DeliveryInit)
    protocol.learn(0, 1, 0)
    delivery.blame(member('old'), 'unreachable')
    delivery.blame(member('new'), 'full')
    assert.deepEqual(protocol.neighbours(0), [1])
    delivery.blame(member('new'), 'unreachable')
    assert.deepEqual(protocol.neighbours(0), [])
  })

  it('waits for no event that nobody here asks for, nor for any when it has stopped', () => {
    const everything = new Region([new Map()], () => -1)
    const { protocol, members } = new Population([undefined, everything], 0)
    const courier = { isStopped: false, patience: 60_000 }
    const delivery = new Delivery({
      protocol,
      members,
      courier,
      local: { present: new Set([0, 1]) },
      known: { recordOf: () => undefined, number: () => NOBODY },
      memberOf: (number: number) => number
    } as unknown as DeliveryInit)

    try {
      delivery.miss(0, 2, 'a')
      delivery.miss(1, 2, 'b')
      courier.isStopped = true
      delivery.miss(1, 2, 'c')
      assert.deepEqual(
        ['a', 'b', 'c'].map(event => delivery.told.awaits(event)),
        [false, true, false]
      )
    } finally {
      delivery.told.clear()
    }
  })
})
