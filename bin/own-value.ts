import { cpus, freemem, totalmem } from 'node:os'
import {
  AGGREGATE_FUNCTIONS,
  type AggregateOptions,
  aggregate,
  checkValue,
  type Range
} from '../src/aggregation/aggregate.ts'
import { decimal, oneOf } from './values.ts'

/** What a peer adds to an aggregate. */
export interface OwnValue extends AggregateOptions {
  value: number | (() => number)
}

/** What this machine knows of itself: shares from 0 to 1. */
const MEASURED: Readonly<Record<string, () => () => number>> = {
  cpu: () => busyShare(),
  memory: () => () => 1 - freemem() / totalmem()
}

const SHARE: Range = { from: 0, to: 1 }

const EXAMPLES = 'load=0.7, load=cpu, disk=12:sum, load=cpu:median, age=31:histogram(0..120)'

/**
 * A value and what is to be known of everybody's: `NAME=VALUE`, `NAME=VALUE:FUNCTION` or `NAME=VALUE:FUNCTION(FROM..TO)`. VALUE
 * is a number, `cpu` or `memory`; FUNCTION is `average` where nothing is said.
 */
export function ownValue(text: string): OwnValue {
  const [, spaced, value, word = 'average', from, to] =
    /^([^=]+)=([^:()]+)(?::([^:()]+)(?:\(([^.()]*(?:\.\d+)?)\.\.([^()]*)\))?)?$/.exec(text) ?? []
  const name = spaced?.trim() ?? ''

  // A line break or the like would spoil the tables and lines that name it.
  if (name === '' || /\p{Cc}/u.test(name)) {
    throw new Error(`${JSON.stringify(text)} is not a value (examples: ${EXAMPLES})`)
  }

  const kind = oneOf(FUNCTIONS)(word)
  const measure = Object.hasOwn(MEASURED, value) ? MEASURED[value]() : undefined
  const own =
    measure ?? numberIn(value, `"${value}" is neither a number nor one of ${Object.keys(MEASURED).join(', ')}`)
  const range = from == null || to == null ? (measure == null ? undefined : SHARE) : rangeIn(from, to)

  if (range == null && (kind === 'histogram' || kind === 'median')) {
    throw new Error(`"${text}" needs a range (example: ${name}=${value}:${kind}(0..100))`)
  }

  if (measure != null && range != null && (range.from > SHARE.from || range.to < SHARE.to)) {
    throw new Error(`"${text}": ${value} is a share from 0 to 1, which the range must hold`)
  }

  const options = { name, function: kind, range }
  const complete = aggregate(options)

  if (typeof own === 'number') {
    checkValue(complete, own)
  }

  return { ...options, value: own }
}

/** Of these a word says enough. */
const FUNCTIONS = AGGREGATE_FUNCTIONS.filter(name => name !== 'count' && name !== 'quantile')

function rangeIn(from: string, to: string): Range {
  const wrong = `"${from}..${to}" is not a range (example: 0..100)`
  const range = { from: numberIn(from, wrong), to: numberIn(to, wrong) }

  if (range.from >= range.to) {
    throw new Error(wrong)
  }

  return range
}

function numberIn(text: string, wrong: string): number {
  const value = decimal(text)

  if (!Number.isFinite(value)) {
    throw new Error(wrong)
  }

  return value
}

/** Which share of the processors' time was not idle since it was last asked, from 0 to 1. */
function busyShare(): () => number {
  let last = times()

  return () => {
    const now = times()
    const total = now.total - last.total
    const share = total > 0 ? 1 - (now.idle - last.idle) / total : 0
    last = now
    return Math.min(1, Math.max(0, share))
  }
}

function times(): { idle: number; total: number } {
  const all = cpus().map(({ times }) => times)
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  return { idle: sum(all.map(({ idle }) => idle)), total: sum(all.flatMap(one => Object.values(one))) }
}
