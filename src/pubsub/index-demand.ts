import { lead, type Mark, reversedLead } from './axes.ts'
import type { Condition } from './condition.ts'
import { utf8Length, type Value } from './event.ts'
import type { Filter } from './filter.ts'
import { nextDown, nextUp } from './ordering.ts'

/** Where booleans lie on their axis, and where it is cut: so that each has a code of its own with others on either side. */
export const TRUTH_CUTS = [-1, 0.4, 0.6, 2]
const BETWEEN = 0.5

/** What a filter demands of one axis: a number between two closed ends. */
export interface Demand {
  name: string
  mark: Mark
  low: number
  high: number
  /** Whether whatever is between them meets the condition. */
  exact: boolean
  /** The only values that meet it, if these are so few that they can be listed. */
  values?: readonly Value[]
}

/** One demand an attribute, or two for a string that is to begin and end in some way. */
export function demandsOf(filter: Filter): Demand[] {
  return [...filter.conditions].flatMap(([name, condition]) => {
    return conditionDemands(condition).map(demand => ({ name, ...demand }))
  })
}

function conditionDemands(condition: Condition): Omit<Demand, 'name'>[] {
  switch (condition.kind) {
    case 'range': {
      const { low, lowOpen, high, highOpen } = condition
      return [
        {
          mark: '',
          low: lowOpen && low !== -Infinity ? nextUp(low) : low,
          high: highOpen && high !== Infinity ? nextDown(high) : high,
          exact: true
        }
      ]
    }
    case 'affixes': {
      const { starts, ends } = condition
      const text = {
        mark: ':text' as const,
        low: lead(starts),
        high: lead(starts, 255),
        exact: isWhole(starts)
      }
      const reversed = {
        mark: ':reversed' as const,
        low: reversedLead(ends),
        high: reversedLead(ends, 255),
        exact: isWhole([...ends].reverse().join(''))
      }
      return ends === '' ? [text] : starts === '' ? [reversed] : [text, reversed]
    }
    case 'one-of':
      return [setDemand(condition.values)]
  }
}

function setDemand(values: readonly Value[]): Omit<Demand, 'name'> {
  const first = values[0]
  const last = values[values.length - 1]

  switch (typeof first) {
    case 'number':
      return { mark: '', low: first, high: last as number, exact: first === last, values }
    case 'string':
      return { mark: ':text', low: lead(first), high: lead(last as string), exact: false, values }
    case 'boolean':
      return {
        mark: ':truth',
        low: first ? BETWEEN : TRUTH_CUTS[0] - 1,
        high: last ? TRUTH_CUTS[3] : BETWEEN,
        exact: true
      }
  }
}

/** Whether a beginning is all in its number. A zero byte at its end cannot be told from none. */
function isWhole(starts: string): boolean {
  return utf8Length(starts) <= 6 && !starts.endsWith('\0')
}
