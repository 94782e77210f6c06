import { cpus, freemem, totalmem } from 'node:os'
import {
  AGGREGATE_FUNCTIONS,
  type AggregateOptions,
  aggregate,
  checkValue,
  type Range
} from '../src/aggregation/aggregate.ts'
import { oneOf } from './values.ts'

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
  const [, name, value, kind = 'average', from, to] =
    /^([^=]+)=([^:()]+)(?::([a-z]+)(?:\(([^.()]*(?:\.\d+)?)\.\.([^()]*)\))?)?$/.exec(text) ?? []

  if (name == null) {
    throw new Error(`"${text}" is not a value (examples: ${EXAMPLES})`)
  }

  const measure = Object.hasOwn(MEASURED, value) ? MEASURED[value]() : undefined
  const own =
    measure ?? numberIn(value, `"${value}" is neither a number nor one of ${Object.keys(MEASURED).join(', ')}`)
  const range = from == null || to == null ? (measure == null ? undefined : SHARE) : rangeIn(from, to)
  const options = { name, function: oneOf(FUNCTIONS)(kind), range }
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
  return { from: numberIn(from, wrong), to: numberIn(to, wrong) }
}

function numberIn(text: string, wrong: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)

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
