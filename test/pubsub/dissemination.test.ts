import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { ENTRIES, FANOUT, WITNESSES } from '../../src/pubsub/constants.ts'
import { CIRCLE, Dissemination, type Hop } from '../../src/pubsub/dissemination.ts'
import { drawCubes, drawInCube } from './boxes-drawn.ts'
import { Population } from './population.ts'

const nobody = () => false

/** Members of boxes that overlap a lot, each of which knows the others with some chance. */
function drawn(seed: number, chance: number, ids?: (member: number) => number) {
  const random = new Random(seed)
  const count = 2 + random.below(90)
  const population = new Population(drawCubes(random, count, 2, 0.7), 2, seed)
  const { members, protocol } = population

  for (let node = 0; ids !== undefined && node < count; node++) {
    members.set(node, ids(node), members.regions[node])
  }

  for (let node = 0; node < count; node++) {
    for (let member = 0; member < count; member++) {
      if (random.fraction() < chance) {
        protocol.learn(node, member, 0)
      }
    }
  }

  const point = drawInCube(random, 2)
  const matching = [...members.ids.keys()].filter(member => members.holds(member, point))
  return { population, members, random, point, matching, dissemination: new Dissemination(protocol, random) }
}

/** Hands an event on until nobody is left: how often each member was handed it. */
function deliver(
  { dissemination, point }: Pick<ReturnType<typeof drawn>, 'dissemination' | 'point'>,
  entries: Hop[]
): Map<number, number> {
  const times = new Map<number, number>()
  const queue = [...entries]

  for (let hop = queue.shift(); hop !== undefined; hop = queue.shift()) {
    const before = times.get(hop.member) ?? 0
    times.set(hop.member, before + 1)

    if (before === 0) {
      queue.push(...dissemination.spread(hop.member, point, hop.arc, nobody))
    }
  }

  return times
}

describe('an event among those that ask for it', () => {
  it('that know each other reaches each of them once from one entry, and nobody else', () => {
    for (let seed = 0; seed < 100; seed++) {
      const { matching, dissemination, point } = drawn(seed, 1)

      if (matching.length > 0) {
        const times = deliver({ dissemination, point }, dissemination.enter([matching[seed % matching.length]]))
        assert.deepEqual(
          [...times].sort(([a], [b]) => a - b),
          matching.map(member => [member, 1])
        )
      }
    }
  })

  it('is handed to nobody that does not ask for it, whatever they know of each other', () => {
    let reached = 0

    for (let seed = 0; seed < 200; seed++) {
      const { random, matching, members, dissemination, point } = drawn(seed, 0.2)
      random.choose(matching, ENTRIES)
      const times = deliver({ dissemination, point }, dissemination.enter(matching.slice(0, ENTRIES)))
      reached += times.size
      assert.ok([...times.keys()].every(member => members.holds(member, point)))
    }

    assert.ok(reached > 500, `${reached}`)
  })

  it('is seen to by one of its entries on each part of the circle', () => {
    const ids = [0, 5, 2 ** 31, 2 ** 32 - 1]
    const { members, dissemination } = drawn(3, 0, member => ids[member] ?? 0)

    for (const entries of [[0, 1, 2], [3, 1, 2], [2, 3, 0], [0, 1], [3]]) {
      const hops = dissemination.enter(entries)
      assert.deepEqual(new Set(hops.map(({ member }) => member)), new Set(entries))
      const responsible = (id: number) =>
        hops.filter(({ member, arc }) => (id - members.ids[member]) >>> 0 < arc).length

      for (const id of [0, 1, 4, 5, 6, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1]) {
        assert.equal(responsible(id), 1)
      }
    }

    assert.deepEqual(dissemination.enter([3, 3]), [{ member: 3, arc: CIRCLE }])
    assert.deepEqual(dissemination.enter([]), [])
  })

  it('reaches all of them also where entries, or others, have the same id', () => {
    for (let seed = 0; seed < 100; seed++) {
      const few = [0, 0, 2 ** 32 - 1, 7, 9].slice(0, 1 + (seed % 5))
      const { random, matching, dissemination, point } = drawn(seed, 1, member => few[member % few.length])
      random.choose(matching, ENTRIES)
      const times = deliver({ dissemination, point }, dissemination.enter(matching.slice(0, ENTRIES)))
      assert.deepEqual(
        [...times.keys()].sort((a, b) => a - b),
        matching.sort((a, b) => a - b)
      )
    }
  })
})

