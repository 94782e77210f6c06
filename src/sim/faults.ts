import { ParameterError } from '../gossip/parameters.ts'

/** So many nodes, as a share (of the living that crash, of those at the start that join), once a round is over. */
export interface AtRound {
  share: number
  round: number
}

/** A cut: from the end of one round to the end of another, the network falls into so many parts of equal size. */
export interface Partition {
  from: number
  to: number
  parts: number
}

/** A share of the nodes is so many times slower than the others: its rounds, and by events its messages too. */
export interface Slow {
  share: number
  factor: number
}

/** What goes wrong in a run. Any of it may be combined with any other. */
export interface Faults {
  /** Share of messages that get lost, each on its own: a request as well as an answer. From 0 to 1. */
  loss: number
  /** Shares of the living, chosen at random, that crash at once and for good. */
  crash: AtRound[]
  /** Share of the living that is replaced by newcomers in each round. From 0 to 1. */
  churn: number
  partition: Partition[]
  /** Bursts of newcomers, as shares of the nodes at the start; more than 1 is possible. */
  join: AtRound[]
  slow?: Slow
}

export const NO_FAULTS: Faults = { loss: 0, crash: [], churn: 0, partition: [], join: [] }

/** Most parts that a partition may have. */
const MAX_PARTS = 100

/** Largest shares: of the living to crash; of those at the start to join; of a space to become a hole. */
const MAX_SHARE = { crash: 1, join: 100, hole: 1 }

/** How much slower a slow node may be. */
const MAX_SLOWNESS = 1_000

const NUMBER = '\\d+(?:\\.\\d+)?(?:e-?\\d+)?'

/** Reads a share from 0 to 1. */
export function parseShare(text: string): number {
  const value = new RegExp(`^${NUMBER}$`, 'i').test(text) ? Number(text) : Number.NaN

  if (!(value >= 0 && value <= 1)) {
    throw new Error(`"${text}" is not a share from 0 to 1 (example: 0.05)`)
  }

  return value
}

function isAtRound({ share, round }: AtRound, max: number): boolean {
  return share > 0 && share <= max && Number.isInteger(round) && round >= 0
}

function isPartition({ from, to, parts }: Partition): boolean {
  return [from, to, parts].every(Number.isInteger) && from >= 0 && from < to && parts >= 2 && parts <= MAX_PARTS
}

function isSlow({ share, factor }: Slow): boolean {
  return share >= 0 && share <= 1 && Number.isInteger(factor) && factor >= 1 && factor <= MAX_SLOWNESS
}

/** Reads `0.5@20`: half of the living crash once round 20 is over. */
export function parseCrash(text: string): AtRound {
  return atRound(text, MAX_SHARE.crash, 'a share of the nodes and a round (example: 0.5@20)')
}

/** Reads `1@20`: as many newcomers as there were nodes at the start come once round 20 is over. */
export function parseJoin(text: string): AtRound {
  return atRound(text, MAX_SHARE.join, `a share of the nodes, up to ${MAX_SHARE.join}, and a round (example: 0.5@20)`)
}

/** Reads `0.25@20`: all nodes in a quarter of a space die once round 20 is over. */
export function parseHole(text: string): AtRound {
  return atRound(text, MAX_SHARE.hole, 'a share of the space and a round (example: 0.25@20)')
}

function atRound(text: string, max: number, form: string): AtRound {
  const [, share, round] = new RegExp(`^(${NUMBER})@(\\d{1,9})$`, 'i').exec(text) ?? []
  const value = { share: Number(share), round: Number(round) }

  if (!isAtRound(value, max)) {
    throw new Error(`"${text}" is not ${form}`)
  }

  return value
}

/** Reads `10..40`: two halves from the end of round 10 to the end of round 40; `10..40/3`: three parts. */
export function parsePartition(text: string): Partition {
  const [, from, to, parts = '2'] = /^(\d{1,9})\.\.(\d{1,9})(?:\/(\d{1,9}))?$/.exec(text) ?? []
  const value = { from: Number(from), to: Number(to), parts: Number(parts) }

  if (!isPartition(value)) {
    throw new Error(
      `"${text}" is not a span of rounds (examples: 10..40, 10..40/3 for three parts, up to ${MAX_PARTS})`
    )
  }

  return value
}

/** Reads `0.1x5`: a tenth of the nodes is five times slower. */
export function parseSlow(text: string): Slow {
  const [, share, factor] = new RegExp(`^(${NUMBER})x(\\d+)$`, 'i').exec(text) ?? []
  const value = { share: Number(share), factor: Number(factor) }

  if (!isSlow(value)) {
    throw new Error(
      `"${text}" is not a share of the nodes and how many times slower they are, 1 to ${MAX_SLOWNESS} (example: 0.1x5)`
    )
  }

  return value
}

/** The faults in the words in which they are asked for. */
export function describeFaults({ loss, crash, churn, partition, join, slow }: Faults): Record<string, unknown> {
  const atRound = ({ share, round }: AtRound) => `${share}@${round}`

  return {
    loss,
    crash: crash.map(atRound),
    churn,
    partition: partition.map(({ from, to, parts }) => `${from}..${to}${parts === 2 ? '' : `/${parts}`}`),
    join: join.map(atRound),
    ...(slow == null ? {} : { slow: `${slow.share}x${slow.factor}` })
  }
}

/**
 * Makes sure that every fault is possible and comes while the run lasts, and that no two partitions overlap.
 *
 * @throws ParameterError naming the option
 */
export function checkFaults(faults: Faults, rounds: number): void {
  for (const name of ['crash', 'join'] as const) {
    checkAtRounds(name, faults[name], rounds)
  }

  for (const each of faults.partition) {
    if (!isPartition(each)) {
      throw impossible('partition', each, `from one round to a later one, in 2 to ${MAX_PARTS} parts`)
    }
  }

  if (faults.slow != null && !isSlow(faults.slow)) {
    throw impossible('slow', faults.slow, `a share from 0 to 1 and a whole factor from 1 to ${MAX_SLOWNESS}`)
  }

  const partitions = [...faults.partition].sort((a, b) => a.from - b.from)

  for (const [i, { from, to }] of partitions.entries()) {
    if (from >= rounds) {
      throw new ParameterError(
        'partition',
        `round ${from} is not one from 0 to ${rounds - 1}: some of the ${rounds} rounds must follow`
      )
    }

    if (i > 0 && partitions[i - 1].to > from) {
      throw new ParameterError(
        'partition',
        `${partitions[i - 1].from}..${partitions[i - 1].to} and ${from}..${to} overlap`
      )
    }
  }
}

/**
 * Makes sure that each of them is possible and comes while the run lasts.
 *
 * @throws ParameterError naming the option
 */
export function checkAtRounds(name: keyof typeof MAX_SHARE, all: AtRound[], rounds: number): void {
  for (const each of all) {
    const { round } = each

    if (!isAtRound(each, MAX_SHARE[name])) {
      throw impossible(name, each, `a share above 0, up to ${MAX_SHARE[name]}, and a round from 0 on`)
    }

    if (round >= rounds) {
      throw new ParameterError(
        name,
        `round ${round} is not one from 0 to ${rounds - 1}: some of the ${rounds} rounds must follow`
      )
    }
  }
}

function impossible(parameter: string, value: object, form: string): ParameterError {
  return new ParameterError(parameter, `${JSON.stringify(value)} is not ${form}`)
}
