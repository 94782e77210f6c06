import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { checkEvent, type Event, type Filter, FilterError, FilterIndex, parseFilter } from '../../src/pubsub/index.ts'
import { drawEvent, drawFilter } from './drawn.ts'

/** The obvious twin: all filters, one after the other. */
class Scan {
  readonly filters = new Map<number, Filter>()

  match(event: Event): number[] {
    return [...this.filters].filter(([, filter]) => filter.matches(event)).map(([id]) => id)
  }
}

const ascending = (ids: Iterable<number>) => [...ids].sort((a, b) => a - b)

function drawnFilter(random: Random): Filter {
  for (;;) {
    try {
      return parseFilter(drawFilter(random))
    } catch (err) {
      assert.ok(err instanceof FilterError)
    }
  }
}

/** Adds and removes by turns of growing and shrinking, and compares both after each. */
function churn(
  random: Random,
  steps: number,
  filter: (random: Random) => Filter,
  event: (random: Random) => Event,
  most: number
): void {
  const index = new FilterIndex()
  const scan = new Scan()

  for (let step = 0; step < steps; step++) {
    const grows = (step / most) % 2 < 1 ? 4 : 1

    if (random.below(5) < grows) {
      const added = filter(random)
      const id = index.add(added)
      assert.ok(!scan.filters.has(id), 'an id in use is given to another')
      scan.filters.set(id, added)
    } else if (scan.filters.size > 0) {
      const ids = [...scan.filters.keys()]
      const id = ids[random.below(ids.length)]
      assert.ok(index.remove(id))
      assert.ok(!index.remove(id), 'what was removed cannot be removed again')
      assert.equal(index.get(id), undefined)
      scan.filters.delete(id)
    }

    assert.equal(index.size, scan.filters.size)

    if (step % 7 === 0) {
      const one = event(random)
      assert.deepEqual(ascending(index.match(one)), ascending(scan.match(one)))
    }
  }

  for (const id of scan.filters.keys()) {
    index.remove(id)
  }

  for (let i = 0; i < 100; i++) {
    assert.equal(index.match(event(random)).length, 0, 'an empty index matches nothing')
  }
}

describe('the index of filters', function () {
  this.timeout(20_000)

  it('agrees with a scan as filters of all kinds come and go', () => {
    for (let seed = 0; seed < 5; seed++) {
      churn(new Random(seed), 3_000, drawnFilter, random => checkEvent(drawEvent(random)), 600)
    }
  })

  for (const attributes of [1, 4, 8, 12]) {
    it(`agrees with a scan on boxes of ${attributes} attributes, narrow and wide, that come and go`, () => {
      // a coarse lattice: many ends are equal, and many events on them
      const place = (random: Random) => (random.below(2) === 0 ? random.below(40) / 40 : random.fraction())
      const box = (random: Random) => {
        const names = Array.from({ length: attributes }, (_, a) => `a${a}`).filter(() => random.below(3) > 0)
        const json = names.map(name => {
          const lattice = random.below(2) === 0
          const low = lattice ? random.below(30) / 40 : random.fraction()
          const width = random.below(2) === 0 ? random.fraction() : 0.001 + 0.02 * random.fraction()
          const high = lattice ? low + (1 + random.below(10)) / 40 : low + width
          const ends = [random.below(2) === 0 ? '>' : '>=', random.below(2) === 0 ? '<' : '<=']
          return [name, { [ends[0]]: low, ...(random.below(9) === 0 ? {} : { [ends[1]]: high }) }]
        })
        return parseFilter(Object.fromEntries(json))
      }
      const point = (random: Random) => {
        const names = Array.from({ length: attributes }, (_, a) => `a${a}`).filter(() => random.below(8) > 0)
        return checkEvent(Object.fromEntries(names.map(name => [name, place(random)])))
      }
      churn(new Random(attributes), 6_000, box, point, 1_500)
    })
  }

  it('gives ids again, and an id of no filter is not removed', () => {
    const index = new FilterIndex()
    const filter = parseFilter('a = 1')
    const id = index.add(filter)
    assert.equal(index.get(id), filter)
    assert.ok(index.remove(id))
    assert.equal(index.add(filter), id)
    assert.ok(!index.remove(id + 1))
    assert.ok(!index.remove(-1))
  })

  it('finds by an attribute that all have and by one of a filter alone', () => {
    const index = new FilterIndex()
    const ids = Array.from({ length: 500 }, (_, i) => index.add(parseFilter(`kind = order and own_${i} > ${i}`)))

    for (let i = 0; i < 500; i += 37) {
      assert.deepEqual([...index.match(checkEvent({ kind: 'order', [`own_${i}`]: i + 1 }))], [ids[i]])
      assert.deepEqual([...index.match(checkEvent({ kind: 'order', [`own_${i}`]: i }))], [])
      assert.deepEqual([...index.match(checkEvent({ [`own_${i}`]: i + 1 }))], [])
    }
  })
})
