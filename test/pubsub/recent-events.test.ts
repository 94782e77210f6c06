import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { MAX_COMPARED, MAX_RECENT, REMEMBERED_ROUNDS, REPAIR_ROUNDS } from '../../src/pubsub/constants.ts'
import { parseFilter, toBoxes } from '../../src/pubsub/index.ts'
import { Members } from '../../src/pubsub/members.ts'
import { LinkMessage } from '../../src/pubsub/message.ts'
import { RecentEvents } from '../../src/pubsub/recent-events.ts'
import { Region } from '../../src/pubsub/region.ts'

const regionOf = (filter: string) => new Region(toBoxes(parseFilter(filter)), () => 0)
const at = (value: number) => Float64Array.of(value)

/** Member 0 has had events; 1 asks for a < 10, 2 for nothing. */
function setUp() {
  const members = new Members(1)
  members.set(0, 0, regionOf('*'))
  members.set(1, 1, regionOf('a < 10'))
  members.set(2, 2, undefined)
  const recent = new RecentEvents(members)
  const random = new Random(1)
  const told = (to: number) => {
    const message = new LinkMessage(1, 1)
    recent.tell(0, to, message, random)
    return message.events
  }
  return { recent, told }
}

describe('recent events', () => {
  it('are told to who asks for them', () => {
    const { recent, told } = setUp()
    recent.add(0, 'one', at(5), 1)
    recent.add(0, 'other', at(15), 1)
    assert.deepEqual(told(1), ['one'])
    assert.deepEqual(told(2), [])
    assert.deepEqual(told(3), [], 'somebody unknown')
    assert.ok(recent.has(0, 'one') && recent.has(0, 'other') && !recent.has(1, 'one'))
  })

  it('are any, none twice, where they are too many for a message', () => {
    const { recent, told } = setUp()

    for (let i = 0; i < MAX_COMPARED + 5; i++) {
      recent.add(0, `${i}`, at(i % 10), 1)
    }

    assert.equal(new Set(told(1)).size, MAX_COMPARED)
    const ever = new Set(Array.from({ length: 20 }, () => told(1)).flat())
    assert.equal(ever.size, MAX_COMPARED + 5)
  })

  it('are told for a dozen rounds, and known for longer: who got them late would else be asked for them again', () => {
    const { recent, told } = setUp()
    recent.add(0, 'first', at(1), 1)
    recent.add(0, 'second', at(1), 2)
    recent.add(0, 'first', at(1), 10)
    recent.tidy(0, 1 + REPAIR_ROUNDS)
    assert.deepEqual(told(1), ['first', 'second'])
    recent.tidy(0, 2 + REPAIR_ROUNDS)
    assert.deepEqual(told(1), ['second'])
    recent.tidy(0, 1 + REMEMBERED_ROUNDS)
    assert.deepEqual(told(1), [])
    assert.ok(recent.has(0, 'first') && recent.has(0, 'second'))
    recent.tidy(0, 2 + REMEMBERED_ROUNDS)
    assert.ok(!recent.has(0, 'first') && recent.has(0, 'second'))
    recent.tidy(0, 3 + REMEMBERED_ROUNDS)
    assert.ok(!recent.has(0, 'second'))
    recent.tidy(1, 50)
  })

  it('are drawn from those that are told', () => {
    const { recent } = setUp()
    assert.equal(recent.draw(0, new Random(1)), undefined)
    recent.add(0, 'old', at(1), 1)
    recent.add(0, 'new', at(2), 9)
    recent.tidy(0, 9 + REPAIR_ROUNDS)
    assert.deepEqual(recent.draw(0, new Random(1)), at(2))
    recent.tidy(0, 10 + REPAIR_ROUNDS)
    assert.equal(recent.draw(0, new Random(1)), undefined)
  })

  it('are never more than so many: the first goes', () => {
    const { recent } = setUp()

    for (let i = 0; i < MAX_RECENT + 1; i++) {
      recent.add(0, `${i}`, at(1), 1)
    }

    assert.ok(!recent.has(0, '0') && recent.has(0, '1') && recent.has(0, `${MAX_RECENT}`))
  })

  it('are nobody else’s, and none for a new member', () => {
    const { recent, told } = setUp()
    recent.add(0, 'one', at(5), 1)
    recent.add(1, 'other', at(5), 1)
    recent.clear(0)
    assert.deepEqual(told(1), [])
    assert.ok(!recent.has(0, 'one') && recent.has(1, 'other'))
  })
})
