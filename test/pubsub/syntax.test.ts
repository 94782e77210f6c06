import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import peggy from 'peggy'
import { Filter, FilterError, type FilterJson, parseFilter } from '../../src/pubsub/index.ts'

function refusal(source: unknown): FilterError {
  try {
    parseFilter(source as string)
  } catch (err) {
    assert.ok(err instanceof FilterError, String(err))
    assert.ok(!/[\n\r]/.test(err.message), 'one line')
    assert.ok(err.message.length < 300, 'a short one')
    return err
  }

  assert.fail(`${JSON.stringify(source)} is no error`)
}

const TEXTS: [text: string, reason: string, message: string][] = [
  ['', 'malformed', 'column 1: expected "*" or an attribute, not the end'],
  ['price', 'malformed', 'column 6: expected "<", "<=", "=", ">", ">=", "ends", "in" or "starts", not the end'],
  ['price in [10, tw', 'malformed', 'column 15: expected a number, not "tw"'],
  ['price in [10 20]', 'malformed', 'column 14: expected ",", not "20"'],
  ['price in [10, 20', 'malformed', 'column 17: expected ")" or "]", not the end'],
  ['price in 10', 'malformed', 'column 10: expected "(", "[" or "{", not "10"'],
  ['price < "5"', 'malformed', 'column 9: expected a number, not the string "5"'],
  ['price < 1e999', 'malformed', 'column 9: expected a number, not "1e999"'],
  ['price = inf', 'malformed', 'column 9: expected a value, not "inf"'],
  ['price = NaN and price = 1', 'contradiction', 'column 17: types clash: a string and a number'],
  ['price = 05', 'malformed', 'column 9: expected a value, not "05"'],
  ['price = +5', 'malformed', 'column 9: expected a value, not "+5"'],
  ['price = .5', 'malformed', 'column 9: expected a value, not ".5"'],
  ['price = 5x', 'malformed', 'column 9: expected a value, not "5x"'],
  ['price == 5', 'malformed', 'column 8: expected a value, not "="'],
  ['a = 5 b = 6', 'malformed', 'column 7: expected "and" or the end, not "b"'],
  ['a = 5 AND b = 6', 'malformed', 'column 7: expected "and" or the end, not "AND"'],
  ['a = 5 and', 'malformed', 'column 10: expected an attribute, not the end'],
  ['a = 5andb = 6', 'malformed', 'column 5: expected a value, not "5andb"'],
  ['in = 5', 'malformed', 'column 1: expected "*" or an attribute, not "in"'],
  ['* and a = 5', 'malformed', 'column 3: expected the end, not "and"'],
  ['a = "x', 'malformed', 'column 5: expected a value, not a string that is not closed'],
  ['a = "\\q"', 'malformed', 'column 5: expected a value, not the string "\\q"'],
  ['a = "\n"', 'malformed', 'column 5: expected a value, not the string " "'],
  ['a starts 5', 'malformed', 'column 10: expected a string, not "5"'],
  ['a in {x y}', 'malformed', 'column 9: expected "," or "}", not "y"'],
  ['a in {x,}', 'malformed', 'column 9: expected a value, not "}"'],
  ['a = "\u{1f600}" or b', 'malformed', 'column 9: expected "and" or the end, not "or"'],
  ['\u{1f600} = 5', 'malformed', 'column 1: expected "*" or an attribute, not "\u{1f600}"'],
  [`a = ${'x'.repeat(30)}\u00e4`, 'malformed', 'column 35: expected "and" or the end, not "\u00e4"'],
  [`a = 5 ${'x'.repeat(30)}`, 'malformed', `column 7: expected "and" or the end, not "${'x'.repeat(20)}..."`],
  ['"a b" = 5', 'malformed', 'column 1: "a b" is no name of an attribute'],
  [`${'n'.repeat(65)} = 5`, 'malformed', `column 1: "${'n'.repeat(64)}" is no name of an attribute`],
  ['a = "\\ud800"', 'malformed', 'column 1: a string with half a surrogate pair'],
  ['a = "\ud800"', 'malformed', 'a text with half a surrogate pair'],
  ['a in [5, 3]', 'contradiction', 'column 1: no number is >= 5 and <= 3'],
  ['a in [5, 5)', 'contradiction', 'column 1: no number is >= 5 and < 5'],
  ['a > 5 and a < 5', 'contradiction', 'column 11: no number is > 5 and < 5'],
  ['a > 1 and a < 1.0000000000000002', 'contradiction', 'column 11: no number is > 1 and < 1.0000000000000002'],
  ['a >= inf', 'contradiction', 'column 1: no number is >= inf'],
  ['a > 1.7976931348623157e308', 'contradiction', 'column 1: no number is > 1.7976931348623157e+308'],
  ['a in {}', 'contradiction', 'column 1: no value is in an empty set'],
  ['a = 1 and a = 2', 'contradiction', 'column 11: no number meets this and what was asked before'],
  ['a = true and a = false', 'contradiction', 'column 14: no boolean meets this and what was asked before'],
  ['a in {1, x}', 'contradiction', 'column 1: types clash: a number and a string in one set'],
  ['a > 1 and a starts x', 'contradiction', 'column 11: types clash: a number and a string'],
  ['a in {bar, baz} and a starts foo', 'contradiction', 'column 21: no string meets this and what was asked before'],
  ['a starts foo and a starts fa', 'contradiction', 'column 18: no string starts in both ways'],
  ['a ends foo and a ends oh', 'contradiction', 'column 16: no string ends in both ways'],
  [
    `a starts "${'x'.repeat(600)}" and a ends "${'y'.repeat(425)}"`,
    'contradiction',
    'column 617: what starts and ends like this is longer than 1024 bytes'
  ]
]

