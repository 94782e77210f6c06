import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Random } from '../../src/gossip/random.ts'
import { lead, reversedLead } from '../../src/pubsub/axes.ts'
import { checkEvent, FilterError, holds, parseFilter, toBoxes, toPoint } from '../../src/pubsub/index.ts'
import { compareText, nextDown, nextUp } from '../../src/pubsub/ordering.ts'
import { drawEvent, drawFilter } from './drawn.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 8 }).filter(text => text.isWellFormed())
const reverse = (text: string) => [...text].reverse().join('')
/** What the order and the first bytes of strings are, said by the platform. */
const bytes = (text: string) => Buffer.from(text)

describe('the number of a string', () => {
  it('keeps the order of code points', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        const order = Math.sign(Buffer.compare(bytes(a), bytes(b)))
        assert.equal(Math.sign(compareText(a, b)), order)
        assert.ok(Math.sign(lead(a) - lead(b)) * order >= 0)
        assert.equal(reversedLead(a), lead(reverse(a)))
      }),
      { numRuns: 2_000 }
    )
  })

  it('is six of its bytes, and that of a prefix lies before and behind all that begin with it', () => {
    fc.assert(
      fc.property(anyText, anyText, (prefix, rest) => {
        const first = Buffer.alloc(6, 0)
        bytes(prefix).copy(first)
        assert.equal(lead(prefix), first.readUIntBE(0, 6))
        const next = Buffer.alloc(12, 0)
        bytes(prefix).copy(next)
        assert.equal(lead(prefix, 0, 1), next.readUIntBE(6, 6))
        assert.equal(reversedLead(reverse(prefix), 0, 1), lead(prefix, 0, 1))
        assert.ok(lead(prefix) <= lead(prefix + rest) && lead(prefix + rest) <= lead(prefix, 255))
        assert.ok(reversedLead(prefix) <= reversedLead(rest + prefix))
        assert.ok(reversedLead(rest + prefix) <= reversedLead(prefix, 255))
      }),
      { numRuns: 2_000 }
    )
  })
})

describe('the next number', () => {
  it('is the next one, either way', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), number => {
        const next = nextUp(number)
        assert.ok(next > number)
        assert.ok(nextDown(next) === number)
        const middle = number + (next - number) / 2
        assert.ok(middle === number || middle === next || !Number.isFinite(next - number))
      })
    )
    assert.equal(nextUp(-0), 5e-324)
    assert.equal(nextDown(0), -5e-324)
    assert.equal(nextUp(Number.MAX_VALUE), Infinity)
    assert.equal(nextUp(-Infinity), -Number.MAX_VALUE)
    assert.equal(nextUp(Infinity), Infinity)
  })
})

describe('the boxes of a filter', () => {
  it('hold whatever it matches, and are never more than 64', () => {
    const random = new Random(11)
    let matches = 0

    for (let i = 0; i < 3_000; i++) {
      try {
        const filter = parseFilter(drawFilter(random))
        const boxes = toBoxes(filter)
        assert.ok(boxes.length >= 1 && boxes.length <= 64)

        for (let j = 0; j < 50; j++) {
          const event = checkEvent(drawEvent(random))

          if (filter.matches(event)) {
            matches++
            const point = toPoint(event)
            assert.ok(
              boxes.some(box => holds(box, point)),
              `${filter}: ${JSON.stringify([...event])}`
            )
          }
        }
      } catch (err) {
        assert.ok(err instanceof FilterError, String(err))
      }
    }

    assert.ok(matches > 1_000)
  })

  it('are exact where numbers and booleans are asked for', () => {
    const [box, ...others] = toBoxes(parseFilter('price in [10, 20) and size > 5 and urgent = true'))
    assert.equal(others.length, 0)
    const at = (price: number, size: number, urgent: boolean) =>
      holds(box, toPoint(checkEvent({ price, size, urgent })))
    assert.ok(at(10, 6, true))
    assert.ok(!at(20, 6, true))
    assert.ok(!at(nextDown(10), 6, true))
    assert.ok(!at(10, 5, true))
    assert.ok(at(10, nextUp(5), true))
    assert.ok(!at(10, 6, false))
    assert.ok(!holds(box, toPoint(checkEvent({ price: 10, size: 6 }))), 'an attribute that is not there')
  })

  it('are one for each member of a set, and wider ones where these would be too many', () => {
    const set = (count: number) => ({ in: Array.from({ length: count }, (_, i) => 2 ** i) })
    assert.equal(toBoxes(parseFilter({ a: set(64) })).length, 64)
    assert.equal(toBoxes(parseFilter({ a: set(8), b: set(8) })).length, 64)
    assert.equal(toBoxes(parseFilter({ a: set(200), b: set(9) })).length, 63)
    assert.deepEqual(toBoxes(parseFilter('*')), [new Map()])
    // parted where gaps are widest
    const wide = toBoxes(parseFilter({ a: set(200) }))
    assert.equal(wide.length, 64)
    const has = (a: number) => wide.some(box => holds(box, toPoint(checkEvent({ a }))))
    assert.ok(has(3) && has(2 ** 135 * 1.5), 'covered')
    assert.ok(has(2 ** 199) && !has(2 ** 198 * 1.5) && !has(2 ** 137 * 1.5), 'parted')
  })

  it('are fewer where each of them names many axes: a short filter is not to cost others much', () => {
    const strings = (count: number) => ({ in: Array.from({ length: count }, (_, i) => `s${i}`) })
    const more = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, 'x']))

    for (let others = 0; others < 16; others++) {
      const filter = parseFilter({ set: strings(64), ...more(others) })
      const boxes = toBoxes(filter)
      const intervals = boxes.reduce((sum, box) => sum + box.size, 0)
      assert.ok(intervals <= 512 && intervals > 512 - 8 * (others + 1), `${intervals} with ${others} more`)
      const event = { set: 's63', ...Object.fromEntries(Object.keys(more(others)).map(name => [name, 'x'])) }
      assert.ok(boxes.some(box => holds(box, toPoint(checkEvent(event)))))
    }
  })

  it('know strings by 24 bytes at either end', () => {
    const [box] = toBoxes(parseFilter('host = "www.example.org"'))
    const has = (host: string) => holds(box, toPoint(checkEvent({ host })))
    assert.ok(has('www.example.org'))
    assert.ok(!has('www.example.com') && !has('ftp.example.org'))
    assert.ok(!has('www.exemple.org'))
    assert.deepEqual(
      [...box.keys()].sort(),
      ['', '12', '18', '6'].flatMap(chunk => [`host:text${chunk}`, `host:reversed${chunk}`]).sort()
    )
    const [begins] = toBoxes(parseFilter('url starts "https://www."'))
    assert.deepEqual([...begins.keys()], ['url:text', 'url:text6'])
    const starts = (url: string) => holds(begins, toPoint(checkEvent({ url })))
    assert.ok(starts('https://www.x') && starts('https://www.') && !starts('https://ww') && !starts('https://wwx.'))
    const [ends] = toBoxes(parseFilter('host ends ".org"'))
    assert.ok(
      holds(ends, toPoint(checkEvent({ host: 'x.org' }))) && !holds(ends, toPoint(checkEvent({ host: 'x.orgs' })))
    )
    assert.ok(!holds(ends, toPoint(checkEvent({ host: 5 }))))
  })
})
