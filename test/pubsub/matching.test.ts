import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Random } from '../../src/gossip/random.ts'
import { checkEvent, type Filter, FilterError, type FilterJson, parseFilter } from '../../src/pubsub/index.ts'
import { drawEvent, drawFilter } from './drawn.ts'
import { plainMatch } from './plain-match.ts'

/** The filter, or nothing for one that contradicts itself. */
function parsed(source: string | FilterJson): Filter | undefined {
  try {
    return parseFilter(source)
  } catch (err) {
    assert.ok(err instanceof FilterError && err.reason === 'contradiction', String(err))
    return undefined
  }
}

/** The JSON form in words, predicate by predicate, strings always quoted and names too. */
function inWords(json: FilterJson): string {
  const predicates = Object.entries(json).flatMap(([name, asked]) => {
    const quoted = JSON.stringify(name)

    if (typeof asked !== 'object') {
      return [`${quoted} = ${JSON.stringify(asked)}`]
    }

    return Object.entries(asked).map(([operator, operand]) => {
      const text = operand === 'inf' || operand === '-inf' ? operand : JSON.stringify(operand)
      const isEnd = operator.startsWith('<') || operator.startsWith('>')
      return `${quoted} ${operator} ${Array.isArray(operand) ? `{${text.slice(1, -1)}}` : isEnd ? text : JSON.stringify(operand)}`
    })
  })
  return predicates.length === 0 ? '*' : predicates.join(' and ')
}

describe('a filter', function () {
  this.timeout(30_000)

  it('matches what a slow obvious matcher does, on a million random pairs', () => {
    const random = new Random(7)
    const events = Array.from({ length: 500 }, () => drawEvent(random))
    const checked = events.map(checkEvent)
    let pairs = 0
    let matches = 0

    while (pairs < 1_000_000) {
      const json = drawFilter(random)
      const filter = parsed(json)

      for (let i = 0; i < events.length; i++) {
        const expected = plainMatch(json, events[i])
        matches += expected ? 1 : 0
        pairs++

        if ((filter?.matches(checked[i]) ?? false) !== expected) {
          assert.fail(`${JSON.stringify(json)} and ${JSON.stringify(events[i])}: not ${expected}`)
        }
      }
    }

    assert.ok(matches > 10_000, `only ${matches} pairs match`)
  })

  it('means the same in text form and in JSON form, and either is stable', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), seed => {
        const json = drawFilter(new Random(seed))
        const filter = parsed(json)
        const text = inWords(json)
        assert.equal(String(parsed(text)), String(filter), text)

        if (filter !== undefined) {
          const again = parseFilter(String(filter))
          assert.equal(String(again), String(filter))
          assert.deepEqual(again.toJSON(), filter.toJSON())
          const fromJson = parseFilter(JSON.parse(JSON.stringify(filter)))
          assert.equal(String(fromJson), String(filter))
          assert.deepEqual(fromJson.toJSON(), filter.toJSON())
        }
      }),
      { numRuns: 3_000 }
    )
  })

  it('keeps any string and any number that it is given', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }).filter(text => text.isWellFormed()),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (text, number) => {
          const json = { a: text, b: { starts: text }, c: { ends: text }, d: number, e: { '>=': number } }
          const again = parseFilter(String(parseFilter(json)))
          const event = { a: text, b: `${text}!`, c: `!${text}`, d: number, e: number }
          assert.ok(again.matches(checkEvent(event)))
          assert.ok(!again.matches(checkEvent({ ...event, a: `${text}!` })))
          assert.ok(!again.matches(checkEvent({ ...event, d: number === 0 ? 1 : -number })))
        }
      )
    )
  })

  it('has one text for all ways of saying the same', () => {
    const same = [
      [
        'a in (5, 20]',
        'a > 5 and a <= 20',
        ' a<=20\nand\ta>5 ',
        'a in [0, 20] and a > 5 and a < 21',
        '"a" in (5, 2e1]'
      ],
      [
        'a = x',
        'a in {x}',
        'a in {x, "x"}',
        'a in {w, x} and a in {x, y}',
        'a starts x and a in {x, y}',
        'a = "\\u0078"'
      ],
      ['a = 0', 'a = -0', 'a in [0, 0]', 'a >= -0 and a <= 0'],
      ['a in {1, 2, 10}', 'a in {10, 2, 1, 2}', 'a in {0, 1, 2, 10} and a > 0'],
      ['a in {"\uffee", "\u{1f600}"}', 'a in {"\\ud83d\\ude00", "\\uffee"}'],
      ['a in {false, true}', 'a in {true, false}'],
      ['a in (-inf, inf)', 'a < inf', 'a >= -inf', 'a in [-inf, inf]'],
      [
        'a starts "ab" and a ends "ba"',
        'a ends ba and a starts ab',
        'a starts a and a ends "ba" and a starts ab and a ends a'
      ],
      ['a starts ""', 'a ends ""'],
      ['a = 1 and b = 2', 'b = 2 and a = 1'],
      ['*', ' * ']
    ]

    for (const texts of same) {
      for (const text of texts) {
        assert.equal(String(parseFilter(text)), texts[0], text)
      }
    }
  })

  it('is printed as it is in the documentation', () => {
    const filter = parseFilter(
      'price in [10, 20) and symbol in {AAPL, MSFT} and url starts "https" and host ends ".org" and urgent = true'
    )
    assert.equal(
      String(filter),
      'host ends ".org" and price in [10, 20) and symbol in {AAPL, MSFT} and urgent = true and url starts "https"'
    )
    assert.deepEqual(filter.toJSON(), {
      price: { '>=': 10, '<': 20 },
      symbol: { in: ['AAPL', 'MSFT'] },
      url: { starts: 'https' },
      host: { ends: '.org' },
      urgent: true
    })
  })

  it('quotes what would be read otherwise', () => {
    for (const text of ['and', 'in', 'starts', 'ends', 'true', 'false', 'inf', '', '1', '-', 'a b', '"', '*']) {
      assert.equal(String(parseFilter({ a: text })), `a = ${JSON.stringify(text)}`)
    }

    assert.equal(String(parseFilter({ in: 1, and: 2 })), '"and" = 2 and "in" = 1')
    assert.equal(
      String(parseFilter('a = android and inner = 1 and truely = x.y-z')),
      'a = android and inner = 1 and truely = x.y-z'
    )
  })

  it('needs no attribute that it does not name, and each that it names', () => {
    const filter = parseFilter('a > 1 and constructor = x')
    assert.ok(filter.matches(checkEvent({ a: 2, constructor: 'x', b: 'y' })))
    assert.ok(!filter.matches(checkEvent({ a: 2 })))
    assert.ok(!filter.matches(checkEvent({ constructor: 'x' })))
    assert.ok(!filter.matches(checkEvent({ a: '2', constructor: 'x' })), 'a value of another type')
    assert.ok(
      !filter.matches(
        new Map<string, number | string>([
          ['a', Number.NaN],
          ['constructor', 'x']
        ])
      )
    )
    assert.ok(parseFilter('*').matches(checkEvent({})))
  })
})
