import { type Condition, meets } from './condition.ts'
import { MAX_FILTER_LENGTH } from './constants.ts'
import type { Event, Value } from './event.ts'
import { FilterError } from './filter-error.ts'
import { type FilterJson, readJson, writeJson } from './filter-json.ts'
import { readText, writeText } from './filter-text.ts'

/** From so many members on, a set is looked up rather than searched. */
const LARGE_SET = 8

/** What an event must be like: a conjunction of conditions, one an attribute. Made by {@link parseFilter}, and never changed. */
export class Filter {
  /** By attribute, in the order of their names. */
  readonly conditions: ReadonlyMap<string, Condition>
  private readonly text: string
  private readonly names: readonly string[]
  private readonly tests: readonly (Condition | ReadonlySet<Value>)[]

  /** @throws FilterError when its text would be too long */
  constructor(conditions: ReadonlyMap<string, Condition>) {
    this.conditions = new Map([...conditions].sort(([a], [b]) => (a < b ? -1 : 1)))
    this.text = writeText(this.conditions)

    if (this.text.length > MAX_FILTER_LENGTH) {
      throw new FilterError('too-long', `a filter whose text is longer than ${MAX_FILTER_LENGTH} characters`)
    }

    this.names = [...this.conditions.keys()]
    this.tests = [...this.conditions.values()].map(condition =>
      condition.kind === 'one-of' && condition.values.length > LARGE_SET ? new Set(condition.values) : condition
    )
  }

  /** Whether each attribute that the filter names is there, of the type asked for, and as asked. */
  matches(event: Event): boolean {
    const { names, tests } = this

    for (let i = 0; i < names.length; i++) {
      const value = event.get(names[i])
      const test = tests[i]

      if (value === undefined || !('kind' in test ? meets(test, value) : test.has(value))) {
        return false
      }
    }

    return true
  }

  /** The canonical text: filters that were written differently and ask the same of each attribute have the same. */
  toString(): string {
    return this.text
  }

  /** The canonical JSON form. */
  toJSON(): FilterJson {
    return writeJson(this.conditions)
  }
}

/**
 * Reads a filter, in text form or in JSON form.
 *
 * @throws FilterError with what is wrong, and of a text the column
 */
export function parseFilter(source: string | FilterJson): Filter {
  return new Filter(typeof source === 'string' ? readText(source) : readJson(source))
}
