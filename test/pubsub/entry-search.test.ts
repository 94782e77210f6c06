import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { MAX_ASKED, MAX_VAIN } from '../../src/pubsub/constants.ts'
import { EntrySearch } from '../../src/pubsub/entry-search.ts'

interface Place {
  name: string
  distance: number
}

const place = (distance: number, name = `at ${distance}`): Place => ({ name, distance })

function search(...known: Place[]) {
  return new EntrySearch<Place>({ known, key: ({ name }) => name, distance: ({ distance }) => distance })
}

/** Asks until it is over. Returns who was asked. */
function run(looking: EntrySearch<Place>, answer: (asked: Place) => Place[] | undefined): number[] {
  const asked: number[] = []

  for (let next = looking.next(); next !== undefined; next = looking.next()) {
    asked.push(next.distance)
    const known = answer(next)

    if (known !== undefined) {
      looking.answered(known)
    }
  }

  assert.equal(looking.asked, asked.length)
  return asked
}

describe('a search for an entry', () => {
  it('asks nobody when it knows one already', () => {
    const looking = search(place(3), place(0, 'here'), place(1))
    assert.deepEqual(
      run(looking, () => []),
      []
    )
    assert.equal(looking.outcome, 'found')
    assert.equal(looking.found?.name, 'here')
  })

  it('goes always to the nearest that was named and not asked', () => {
    const looking = search(place(9), place(7))
    const named: Record<number, Place[]> = { 7: [place(8), place(5), place(7)], 5: [place(6)], 6: [place(0)] }
    assert.deepEqual(
      run(looking, ({ distance }) => named[distance]),
      [7, 5, 6]
    )
    assert.equal(looking.outcome, 'found')
  })

  it('ends when as many in turn as it takes have named nobody nearer', () => {
    const many = Array.from({ length: 40 }, (_, i) => place(10 + i))
    const looking = search(...many)
    assert.equal(run(looking, () => []).length, MAX_VAIN)
    assert.equal(looking.outcome, 'nobody')
  })

  it('follows the last of these when it has named somebody nearer', () => {
    const many = Array.from({ length: 40 }, (_, i) => place(10 + i))
    const looking = search(...many)
    const asked = run(looking, ({ distance }) =>
      distance === 9 + MAX_VAIN ? [place(5)] : distance === 5 ? [place(0)] : []
    )
    assert.deepEqual(asked.slice(-2), [9 + MAX_VAIN, 5])
    assert.equal(looking.outcome, 'found')
  })

  it('ends after so many, though each names one nearer', () => {
    const looking = search(place(1_000))
    assert.equal(run(looking, ({ distance }) => [place(distance - 1)]).length, MAX_ASKED)
    assert.equal(looking.outcome, 'nobody')
  })

  it('tells that nobody asks for it from that nobody could be reached', () => {
    const knowsNobody = search()
    run(knowsNobody, () => [])
    assert.equal(knowsNobody.outcome, 'unreachable')
    const silent = search(place(1), place(2))
    assert.deepEqual(
      run(silent, () => undefined),
      [1, 2]
    )
    assert.equal(silent.outcome, 'unreachable')
    const half = search(place(1), place(2))
    run(half, ({ distance }) => (distance === 1 ? undefined : []))
    assert.equal(half.outcome, 'nobody')
  })

  it('looks for another one when the one that it found is lost', () => {
    const looking = search(place(0, 'lost'), place(2))
    assert.deepEqual(
      run(looking, () => []),
      []
    )
    looking.lost()
    assert.deepEqual([looking.outcome, looking.found], [undefined, undefined])
    assert.deepEqual(
      run(looking, () => [place(0, 'lost'), place(0, 'other')]),
      [2]
    )
    assert.equal(looking.found?.name, 'other')
  })

  it('is told to be unreachable when all that ask for the event are lost', () => {
    for (const others of [[], [place(2)]]) {
      const looking = search(place(0), ...others)
      run(looking, () => [])
      looking.lost()
      run(looking, () => [])
      assert.equal(looking.outcome, 'unreachable')
    }
  })

  it('asks nobody twice, nor more than it may, whatever it is told', () => {
    const random = new Random(4)
    const drawn = () => Array.from({ length: random.below(6) }, () => place(1 + random.below(200)))

    for (let i = 0; i < 500; i++) {
      const asked = run(search(...drawn()), () => (random.below(4) === 0 ? undefined : drawn()))
      assert.equal(new Set(asked).size, asked.length)
      assert.ok(asked.length <= MAX_ASKED)
    }
  })
})