const DOCUMENTS: [json: unknown, reason: string, message: string][] = [
  [null, 'malformed', 'expected a text or an object, not null'],
  [5, 'malformed', 'expected a text or an object, not 5'],
  [['a = 5'], 'malformed', 'expected a text or an object, not a list'],
  [new Date(0), 'malformed', 'expected a text or an object, not an object'],
  [{ a: null }, 'malformed', '"a": expected a value or an object, not null'],
  [{ a: [1] }, 'malformed', '"a": expected a value or an object, not a list'],
  [{ a: Number.NaN }, 'malformed', '"a": expected a value or an object, not NaN'],
  [{ a: -Infinity }, 'malformed', '"a": expected a value or an object, not -Infinity'],
  [{ a: 1n }, 'malformed', '"a": expected a value or an object, not a bigint'],
  [{ a: {} }, 'malformed', '"a": expected one of >, >=, <, <=, in, starts, ends'],
  [{ a: { '=': 5 } }, 'malformed', '"a": expected one of >, >=, <, <=, in, starts, ends, not "="'],
  [{ a: { '>': '5' } }, 'malformed', '"a": >: expected a finite number, "inf" or "-inf", not the string "5"'],
  [{ a: { '<=': Infinity } }, 'malformed', '"a": <=: expected a finite number, "inf" or "-inf", not Infinity'],
  [{ a: { in: 'x' } }, 'malformed', '"a": in: expected a list of values, not the string "x"'],
  [{ a: { in: [1, Number.NaN] } }, 'malformed', '"a": in: expected a list of values, not NaN'],
  [{ a: { in: [1, undefined] } }, 'malformed', '"a": in: expected a list of values, not undefined'],
  [{ a: { starts: 5 } }, 'malformed', '"a": starts: expected a string, not 5'],
  [{ a: '\udc00' }, 'malformed', '"a": a string with half a surrogate pair'],
  [{ 'a\nb': 5 }, 'malformed', '"a\\nb": "a\\nb" is no name of an attribute'],
  [{ a: { in: [] } }, 'contradiction', '"a": no value is in an empty set'],
  [{ a: { '>=': 5, '<': 5 } }, 'contradiction', '"a": no number is >= 5 and < 5'],
  [{ a: { '>': 'inf' } }, 'contradiction', '"a": no number is > inf'],
  [{ a: { in: ['b'], starts: 'a' } }, 'contradiction', '"a": no string meets this and what was asked before'],
  [{ a: { starts: 'x', '<': 5 } }, 'contradiction', '"a": types clash: a string and a number']
]

describe('a filter that is none', () => {
  for (const [text, reason, message] of TEXTS) {
    it(`${JSON.stringify(text.slice(0, 40))}: ${message}`, () => {
      const err = refusal(text)
      assert.equal(err.message, message)
      assert.equal(err.reason, reason)
      assert.equal(err.column, message.startsWith('column') ? Number(/\d+/.exec(message)?.[0]) : undefined)
    })
  }

  for (const [json, reason, message] of DOCUMENTS) {
    it(`in JSON form: ${message}`, () => {
      const err = refusal(json)
      assert.equal(err.message, message)
      assert.equal(err.reason, reason)
      assert.equal(err.column, undefined)
    })
  }

  it('is shown with a mark where it goes wrong', () => {
    assert.equal(
      refusal('price\nin [10, tw').pointer,
      ['price in [10, tw', `${' '.repeat(14)}^ expected a number, not "tw"`].join('\n')
    )
  })
})

