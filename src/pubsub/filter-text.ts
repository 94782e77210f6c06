import { type Condition, formatNumber } from './condition.ts'
import { MAX_FILTER_LENGTH } from './constants.ts'
import type { Value } from './event.ts'
import { ConditionError, FilterError } from './filter-error.ts'
import { parse, SyntaxError as UnexpectedText } from './grammar.ts'
import { type Asked, type Conditions, demand } from './predicate.ts'

/** Words that have a meaning of their own: as strings and as names they are quoted. */
const KEYWORDS = new Set(['and', 'in', 'starts', 'ends', 'true', 'false', 'inf'])
const BARE = /^[A-Za-z_][A-Za-z0-9_.-]*$/

/** Characters of what was found instead that are shown. */
const MAX_SHOWN = 20

type Predicate = Asked & { attribute: string; offset: number }

/** What the parser says was expected, of which the descriptions and literals matter here. */
interface Expectation {
  type: string
  description?: string
  text?: string
  /** Characters, one of which was expected. */
  parts?: string[]
}

/**
 * Reads the text form.
 *
 * @throws FilterError with the column
 */
export function readText(text: string): Conditions {
  if (text.length > MAX_FILTER_LENGTH) {
    throw new FilterError('too-long', `a text of more than ${MAX_FILTER_LENGTH} characters`)
  }

  if (!text.isWellFormed()) {
    throw new FilterError('malformed', 'a text with half a surrogate pair')
  }

  const conditions: Conditions = new Map()

  for (const { attribute, offset, ...asked } of predicates(text)) {
    try {
      demand(conditions, attribute, asked)
    } catch (err) {
      throw err instanceof ConditionError ? new FilterError(err.reason, err.message, { text, offset }) : err
    }
  }

  return conditions
}

function predicates(text: string): Predicate[] {
  try {
    return parse(text, {})
  } catch (err) {
    if (!(err instanceof UnexpectedText)) {
      throw err
    }

    const { expected, location } = err as unknown as {
      expected: Expectation[]
      location: { start: { offset: number } }
    }
    const { offset } = location.start
    throw new FilterError('malformed', `expected ${alternatives(expected)}, not ${found(text, offset)}`, {
      text,
      offset
    })
  }
}

function alternatives(expected: Expectation[]): string {
  const names = expected.flatMap(({ type, description, text, parts = [] }) => {
    switch (type) {
      case 'end':
        return ['the end']
      case 'literal':
        return [`"${text}"`]
      case 'class':
        return parts.map(part => `"${part}"`)
      default:
        return [String(description)]
    }
  })
  const sorted = [...new Set(names)].filter(name => name !== 'space').sort()
  return sorted.length === 1 ? sorted[0] : `${sorted.slice(0, -1).join(', ')} or ${sorted.at(-1)}`
}

/** The word, string or character that stands there. */
function found(text: string, offset: number): string {
  if (offset === text.length) {
    return 'the end'
  }

  const rest = text.slice(offset)

  if (rest.startsWith('"')) {
    const quoted = /^"(?:[^"\\]|\\.)*"/s.exec(rest)
    return quoted === null ? 'a string that is not closed' : `the string ${shorten(quoted[0])}`
  }

  const word = /^[A-Za-z0-9_.+-]+/.exec(rest)
  return word === null ? JSON.stringify(String.fromCodePoint(rest.codePointAt(0) as number)) : `"${shorten(word[0])}"`
}

function shorten(text: string): string {
  const characters = [...text.replace(/\p{Cc}/gu, ' ')]
  return characters.length <= MAX_SHOWN ? characters.join('') : `${characters.slice(0, MAX_SHOWN).join('')}...`
}

/** The canonical text: attributes in the order of their names, each once. */
export function writeText(conditions: ReadonlyMap<string, Condition>): string {
  return conditions.size === 0 ? '*' : [...conditions].map(([name, asked]) => write(word(name), asked)).join(' and ')
}

function write(name: string, condition: Condition): string {
  switch (condition.kind) {
    case 'one-of': {
      const values = condition.values.map(writeValue)
      return values.length === 1 ? `${name} = ${values[0]}` : `${name} in {${values.join(', ')}}`
    }
    case 'range': {
      const { low, lowOpen, high, highOpen } = condition

      if (low === -Infinity && high !== Infinity) {
        return `${name} ${highOpen ? '<' : '<='} ${formatNumber(high)}`
      }

      if (high === Infinity && low !== -Infinity) {
        return `${name} ${lowOpen ? '>' : '>='} ${formatNumber(low)}`
      }

      return `${name} in ${lowOpen ? '(' : '['}${formatNumber(low)}, ${formatNumber(high)}${highOpen ? ')' : ']'}`
    }
    case 'affixes': {
      const { starts, ends } = condition
      const start = `${name} starts ${JSON.stringify(starts)}`
      const end = `${name} ends ${JSON.stringify(ends)}`
      return ends === '' ? start : starts === '' ? end : `${start} and ${end}`
    }
  }
}

function writeValue(value: Value): string {
  return typeof value === 'string' ? word(value) : String(value)
}

function word(text: string): string {
  return BARE.test(text) && !KEYWORDS.has(text) ? text : JSON.stringify(text)
}
