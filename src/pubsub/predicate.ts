import { affixes, type Condition, intersect, oneOf, range } from './condition.ts'
import { MAX_FILTER_ATTRIBUTES, MAX_NAME_LENGTH, MAX_SET_SIZE, MAX_STRING_BYTES } from './constants.ts'
import { isName, isTooLong, type Value } from './event.ts'
import { ConditionError } from './filter-error.ts'

/** What is asked of an attribute, as it was written in either form: values are of the right type, and not checked further. */
export type Asked =
  | { operator: '='; value: Value }
  | { operator: '<' | '<=' | '>' | '>='; value: number }
  | { operator: 'range'; low: number; lowOpen: boolean; high: number; highOpen: boolean }
  | { operator: 'in'; values: readonly Value[] }
  | { operator: 'starts' | 'ends'; value: string }

/** Conditions by attribute: what one filter asks so far. */
export type Conditions = Map<string, Condition>

/**
 * Asks one thing more.
 *
 * @throws ConditionError when it is beyond a limit, or nothing can match any longer
 */
export function demand(conditions: Conditions, attribute: string, asked: Asked): void {
  if (!isName(attribute)) {
    const shown = JSON.stringify(attribute.slice(0, MAX_NAME_LENGTH))
    throw new ConditionError('malformed', `${shown} is no name of an attribute`)
  }

  const condition = toCondition(asked)
  const before = conditions.get(attribute)

  if (before === undefined && conditions.size === MAX_FILTER_ATTRIBUTES) {
    throw new ConditionError('too-many', `more than ${MAX_FILTER_ATTRIBUTES} attributes`)
  }

  conditions.set(attribute, before === undefined ? condition : intersect(before, condition))
}

function toCondition(asked: Asked): Condition {
  switch (asked.operator) {
    case '=':
      return oneOf([checked(asked.value)])
    case '<':
    case '<=':
      return range(-Infinity, true, asked.value, asked.operator === '<')
    case '>':
    case '>=':
      return range(asked.value, asked.operator === '>', Infinity, true)
    case 'range':
      return range(asked.low, asked.lowOpen, asked.high, asked.highOpen)
    case 'in':
      if (asked.values.length > MAX_SET_SIZE) {
        throw new ConditionError('too-many', `more than ${MAX_SET_SIZE} members in a set`)
      }

      return oneOf(asked.values.map(checked))
    case 'starts':
      return affixes(checked(asked.value), '')
    case 'ends':
      return affixes('', checked(asked.value))
  }
}

/** What no event can have, no filter may ask for. */
function checked<V extends Value>(value: V): V {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) {
      throw new ConditionError('malformed', 'a string with half a surrogate pair')
    }

    if (isTooLong(value)) {
      throw new ConditionError('too-long', `a string of more than ${MAX_STRING_BYTES} bytes`)
    }
  }

  return value
}