describe('the limits of a filter', () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => `a${i} = 1`).join(' and ')
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

  it('let pass what just keeps to them', () => {
    parseFilter(names(16))
    parseFilter({ a: { in: numbers(256) } })
    parseFilter(`${'n'.repeat(64)} = 1`)
    parseFilter({ a: 'x'.repeat(1_024), b: '\u{1f600}'.repeat(256), c: 'é'.repeat(512) })
    parseFilter(`a = 1${' '.repeat(4_091)}`)
    parseFilter(`a starts "${'x'.repeat(600)}y" and a ends "y${'x'.repeat(423)}"`)
    assert.equal(String(parseFilter(`a = ${'x'.repeat(1_024)}`)).length, 1_028)
  })

  const beyond: [name: string, source: string | FilterJson, reason: string, message: string][] = [
    ['attributes', names(17), 'too-many', 'column 183: more than 16 attributes'],
    ['members of a set', { a: { in: numbers(257) } }, 'too-many', '"a": more than 256 members in a set'],
    ['bytes of a string', { a: `${'\u{1f600}'.repeat(256)}x` }, 'too-long', '"a": a string of more than 1024 bytes'],
    ['bytes of a prefix', { a: { starts: 'é'.repeat(513) } }, 'too-long', '"a": a string of more than 1024 bytes'],
    [
      'bytes of a member',
      { a: { in: ['x', '\uffee'.repeat(342)] } },
      'too-long',
      '"a": a string of more than 1024 bytes'
    ],
    ['characters', `a = 1${' '.repeat(4_092)}`, 'too-long', 'a text of more than 4096 characters'],
    [
      'characters when printed',
      { a: 'x'.repeat(1_024), b: 'x'.repeat(1_024), c: 'x'.repeat(1_024), d: 'x'.repeat(1_024) },
      'too-long',
      'a filter whose text is longer than 4096 characters'
    ]
  ]

  for (const [name, source, reason, message] of beyond) {
    it(`hold for ${name}`, () => {
      const err = refusal(source)
      assert.equal(err.message, message)
      assert.equal(err.reason, reason)
    })
  }
})

describe('the parser', function () {
  this.timeout(20_000)

  const words = [
    'and',
    'in',
    'starts',
    'ends',
    '=',
    '<',
    '<=',
    '{',
    '}',
    '[',
    ')',
    ',',
    '5',
    '-inf',
    'x',
    '"y"',
    '"',
    '*',
    '\\',
    '\n',
    '\ud800',
    'true',
    '1e400'
  ]
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(unit => String.fromCharCode(unit)), maxLength: 60 }),
    fc.array(fc.constantFrom(...words), { maxLength: 40 }).map(all => all.join(' ')),
    fc.array(fc.constantFrom(...words), { maxLength: 40 }).map(all => all.join(''))
  )

  /** Nothing but a filter or the error of one. */
  function read(source: unknown): void {
    try {
      assert.ok(parseFilter(source as string) instanceof Filter)
    } catch (err) {
      assert.ok(err instanceof FilterError, String(err))
      assert.ok(err.message.length < 500)
    }
  }

  it('is what the grammar says', () => {
    const read = (name: string) => readFileSync(resolve(import.meta.dirname, '../../../src/pubsub', name), 'utf8')
    const generated = peggy.generate(read('grammar.peggy'), { output: 'source', format: 'es' })
    assert.equal(read('grammar.ts'), generated, 'npm run generate has not been run')
  })

  it('reads any text or refuses it', () => {
    fc.assert(fc.property(anyText, read), { numRuns: 5_000 })
  })

  it('reads any value or refuses it', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }), read),
      { numRuns: 200 }
    )
    const operators = fc.constantFrom('>', '>=', '<', '<=', 'in', 'starts', 'ends', 'x', '__proto__')
    const operands = fc.oneof(
      fc.double(),
      fc.string({ unit: 'binary' }),
      fc.boolean(),
      fc.constantFrom('inf', '-inf'),
      fc.array(fc.anything())
    )
    const asked = fc.oneof(operands, fc.dictionary(operators, operands))
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('a', 'b', '__proto__', ''), asked), read), { numRuns: 500 })
  })

  it('takes steps in proportion to the text, whatever stands there', () => {
    // were it to try again and again, these would not end
    for (const part of [
      '(',
      '[',
      '{',
      '"',
      '\\"',
      'a=1 and ',
      'a in {',
      'a in {a,',
      '-',
      '1e',
      '"\\u00',
      ' ',
      'inf',
      'a in [1,2] and ',
      '*'
    ]) {
      read(part.repeat(4_096).slice(0, 4_096))
      read(`a = ${part.repeat(4_092).slice(0, 4_092)}`)
      read(`a in {${part.repeat(4_090).slice(0, 4_090)}`)
    }
  })
})