describe('the arc that a member sees to', () => {
  it('is divided among the next one and others: apart, within it, and over all that are known there', () => {
    for (let seed = 0; seed < 300; seed++) {
      const { random, members, matching, dissemination, point, population } = drawn(seed, 0.7)
      const node = matching[0]

      if (node === undefined) {
        continue
      }

      const arc = random.below(4) === 0 ? CIRCLE : random.next()
      const barred = new Set(matching.filter(() => random.below(5) === 0))
      const hops = dissemination.spread(node, point, arc, member => barred.has(member))
      const inArc = population
        .known(node)
        .filter(member => members.holds(member, point) && !barred.has(member) && members.arc(node, member) < arc)
      const parts = hops.map(hop => ({ from: members.arc(node, hop.member), length: hop.arc }))
      assert.equal(hops.length, Math.min(FANOUT, inArc.length))
      assert.ok(hops.every(({ member }) => inArc.includes(member)))

      if (hops.length > 0) {
        const next = Math.min(...inArc.map(member => members.arc(node, member)))
        assert.equal(parts[0].from, next)
        assert.equal(parts[hops.length - 1].from + parts[hops.length - 1].length, arc)
      }

      for (let i = 1; i < parts.length; i++) {
        assert.equal(parts[i - 1].from + parts[i - 1].length, parts[i].from)
      }

      for (const member of inArc) {
        const at = members.arc(node, member)
        assert.equal(parts.filter(({ from, length }) => at >= from && at < from + length).length, 1)
      }

      // shares of the known ones that differ by one at most
      const shares = parts.map(
        ({ from, length }) =>
          inArc.filter(member => members.arc(node, member) >= from && members.arc(node, member) < from + length).length
      )
      assert.ok(shares.length === 0 || Math.max(...shares) - Math.min(...shares) <= 1)
    }
  })

  it('goes to the next one known in it instead of a member that cannot be reached, from there on', () => {
    let given = 0

    for (let seed = 0; seed < 200; seed++) {
      const { random, members, matching, dissemination, point, population } = drawn(seed, 0.7)
      const node = matching[0]

      for (const hop of node === undefined ? [] : dissemination.spread(node, point, CIRCLE, nobody)) {
        const barred = new Set([hop.member, ...matching.filter(() => random.below(3) === 0)])
        const other = dissemination.instead(node, point, hop, member => barred.has(member))
        const start = members.arc(node, hop.member)
        const expected = population
          .known(node)
          .filter(member => members.holds(member, point) && !barred.has(member))
          .map(member => ({ member, at: members.arc(node, member) }))
          .find(({ at }) => at > start && at < start + hop.arc)
        assert.equal(other?.member, expected?.member)

        if (other !== undefined && expected !== undefined) {
          given++
          assert.equal(expected.at + other.arc, start + hop.arc)
        }

        assert.notEqual(dissemination.instead(node, point, hop, nobody)?.member, hop.member)
      }
    }

    assert.ok(given > 200, `${given}`)
  })
})

describe('the witnesses of an event', () => {
  it('are the member before on the circle, and some others that ask for it and can be reached', () => {
    for (let seed = 0; seed < 100; seed++) {
      const { random, members, matching, dissemination, point, population } = drawn(seed, 0.7)
      const node = matching[0]

      if (node === undefined) {
        continue
      }

      const barred = new Set(matching.filter(() => random.below(3) === 0))
      const asking = population.known(node).filter(member => members.holds(member, point) && !barred.has(member))
      const witnesses = dissemination.witnesses(node, point, member => barred.has(member))
      assert.equal(witnesses.length, Math.min(1 + WITNESSES, asking.length))
      assert.equal(new Set(witnesses).size, witnesses.length)
      assert.ok(witnesses.every(member => asking.includes(member)))
      const before = asking.sort((a, b) => members.arc(a, node) - members.arc(b, node))[0]
      assert.equal(witnesses[0], before)
    }
  })
})
