import type { Random } from '../../src/gossip/random.ts'
import type { FilterJson, PredicatesJson, Value } from '../../src/pubsub/index.ts'

/** Attributes of drawn filters and events: few, so that they meet; and names that every object has. */
export const NAMES = ['price', 'size', 'symbol', 'host', 'urgent', '__proto__', 'constructor']

/** Numbers that lie at ends, next to them, and beyond all. */
const NUMBERS = [
  0,
  -0,
  1,
  2,
  3,
  2.5,
  1 + Number.EPSILON,
  5e-324,
  -5e-324,
  -1,
  1e21,
  Number.MAX_VALUE,
  -Number.MAX_VALUE
]

/** Strings that begin and end alike; some are longer than six bytes, and some lie beyond the first plane. */
const STRINGS = [
  '',
  'a',
  'ab',
  'aba',
  'abc',
  'abcdefg',
  'abcdefh',
  'gfedcba',
  'true',
  'é',
  '\u{1f600}',
  '\uffee',
  'a\u{1f600}',
  'a\0',
  'x y'
]

export function drawValue(random: Random): Value {
  switch (random.below(5)) {
    case 0:
    case 1:
      return NUMBERS[random.below(NUMBERS.length)]
    case 2:
    case 3:
      return STRINGS[random.below(STRINGS.length)]
    default:
      return random.below(2) === 0
  }
}

export function drawEvent(random: Random): Record<string, Value> {
  const names = NAMES.filter(() => random.below(3) > 0)
  return Object.fromEntries(names.map(name => [name, drawValue(random)]))
}

function drawPredicates(random: Random): PredicatesJson {
  const end = () => (random.below(8) === 0 ? '-inf' : NUMBERS[random.below(NUMBERS.length)])
  const text = () => STRINGS[random.below(STRINGS.length)]

  switch (random.below(6)) {
    case 0:
      return { '>=': end(), '<': NUMBERS[random.below(NUMBERS.length)] }
    case 1:
      return { [random.below(2) === 0 ? '>' : '>=']: end() }
    case 2:
      return {
        [random.below(2) === 0 ? '<' : '<=']: random.below(8) === 0 ? 'inf' : NUMBERS[random.below(NUMBERS.length)]
      }
    case 3:
      return { in: Array.from({ length: 1 + random.below(12) }, () => NUMBERS[random.below(NUMBERS.length)]) }
    case 4:
      return { in: Array.from({ length: 1 + random.below(12) }, text) }
    default:
      return { ...(random.below(3) > 0 ? { starts: text() } : {}), ends: text() }
  }
}

/** A filter, or what looks like one and contradicts itself. */
export function drawFilter(random: Random): FilterJson {
  const names = NAMES.filter(() => random.below(4) === 0)
  return Object.fromEntries(
    names.map(name => [name, random.below(3) === 0 ? drawValue(random) : drawPredicates(random)])
  )
}
