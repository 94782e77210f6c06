import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Links, NEVER } from '../../src/pubsub/links.ts'

const CAPACITY = 12
const NODES = 3
const MAX_AGE = 5

/** A link as a plain table has it. */
interface Entry {
  member: number
  arc: number
  age: number
  idle: number
  near: boolean
}

/** Members stand where their numbers say, so that some share a place. */
const arcOf = (member: number) => [0, 1, 2 ** 31, 2 ** 32 - 1][member % 4]

const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('insert' as const), member: fc.nat(15), age: fc.nat(4) }) },
  fc.record({ kind: fc.constant('remove' as const), member: fc.nat(15), age: fc.constant(0) }),
  fc.record({ kind: fc.constant('grow' as const), member: fc.constant(0), age: fc.constant(0) }),
  fc.record({ kind: fc.constant('keep' as const), member: fc.integer({ min: 1, max: 5 }), age: fc.constant(0) })
)

/** What a node's part of the table says. */
function entriesOf(links: Links, node: number): Entry[] {
  return Array.from({ length: links.sizes[node] }, (_, i) => {
    const at = links.first(node) + i
    const near = links.near[at] === 1
    return { member: links.members[at], arc: links.arcs[at], age: links.ages[at], idle: links.idle[at], near }
  })
}

const byMember = (a: Entry, b: Entry) => a.member - b.member

describe('the links of a node', () => {
  it('are those of a plain list, in the order of their arcs, and change nothing of others', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(NODES - 1), operation), { maxLength: 60 }), operations => {
        const links = new Links(NODES, CAPACITY)
        const plain: Entry[][] = Array.from({ length: NODES }, () => [])

        for (const [node, { kind, member, age }] of operations) {
          const at = links.find(node, member, arcOf(member))
          const isKnown = plain[node].some(entry => entry.member === member)
          assert.equal(at !== -1, isKnown)

          if (kind === 'insert' && !isKnown && plain[node].length < CAPACITY) {
            const entry = { member, arc: arcOf(member), age, near: member > 7 }
            links.insert(node, entry)
            plain[node].push({ ...entry, idle: NEVER })
          } else if (kind === 'remove') {
            links.remove(node, at)
            plain[node] = plain[node].filter(entry => entry.member !== member)
          } else if (kind === 'grow') {
            links.grow(node, MAX_AGE)
            plain[node] = plain[node]
              .map(entry => ({ ...entry, age: entry.age + 1, idle: Math.min(NEVER, entry.idle + 1) }))
              .filter(entry => entry.age <= MAX_AGE)
          } else if (kind === 'keep') {
            links.keep(node, i => links.members[i] % member !== 0)
            plain[node] = plain[node].filter(entry => entry.member % member !== 0)
          }

          for (let other = 0; other < NODES; other++) {
            const entries = entriesOf(links, other)
            assert.deepEqual(entries.toSorted(byMember), plain[other].toSorted(byMember))
            assert.ok(entries.every(({ arc }, i) => i === 0 || entries[i - 1].arc <= arc))
          }
        }
      })
    )
  })

  it('are found where they lie, by arc and by member', () => {
    const links = new Links(2, CAPACITY)

    for (const member of [3, 7, 0, 2, 6, 1]) {
      links.insert(1, { member, arc: arcOf(member), age: 0, near: false })
    }

    for (const member of [3, 7, 0, 2, 6, 1]) {
      assert.equal(links.members[links.find(1, member, arcOf(member))], member)
    }

    assert.equal(links.find(1, 11, arcOf(3)), -1, 'another one at the same place')
    assert.equal(links.find(1, 3, 1), -1, 'itself at another place')
    assert.equal(links.find(0, 3, arcOf(3)), -1, 'a link of somebody else')
    assert.equal(links.seek(1, 0) - links.first(1), 0)
    assert.equal(links.seek(1, 2) - links.first(1), 2)
    assert.equal(links.seek(1, 2 ** 32 - 1) - links.first(1), 4)
  })

  it('go when they are older than they may be, and not before', () => {
    const links = new Links(1, CAPACITY)

    for (const age of [2, 3, 4, 5]) {
      links.insert(0, { member: age, arc: age, age, near: false })
    }

    links.grow(0, MAX_AGE)
    assert.deepEqual(
      entriesOf(links, 0).map(({ age }) => age),
      [3, 4, 5]
    )
  })

  it('that were of use lately say how long ago', () => {
    const links = new Links(1, CAPACITY)
    links.insert(0, { member: 1, arc: 1, age: 0, near: true })
    assert.equal(links.idle[0], NEVER)
    links.idle[0] = 0
    links.grow(0, 300)
    assert.equal(links.idle[0], 1)

    for (let round = 0; round < 299; round++) {
      links.grow(0, 300)
    }

    assert.equal(links.idle[0], NEVER)
    assert.equal(links.sizes[0], 1)
    links.grow(0, 300)
    assert.equal(links.sizes[0], 0)
  })
})
