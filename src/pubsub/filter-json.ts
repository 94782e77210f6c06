import type { Condition } from './condition.ts'
import { isPlainObject, type Value } from './event.ts'
import { ConditionError, FilterError } from './filter-error.ts'
import { type Asked, type Conditions, demand } from './predicate.ts'

/** An end of a range: a finite number, or none in that direction. */
export type EndJson = number | 'inf' | '-inf'

/** What is asked of one attribute, all of it together; at least one thing. */
export interface PredicatesJson {
  '>'?: EndJson
  '>='?: EndJson
  '<'?: EndJson
  '<='?: EndJson
  /** Values of one type. */
  in?: readonly Value[]
  starts?: string
  ends?: string
}

/** A filter in JSON form: a value that an attribute must equal, or predicates. `{}` matches every event. */
export type FilterJson = { readonly [attribute: string]: Value | PredicatesJson }

const OPERATORS = ['>', '>=', '<', '<=', 'in', 'starts', 'ends']

/**
 * Reads the JSON form.
 *
 * @throws FilterError that names the attribute
 */
export function readJson(json: unknown): Conditions {
  if (!isPlainObject(json)) {
    throw new FilterError('malformed', `expected a text or an object, not ${describe(json)}`)
  }

  const conditions: Conditions = new Map()

  for (const [attribute, asked] of Object.entries(json)) {
    try {
      for (const predicate of predicates(asked)) {
        demand(conditions, attribute, predicate)
      }
    } catch (err) {
      throw err instanceof ConditionError ? new FilterError(err.reason, `${shorten(attribute)}: ${err.message}`) : err
    }
  }

  return conditions
}

function predicates(asked: unknown): Asked[] {
  if (isValue(asked)) {
    return [{ operator: '=', value: asked }]
  }

  if (!isPlainObject(asked)) {
    throw new ConditionError('malformed', `expected a value or an object, not ${describe(asked)}`)
  }

  const entries = Object.entries(asked)

  if (entries.length === 0) {
    throw new ConditionError('malformed', `expected one of ${OPERATORS.join(', ')}`)
  }

  return entries.map(([operator, operand]) => predicate(operator, operand))
}

function predicate(operator: string, operand: unknown): Asked {
  switch (operator) {
    case '>':
    case '>=':
    case '<':
    case '<=':
      return { operator, value: end(operator, operand) }
    case 'in':
      if (!Array.isArray(operand) || !operand.every(isValue)) {
        const odd = Array.isArray(operand) ? operand.find(member => !isValue(member)) : operand
        throw new ConditionError('malformed', `${operator}: expected a list of values, not ${describe(odd)}`)
      }

      return { operator, values: operand }
    case 'starts':
    case 'ends':
      if (typeof operand !== 'string') {
        throw new ConditionError('malformed', `${operator}: expected a string, not ${describe(operand)}`)
      }

      return { operator, value: operand }
    default:
      throw new ConditionError('malformed', `expected one of ${OPERATORS.join(', ')}, not ${shorten(operator)}`)
  }
}

function end(operator: string, operand: unknown): number {
  if (operand === 'inf' || operand === '-inf') {
    return operand === 'inf' ? Infinity : -Infinity
  }

  if (typeof operand !== 'number' || !Number.isFinite(operand)) {
    throw new ConditionError(
      'malformed',
      `${operator}: expected a finite number, "inf" or "-inf", not ${describe(operand)}`
    )
  }

  return operand
}

function isValue(value: unknown): value is Value {
  return typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' || typeof value === 'boolean'
}

/** Short and on one line, whatever it is. */
function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the string ${shorten(value)}`
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value)
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object'
    default:
      return `a ${typeof value}`
  }
}

function shorten(text: string): string {
  const characters = [...text.slice(0, 128)]
  return JSON.stringify(characters.length <= 64 ? text : `${characters.slice(0, 64).join('')}...`)
}

/** The canonical JSON form: attributes in the order of their names. */
export function writeJson(conditions: ReadonlyMap<string, Condition>): FilterJson {
  return Object.fromEntries([...conditions].map(([name, condition]) => [name, write(condition)]))
}

function write(condition: Condition): Value | PredicatesJson {
  switch (condition.kind) {
    case 'one-of':
      return condition.values.length === 1 ? condition.values[0] : { in: [...condition.values] }
    case 'range': {
      const { low, lowOpen, high, highOpen } = condition

      if (low === -Infinity && high === Infinity) {
        return { '>': '-inf' }
      }

      return {
        ...(low === -Infinity ? {} : { [lowOpen ? '>' : '>=']: low }),
        ...(high === Infinity ? {} : { [highOpen ? '<' : '<=']: high })
      }
    }
    case 'affixes': {
      const { starts, ends } = condition
      return { ...(starts === '' && ends !== '' ? {} : { starts }), ...(ends === '' ? {} : { ends }) }
    }
  }
}
