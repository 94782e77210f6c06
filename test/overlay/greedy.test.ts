import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { GreedySearch } from '../../src/overlay/greedy.ts'

/** A network on a line: whom each peer knows, and who answers. The target is at 0. */
interface Line {
  known: Map<number, number[]>
  dead?: Set<number>
  /** Peers that have moved, and where they say that they are. */
  moved?: Map<number, number>
}

function search({ known, dead = new Set(), moved = new Map() }: Line, from: number, maxHops = 50, maxVain = 8) {
  const asked: number[] = []
  const named = (of: number) => (known.get(of) ?? []).map(name => ({ name, at: name }))
  const found = new GreedySearch<{ name: number; at: number }>({
    from,
    known: named(from),
    distance: ({ at }) => Math.abs(at),
    key: ({ name }) => name,
    maxHops,
    maxVain
  })

  for (let next = found.next(); next !== undefined; next = found.next()) {
    const { name } = next
    asked.push(name)

    if (dead.has(name)) {
      found.silent()
    } else {
      found.answered({ name, at: moved.get(name) ?? name }, named(name))
    }
  }

  return { path: found.steps.map(({ peer }) => peer.name), outcome: found.outcome, asked }
}

const network = (known: Record<number, number[]>) =>
  new Map(Object.entries(known).map(([of, them]) => [Number(of), them]))

describe('a greedy search', () => {
  it('goes to the nearest that it knows, and ends at the target', () => {
    const known = network({ 9: [8, 6], 6: [5, 2], 2: [1, 0], 8: [0] })
    assert.deepEqual(search({ known }, 9), { path: [6, 2, 0], outcome: 'arrived', asked: [6, 2, 0] })
    assert.deepEqual(search({ known }, 0), { path: [], outcome: 'arrived', asked: [] })
  })

  it('ends at the peer than which nobody knows a nearer one', () => {
    assert.deepEqual(search({ known: network({ 9: [8, 4], 4: [4, 5, 7] }) }, 9), {
      path: [4],
      outcome: 'nearest',
      asked: [4]
    })
    assert.deepEqual(search({ known: network({ 3: [4, 9] }) }, 3), { path: [], outcome: 'nearest', asked: [] })
  })

  it('does not go to one that is as near, nor again to one that did not answer', () => {
    const known = network({ 9: [4, 1], 4: [1, 3] })
    assert.deepEqual(search({ known, dead: new Set([1]) }, 9).asked, [1, 4, 3])
    assert.deepEqual(search({ known: network({ 9: [-9] }) }, 9).asked, [])
  })

  it('asks the next best when one does not answer, also one that was named long before', () => {
    const known = network({ 9: [7, 6], 6: [3, 2], 7: [1], 3: [] })
    const dead = new Set([2, 1])
    assert.deepEqual(search({ known, dead }, 9), { path: [6, 3], outcome: 'nearest', asked: [6, 2, 3] })
    assert.deepEqual(search({ known, dead: new Set([6]) }, 9), {
      path: [7, 1],
      outcome: 'nearest',
      asked: [6, 7, 1]
    })
  })

  it('is lost when nobody answers, and when a limit is reached', () => {
    const known = network({ 9: [8, 7], 7: [6], 6: [5] })
    assert.equal(search({ known, dead: new Set([8, 7]) }, 9).outcome, 'lost')
    assert.deepEqual(search({ known }, 9, 2), { path: [7, 6], outcome: 'lost', asked: [7, 6] })
    const crowd = network({ 99: Array.from({ length: 50 }, (_, i) => i + 1) })
    const dead = new Set(crowd.get(99))
    assert.equal(search({ known: crowd, dead }, 99).asked.length, 8)
  })

  it('is not led on by peers that have moved away', () => {
    const known = network({ 9: [8, 2], 2: [1], 8: [] })
    assert.deepEqual(search({ known, moved: new Map([[2, 20]]) }, 9), {
      path: [1],
      outcome: 'nearest',
      asked: [2, 1]
    })
    const trap = new Map(Array.from({ length: 50 }, (_, i) => [i + 50, [i + 49]]))
    const all = new Map(Array.from({ length: 99 }, (_, i) => [i, 500]))
    assert.equal(search({ known: trap, moved: all }, 99).asked.length, 8)
  })

  it('comes nearer with every step, asks nobody twice, and gets as near as anybody whom it asks', () => {
    const lists = fc.array(fc.array(fc.integer({ min: -30, max: 30 }), { maxLength: 6 }), {
      minLength: 61,
      maxLength: 61
    })

    fc.assert(
      fc.property(lists, fc.uniqueArray(fc.integer({ min: -30, max: 30 })), (lists, gone) => {
        const known = new Map(lists.map((them, i) => [i - 30, them]))
        const dead = new Set(gone)
        const { path, outcome, asked } = search({ known, dead }, 30, 50, 100)
        const steps = [30, ...path]
        assert.ok(steps.every((at, i) => i === 0 || Math.abs(at) < Math.abs(steps[i - 1])))
        assert.equal(new Set(asked).size, asked.length)
        const named = [30, ...path].flatMap(at => known.get(at) ?? []).filter(at => !dead.has(at))
        assert.equal(Math.abs(steps[steps.length - 1]), Math.min(30, ...named.map(Math.abs)))
        assert.equal(outcome === 'arrived', steps.includes(0))
      })
    )
  })
})
