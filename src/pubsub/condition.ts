import { MAX_STRING_BYTES } from './constants.ts'
import { utf8Length, type Value } from './event.ts'
import { ConditionError } from './filter-error.ts'
import { compareText, nextDown, nextUp } from './ordering.ts'

/** One of these numbers (ascending), strings (by code points) or booleans (false first); never none, and none twice. */
export interface OneOf<V extends Value = Value> {
  kind: 'one-of'
  values: readonly V[]
}

/** A number between two ends, which may be infinite; there is at least one. */
export interface Range {
  kind: 'range'
  low: number
  high: number
  /** Whether the end itself is out. An infinite end is open. */
  lowOpen: boolean
  highOpen: boolean
}

/** A string that begins and ends like this; both may be empty. */
export interface Affixes {
  kind: 'affixes'
  starts: string
  ends: string
}

/** What a filter asks of one attribute, in its one canonical form. */
export type Condition = OneOf | Range | Affixes

export type ValueType = 'number' | 'string' | 'boolean'

/** The type that a value must have to meet a condition. */
export function typeOf(condition: Condition): ValueType {
  switch (condition.kind) {
    case 'one-of':
      return typeof condition.values[0] as ValueType
    case 'range':
      return 'number'
    case 'affixes':
      return 'string'
  }
}

/** @throws ConditionError for no values, or of more than one type */
export function oneOf(values: readonly Value[]): OneOf {
  if (values.length === 0) {
    throw new ConditionError('contradiction', 'no value is in an empty set')
  }

  const type = typeof values[0]
  const other = values.find(value => typeof value !== type)

  if (other !== undefined) {
    throw new ConditionError('contradiction', `types clash: a ${type} and a ${typeof other} in one set`)
  }

  return { kind: 'one-of', values: [...new Set(values.map(unsigned))].sort(compareValues) }
}

/** @throws ConditionError when no finite number is within */
export function range(low: number, lowOpen: boolean, high: number, highOpen: boolean): Range | OneOf {
  const least = Math.max(lowOpen ? nextUp(low) : low, -Number.MAX_VALUE)
  const greatest = Math.min(highOpen ? nextDown(high) : high, Number.MAX_VALUE)

  if (least > greatest) {
    throw new ConditionError('contradiction', `no number is ${describeRange(low, lowOpen, high, highOpen)}`)
  }

  if (least === greatest) {
    return oneOf([least])
  }

  return {
    kind: 'range',
    low: low + 0,
    high: high + 0,
    lowOpen: lowOpen || low === -Infinity,
    highOpen: highOpen || high === Infinity
  }
}

/** @throws ConditionError when no string that is short enough for a value begins and ends like this */
export function affixes(starts: string, ends: string): Affixes {
  if (utf8Length(shortest(starts, ends)) > MAX_STRING_BYTES) {
    throw new ConditionError('contradiction', `what starts and ends like this is longer than ${MAX_STRING_BYTES} bytes`)
  }

  return { kind: 'affixes', starts, ends }
}

/** The shortest string that begins with one and ends with the other: they may overlap. */
function shortest(starts: string, ends: string): string {
  for (let overlap = Math.min(starts.length, ends.length); overlap > 0; overlap--) {
    if (starts.endsWith(ends.slice(0, overlap))) {
      return starts + ends.slice(overlap)
    }
  }

  return starts + ends
}

/** @returns whether a value, of whatever type, meets the condition */
export function meets(condition: Condition, value: Value | undefined): boolean {
  switch (condition.kind) {
    case 'one-of':
      return value !== undefined && condition.values.includes(value)
    case 'range':
      return (
        typeof value === 'number' &&
        (condition.lowOpen ? value > condition.low : value >= condition.low) &&
        (condition.highOpen ? value < condition.high : value <= condition.high)
      )
    case 'affixes':
      return typeof value === 'string' && value.startsWith(condition.starts) && value.endsWith(condition.ends)
  }
}

/**
 * What meets both conditions.
 *
 * @throws ConditionError when nothing does
 */
export function intersect(a: Condition, b: Condition): Condition {
  if (typeOf(a) !== typeOf(b)) {
    throw new ConditionError('contradiction', `types clash: a ${typeOf(a)} and a ${typeOf(b)}`)
  }

  if (a.kind === 'one-of' || b.kind === 'one-of') {
    const [set, other] = a.kind === 'one-of' ? [a, b] : [b as OneOf, a]
    const values = set.values.filter(value => meets(other, value))

    if (values.length === 0) {
      throw new ConditionError('contradiction', `no ${typeOf(a)} meets this and what was asked before`)
    }

    return { kind: 'one-of', values }
  }

  return a.kind === 'range' ? intersectRanges(a, b as Range) : intersectAffixes(a, b as Affixes)
}

function intersectRanges(a: Range, b: Range): Range | OneOf {
  const low = Math.max(a.low, b.low)
  const high = Math.min(a.high, b.high)
  return range(
    low,
    (a.low === low && a.lowOpen) || (b.low === low && b.lowOpen),
    high,
    (a.high === high && a.highOpen) || (b.high === high && b.highOpen)
  )
}

function intersectAffixes(a: Affixes, b: Affixes): Affixes {
  const [start, longerStart] = a.starts.length < b.starts.length ? [a.starts, b.starts] : [b.starts, a.starts]
  const [end, longerEnd] = a.ends.length < b.ends.length ? [a.ends, b.ends] : [b.ends, a.ends]

  if (!longerStart.startsWith(start)) {
    throw new ConditionError('contradiction', 'no string starts in both ways')
  }

  if (!longerEnd.endsWith(end)) {
    throw new ConditionError('contradiction', 'no string ends in both ways')
  }

  return affixes(longerStart, longerEnd)
}

/** 0 for -0. */
function unsigned(value: Value): Value {
  return typeof value === 'number' ? value + 0 : value
}

function compareValues(a: Value, b: Value): number {
  return typeof a === 'string' ? compareText(a, b as string) : Number(a) - Number(b)
}

function describeRange(low: number, lowOpen: boolean, high: number, highOpen: boolean): string {
  const ends = [
    ...(low === -Infinity ? [] : [`${lowOpen ? '>' : '>='} ${formatNumber(low)}`]),
    ...(high === Infinity ? [] : [`${highOpen ? '<' : '<='} ${formatNumber(high)}`])
  ]
  return ends.join(' and ')
}

/** As JSON, and `inf` or `-inf`. */
export function formatNumber(value: number): string {
  return value === Infinity ? 'inf' : value === -Infinity ? '-inf' : String(value)
}
