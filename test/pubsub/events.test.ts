import assert from 'node:assert/strict'
import { checkEvent, EventError } from '../../src/pubsub/index.ts'

function reason(candidate: unknown): string {
  try {
    checkEvent(candidate)
  } catch (err) {
    assert.ok(err instanceof EventError, String(err))
    assert.ok(!err.message.includes('\n') && err.message.length < 200)
    return err.reason
  }

  return 'none'
}

const attributes = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, i]))

describe('an event', () => {
  it('is what it was given, with 0 for -0', () => {
    const event = checkEvent({ price: 12.5, symbol: 'AAPL', urgent: false, zero: -0, text: '\u{1f600}', empty: '' })
    assert.deepEqual(
      [...event],
      [
        ['price', 12.5],
        ['symbol', 'AAPL'],
        ['urgent', false],
        ['zero', 0],
        ['text', '\u{1f600}'],
        ['empty', '']
      ]
    )
    assert.ok(Object.is(event.get('zero'), 0))
    assert.deepEqual(checkEvent(event), event, 'an event is one')
    assert.equal(checkEvent({}).size, 0)
    assert.equal(checkEvent(Object.create(null)).size, 0)
  })

  it('may have attributes of any name, also of those that objects have', () => {
    const event = checkEvent(JSON.parse('{ "__proto__": 1, "constructor": 2, "_": 3, "a.b-c_D9": 4 }'))
    assert.deepEqual([...event.keys()], ['__proto__', 'constructor', '_', 'a.b-c_D9'])
    assert.equal(checkEvent({}).get('constructor'), undefined)
  })

  const table: [what: string, candidate: unknown, reason: string][] = [
    ['32 attributes', attributes(32), 'none'],
    ['33 attributes', attributes(33), 'too-many-attributes'],
    ['a name of 64 characters', { ['n'.repeat(64)]: 1 }, 'none'],
    ['a name of 65 characters', { ['n'.repeat(65)]: 1 }, 'bad-name'],
    ['an empty name', { '': 1 }, 'bad-name'],
    ['a name that begins with a digit', { '1a': 1 }, 'bad-name'],
    ['a name with a space', { 'a b': 1 }, 'bad-name'],
    ['a name with a line break at its end', { 'a\n': 1 }, 'bad-name'],
    ['a name with an umlaut', { ä: 1 }, 'bad-name'],
    ['a name that is a number', new Map([[1, 1]]), 'bad-name'],
    ['not a number', { a: Number.NaN }, 'not-finite'],
    ['infinity', { a: Infinity }, 'not-finite'],
    ['minus infinity', { a: -Infinity }, 'not-finite'],
    ['1,024 bytes', { a: 'x'.repeat(1_024) }, 'none'],
    ['1,025 bytes', { a: 'x'.repeat(1_025) }, 'too-long'],
    ['512 characters of two bytes', { a: 'é'.repeat(512) }, 'none'],
    ['513 characters of two bytes', { a: 'é'.repeat(513) }, 'too-long'],
    ['341 characters of three bytes', { a: '\uffee'.repeat(341) }, 'none'],
    ['342 characters of three bytes', { a: '\uffee'.repeat(342) }, 'too-long'],
    ['256 characters of four bytes', { a: '\u{1f600}'.repeat(256) }, 'none'],
    ['257 characters of four bytes', { a: '\u{1f600}'.repeat(257) }, 'too-long'],
    ['the first half of a pair', { a: 'x\ud83d' }, 'malformed'],
    ['the second half of a pair', { a: '\ude00x' }, 'malformed'],
    ['null', { a: null }, 'malformed'],
    ['undefined', { a: undefined }, 'malformed'],
    ['a list as a value', { a: [1] }, 'malformed'],
    ['an object as a value', { a: {} }, 'malformed'],
    ['a big integer', { a: 1n }, 'malformed'],
    ['no object', 'a', 'malformed'],
    ['nothing', null, 'malformed'],
    ['a list', [1], 'malformed'],
    ['an object of a class', new Date(0), 'malformed'],
    ['a set', new Set(), 'malformed']
  ]

  for (const [what, candidate, expected] of table) {
    it(`${what}: ${expected}`, () => {
      assert.equal(reason(candidate), expected)
    })
  }
})
