import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { INTEREST_LINKS, KEEP_ROUNDS, MAX_OFFERS, MAX_RING_LINKS } from '../../src/pubsub/constants.ts'
import { parseFilter, toBoxes } from '../../src/pubsub/index.ts'
import { LinkSelection } from '../../src/pubsub/link-selection.ts'
import { Links } from '../../src/pubsub/links.ts'
import { Members } from '../../src/pubsub/members.ts'
import { Region } from '../../src/pubsub/region.ts'

const NODE = 0
const NEAR_LINKS = INTEREST_LINKS / 2
const CAPACITY = MAX_RING_LINKS + INTEREST_LINKS + MAX_OFFERS + 1

const regionOf = (filter: string) => new Region(toBoxes(parseFilter(filter)), axis => ['a', 'b'].indexOf(axis))

/** A node that knows `count` others. */
function known(count: number, own: string | undefined, filterOf: (i: number) => string, seed = 1) {
  const random = new Random(seed)
  const members = new Members(2)
  const links = new Links(2, CAPACITY)
  members.set(NODE, random.next(), own === undefined ? undefined : regionOf(own))

  for (let i = 1; i <= count; i++) {
    members.set(i, random.next(), regionOf(filterOf(i)))
    links.insert(NODE, { member: i, arc: members.arc(NODE, i), age: 0, near: members.overlap(NODE, i) })
  }

  const selection = new LinkSelection(members, links)
  const kept = () => {
    selection.trim(NODE)
    return [...links.members.subarray(0, links.sizes[NODE])].sort((a, b) => a - b)
  }
  return { members, links, kept }
}

describe('the links that a member keeps', () => {
  it('are no more than there are places, whoever they are', () => {
    const filters = ['a = 1', 'a = 2', 'a in [0, 10]', 'b = 1', 'a in [2, 3) and b > 7', '*']
    const random = new Random(9)

    for (let seed = 0; seed < 60; seed++) {
      const few = 1 + random.below(filters.length)
      const own = random.below(8) === 0 ? undefined : filters[random.below(few)]
      const { links, kept, members } = known(CAPACITY, own, () => filters[random.below(few)], seed)

      for (let at = 0; at < CAPACITY; at++) {
        // often as long ago, and ids that are the same
        links.idle[at] = links.near[at] === 1 ? random.below(3) * KEEP_ROUNDS : 255
        members.ids[links.members[at]] = random.below(3) === 0 ? 77 : members.ids[links.members[at]]
      }

      assert.ok(kept().length <= CAPACITY - MAX_OFFERS - 1)
      assert.equal(links.sizes[1], 0)
    }
  })

  it('are all that were of use lately, and of more than there is room for the latest', () => {
    const { links, kept } = known(CAPACITY, 'a = 1', () => 'a = 1')
    const rounds = (at: number) => (at * 7) % (KEEP_ROUNDS + 3)
    const limit = [...links.members].filter((_, at) => at < CAPACITY && rounds(at) <= KEEP_ROUNDS).length
    assert.ok(limit > MAX_RING_LINKS)
    const idleOf = new Map<number, number>()

    for (let at = 0; at < CAPACITY; at++) {
      links.idle[at] = rounds(at)
      idleOf.set(links.members[at], rounds(at))
    }

    const left = new Set(kept())
    const ring = [...idleOf].filter(([, idle]) => idle <= KEEP_ROUNDS)
    const lost = ring.filter(([member]) => !left.has(member)).map(([, idle]) => idle)
    const held = ring.filter(([member]) => left.has(member)).map(([, idle]) => idle)
    assert.equal(held.length, MAX_RING_LINKS)
    assert.ok(Math.min(...lost) >= Math.max(...held))
    const others = [...left].filter(member => (idleOf.get(member) as number) > KEEP_ROUNDS)
    assert.equal(others.length, Math.min(NEAR_LINKS, CAPACITY - limit))
  })

  it('are among those that do not overlap the nearest, and some of all', () => {
    const { kept } = known(100, 'a = 1', i => `a = ${10 + i}`)
    const left = kept()
    assert.equal(left.length, INTEREST_LINKS - NEAR_LINKS)
    assert.deepEqual(left.slice(0, 8), [1, 2, 3, 4, 5, 6, 7, 8])
    assert.ok(left[14] > 60, 'somebody far away')
  })

  it('stay the same while nothing changes, and are not those of another one', () => {
    const { members, links, kept } = known(100, 'a = 1', i => (i % 2 === 0 ? 'a = 1' : `a = ${10 + i}`))
    const left = kept()
    assert.equal(left.length, INTEREST_LINKS)
    assert.deepEqual(kept(), left)

    for (let i = 1; i <= 100; i++) {
      if (!left.includes(i)) {
        links.insert(NODE, { member: i, arc: members.arc(NODE, i), age: 0, near: members.overlap(NODE, i) })
      }
    }

    assert.deepEqual(kept(), left, 'the others come and go')
    const other = known(100, 'a = 1', i => (i % 2 === 0 ? 'a = 1' : `a = ${10 + i}`), 2).kept()
    assert.ok(other.filter(member => member % 2 === 0 && left.includes(member)).length < NEAR_LINKS)
  })

  it('are anybody for a member that asks for nothing, as many as others have by interest', () => {
    const { kept } = known(120, undefined, i => `a = ${i}`)
    assert.equal(kept().length, INTEREST_LINKS)
  })

  it('are all, while they are few', () => {
    assert.equal(known(NEAR_LINKS, 'a = 1', i => `a = ${i}`).kept().length, NEAR_LINKS)
  })
})
