import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { type ConnectionUse, surplusConnections } from '../../src/live/connections.ts'

const connections = fc.array(
  fc.record({ busy: fc.boolean(), member: fc.boolean(), lastUsed: fc.nat(20) }) as fc.Arbitrary<ConnectionUse>,
  { maxLength: 40 }
)

describe('the connections to close when there are too many', () => {
  it('are those that are found one by one: the longest unused of the others, then of the members', () => {
    fc.assert(
      fc.property(connections, fc.nat(30), fc.nat(10), (open, target, room) => {
        const limit = target + room
        assert.deepEqual(surplusConnections(open, limit, target), oneByOne(open, limit, target))
      })
    )
  })

  it('are none within the limit, and never one in use', () => {
    fc.assert(
      fc.property(connections, fc.nat(30), fc.nat(10), (open, target, room) => {
        const surplus = surplusConnections(open, target + room, target)
        assert.ok(surplus.every(connection => !connection.busy))
        assert.ok(open.length > target + room || surplus.length === 0)
      })
    )
  })

  it('are no members as long as there are others', () => {
    fc.assert(
      fc.property(connections, fc.nat(30), (open, target) => {
        const surplus = new Set(surplusConnections(open, target, target))
        const strangerStays = open.some(
          connection => !connection.busy && !connection.member && !surplus.has(connection)
        )
        assert.ok(!strangerStays || [...surplus].every(connection => !connection.member))
      })
    )
  })
})

/** The obvious twin. */
function oneByOne(open: ConnectionUse[], limit: number, target: number): ConnectionUse[] {
  const left = [...open]
  const closed: ConnectionUse[] = []

  while (open.length > limit && left.length > target) {
    const idle = left.filter(connection => !connection.busy)
    const strangers = idle.filter(connection => !connection.member)
    const candidates = strangers.length > 0 ? strangers : idle

    if (candidates.length === 0) {
      break
    }

    const longest = Math.min(...candidates.map(connection => connection.lastUsed))
    const next = candidates.find(connection => connection.lastUsed === longest) as ConnectionUse
    left.splice(left.indexOf(next), 1)
    closed.push(next)
  }

  return closed
}
