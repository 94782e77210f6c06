import { wholeNumber } from '../gossip/parameters.ts'
import { Random } from '../gossip/random.ts'
import type { Experiment, ExperimentResult, Extent, MeasuredRound } from './experiment.ts'
import { InvariantError } from './invariants.ts'
import { MAX_ROUNDS } from './parameters.ts'
import { type Progress, Stopwatch } from './progress.ts'

/** How an experiment is run. */
export interface SimulationInit {
  /** The source of all randomness: a whole number from 0 to 2^53 - 1. Default: 1. */
  seed?: number
  /** Rounds between two measurements; the last round is always measured. Default: the experiment's, mostly 1. */
  measureEvery?: number
  /** Ends the run early; the result is then of what was done until then. */
  signal?: AbortSignal
  onProgress?(progress: Progress): void
}

/**
 * Runs an experiment once. The same options and seed give the same result to the last digit, `performance` apart.
 *
 * @throws ParameterError naming the first option that is impossible
 * @throws InvariantError when something was true that can never be, and after which round
 */
export async function simulate<O extends object, P extends Extent, M>(
  experiment: Experiment<O, P, M>,
  options: O,
  { seed = 1, signal, onProgress, ...init }: SimulationInit = {}
): Promise<ExperimentResult<M>> {
  const parameters = experiment.parameters(options)
  const measureEvery = wholeNumber(
    'measureEvery',
    init.measureEvery ?? experiment.measureEvery?.(parameters) ?? 1,
    1,
    MAX_ROUNDS
  )
  const watch = new Stopwatch()
  const run = experiment.start(parameters, new Random(seed))
  const measured: Array<MeasuredRound<M>> = []
  let round = 0

  if (experiment.measuresStart) {
    measured.push({ round, ...watch.measure(run) })
  }

  while (round < parameters.rounds && signal?.aborted !== true) {
    watch.advance(run)
    round++
    checked(run, round, seed)

    if (round % measureEvery === 0 || round === parameters.rounds) {
      measured.push({ round, ...watch.measure(run) })
    }

    onProgress?.({ round, rounds: parameters.rounds, run: 1, runs: 1, exchangesPerSecond: watch.exchangesPerSecond })
    await watch.breathe()
  }

  if (measured.at(-1)?.round !== round) {
    measured.push({ round, ...watch.measure(run) })
  }

  const { atlas, chart } = run

  return {
    experiment: experiment.name,
    parameters: experiment.describe(parameters),
    seed,
    rounds: measured,
    final: measured[measured.length - 1],
    performance: watch.stop(Math.round(run.bytesPerNode)),
    ...(atlas == null ? {} : { atlas }),
    ...(chart == null ? {} : { chart }),
    ...(round < parameters.rounds ? { interrupted: true } : {})
  }
}

/** Says in which round of which run an invariant was broken. */
function checked(run: { check(): void }, round: number, seed: number): void {
  try {
    run.check()
  } catch (err) {
    throw err instanceof InvariantError ? new InvariantError(`after round ${round}, ${err.message}`, seed) : err
  }
}
