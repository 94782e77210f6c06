import type { Aggregate, AggregateFunction, Aggregation, NetworkSize, Registration } from '../aggregation/index.ts'

/** What an aggregate came to, as JSON. Without a value there is no result yet. */
export interface AggregateDocument {
  name: string
  function: AggregateFunction
  status: Registration['status']
  /** Why this peer adds no value to the epoch under way. */
  error?: string
  value?: number | number[]
  /** What is left of the differences between peers; of a count, its standard error. */
  spread?: number
  epoch?: number
  rounds?: number
  ageSeconds?: number
  /** Of a histogram: the share of the peers whose value is in each bin. */
  bins?: Array<{ from: number; to: number; share: number }>
  /** Until the next result, about: an epoch ends that this peer is in with its value. */
  secondsLeft: number
}

/** The size of the network, as JSON. Without a value it is not known yet. */
export interface SizeDocument {
  value?: number
  standardError?: number
  epoch?: number
  rounds?: number
  ageSeconds?: number
  /** Until the epoch under way ends, about. */
  secondsLeft: number
}

/** @param period - milliseconds of a round */
export function aggregateDocument(
  { aggregate, status, error }: Registration,
  aggregation: Aggregation,
  period: number
): AggregateDocument {
  const { name, function: kind } = aggregate
  const found = aggregation.result(name)
  const { value, spread, epoch, rounds } = found ?? {}

  return {
    name,
    function: kind,
    status,
    ...(error == null ? {} : { error: error.message }),
    ...(found == null ? {} : { value, spread, epoch, rounds, ageSeconds: seconds(found.age) }),
    ...(Array.isArray(value) ? { bins: binsOf(aggregate, value) } : {}),
    secondsLeft: secondsLeft(aggregation, period, status === 'taking-part')
  }
}

/** @param period - milliseconds of a round */
export function sizeDocument(aggregation: Aggregation, period: number): SizeDocument {
  const size = aggregation.networkSize()
  return { ...(size == null ? {} : described(size)), secondsLeft: secondsLeft(aggregation, period) }
}

function described({ value, spread, epoch, rounds, age }: NetworkSize): Omit<SizeDocument, 'secondsLeft'> {
  return { value, standardError: spread, epoch, rounds, ageSeconds: seconds(age) }
}

function binsOf({ range }: Aggregate, shares: number[]): AggregateDocument['bins'] {
  const { from, to } = range ?? { from: 0, to: 1 }
  const width = (to - from) / shares.length
  return shares.map((share, i) => ({ from: from + i * width, to: from + (i + 1) * width, share }))
}

/**
 * Of a peer that waits for an epoch: until that would end, if it began now.
 *
 * @param takesPart - in the epoch under way, if there is one; otherwise in the next one
 */
function secondsLeft(aggregation: Aggregation, period: number, takesPart = true): number {
  const { epoch, round, epochRounds } = aggregation.statistics()
  const left = epoch == null ? 0 : Math.max(0, epochRounds - round)
  return seconds((epoch == null || !takesPart ? left + epochRounds : left) * period)
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10
}
