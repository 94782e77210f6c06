import { wholeNumber } from '../gossip/parameters.ts'
import type { Experiment, ExperimentResult, Extent } from './experiment.ts'
import { type SimulationInit, simulate } from './simulate.ts'

/**
 * Runs an experiment with the seeds `seed`, `seed + 1`, ...: the result has their means, and their spread.
 *
 * @param times - how many runs, from 1 on
 */
export async function repeat<O extends object, P extends Extent, M>(
  experiment: Experiment<O, P, M>,
  options: O,
  times: number,
  init: SimulationInit = {}
): Promise<ExperimentResult<M>> {
  wholeNumber('times', times, 1, Number.MAX_SAFE_INTEGER)
  const { seed = 1, signal, onProgress } = init
  const runs: Array<ExperimentResult<M>> = []

  for (let i = 0; i < times && (i === 0 || signal?.aborted !== true); i++) {
    runs.push(
      await simulate(experiment, options, {
        ...init,
        seed: seed + i,
        onProgress: progress => onProgress?.({ ...progress, run: i + 1, runs: times })
      })
    )
  }

  const result = summary(runs)
  return runs.length < times ? { ...result, interrupted: true } : result
}

/** What several runs have in common. A run that was ended early counts as far as it got with the others. */
export function summary<M>(runs: Array<ExperimentResult<M>>): ExperimentResult<M> {
  const [first] = runs
  const longest = runs.reduce((a, b) => (b.final.round > a.final.round ? b : a))
  // a run that was ended early was measured where it ended, and the others were not
  const groups = longest.rounds.map(({ round }, i) =>
    runs.flatMap(({ rounds }) => rounds.slice(i, i + 1).filter(one => one.round === round))
  )
  const means = groups.map(group => combined(group, mean))
  const spreads = groups.map(group => ({ ...combined(group, standardDeviation), round: group[0].round }))

  return {
    ...first,
    rounds: means,
    final: means[means.length - 1],
    performance: performanceOf(runs),
    ...(runs.some(({ interrupted }) => interrupted) ? { interrupted: true } : {}),
    repeated: { spread: { rounds: spreads, final: spreads[spreads.length - 1] }, runs }
  }
}

/** The time of all together, and of an exchange in the middle one of them. */
function performanceOf(runs: Array<Pick<ExperimentResult, 'performance'>>): ExperimentResult['performance'] {
  const all = runs.map(({ performance }) => performance)
  const costs = all.map(({ nanosecondsPerExchange }) => nanosecondsPerExchange).sort((a, b) => a - b)

  return {
    seconds: all.reduce((sum, { seconds }) => sum + seconds, 0),
    measuringSeconds: all.reduce((sum, { measuringSeconds }) => sum + measuringSeconds, 0),
    exchanges: all.reduce((sum, { exchanges }) => sum + exchanges, 0),
    nanosecondsPerExchange: costs[costs.length >> 1],
    peakMemoryBytes: Math.max(...all.map(({ peakMemoryBytes }) => peakMemoryBytes)),
    bytesPerNode: all[0].bytesPerNode
  }
}

/** Combines what has the same shape, number by number. Distributions may differ in length: what is missing is 0. */
function combined<T>(all: T[], combine: (values: number[]) => number): T {
  const [first] = all

  if (typeof first === 'number') {
    return combine(all as number[]) as T
  }

  if (Array.isArray(first)) {
    const lists = all as number[][]
    const length = Math.max(...lists.map(list => list.length))
    return Array.from({ length }, (_, i) => combine(lists.map(list => list[i] ?? 0))) as T
  }

  const names = Object.keys(first as object) as Array<keyof T>
  return Object.fromEntries(
    names.map(name => [
      name,
      combined(
        all.map(one => one[name]),
        combine
      )
    ])
  ) as T
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function standardDeviation(values: number[]): number {
  const centre = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1))
}
