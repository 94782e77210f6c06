import { randomInt } from 'node:crypto'
import type { Experiment } from '../../src/sim/experiment.ts'
import { EXPERIMENTS } from '../../src/sim/experiments/index.ts'
import { combinations, type SweepPoint } from '../../src/sim/sweep.ts'
import { OPTIONS_OF, type OptionName } from '../options.ts'
import { optionOf, usageOf, valuesOf } from '../parameters.ts'
import { fromArguments, Settings } from '../settings.ts'
import { nearest, UsageError } from '../usage.ts'
import type { ExperimentFile, Sweep, SweptValue } from './experiment-file.ts'
import { EXPERIMENT, MAX_RUNS, RUNS, type RunOptions } from './readers.ts'

/** Seeds that are drawn are below this: short enough to be typed again. */
const DRAWN_SEEDS = 2 ** 32

/** One combination of swept values, or all there is when nothing is swept. */
export interface StudyPoint extends SweepPoint {
  /** What was said, with the values of this combination. */
  settings: Settings
  rounds: number
}

/** All that the command is to run, complete and checked. */
export interface Study {
  experiment: Experiment
  /** What was said of all points. */
  settings: Settings
  /** Of each swept option, its values as the file has them. Empty when nothing is swept. */
  sweep: Record<string, unknown[]>
  points: StudyPoint[]
  seed: number
  /** The seed was not given. */
  seedIsDrawn: boolean
  /** Runs at each point. */
  times: number
  measureEvery: number | undefined
}

/** Options that set nothing of an experiment. */
const OF_ALL_EXPERIMENTS: readonly OptionName[] = ['seed', 'repeat', 'measure-every', 'file', 'json', 'csv', 'plot']

/**
 * What is to be run, by the arguments and the file that they name.
 *
 * @throws UsageError naming the first thing that is wrong
 */
export async function studyOf(word: unknown, argv: Record<string, unknown>): Promise<Study> {
  const args = fromArguments(argv, OPTIONS_OF.sim, 'sim')
  const [path] = args.get('file')?.words ?? []
  const file = path == null ? undefined : (await import('./experiment-file.ts')).experimentFile(path)
  const experiment = word == null ? named(file) : experimentOf(word, 'sim')
  const settings = new Settings(file == null ? [args] : [args, file.layer])
  // an argument goes before a sweep, as before any value of the file
  const sweep = Object.entries(file?.sweep ?? {}).filter(([option]) => !args.has(option as OptionName))
  const swept = Object.fromEntries(sweep) as Sweep
  checkOptions(experiment, settings, swept)

  const runs: RunOptions = valuesOf(settings, RUNS)
  const { repeat: times = 1, seed = randomInt(DRAWN_SEEDS), measureEvery } = runs
  checkExtent(swept, times, `${file?.label}: sweep`)
  const points = combinations(swept as Record<string, SweptValue[]>).map(combination =>
    pointOf(experiment, settings, combination, times)
  )

  return {
    experiment,
    settings,
    sweep: Object.fromEntries(sweep.map(([option, values]) => [option, values.map(({ value }) => value)])),
    points,
    seed,
    seedIsDrawn: runs.seed == null && swept.seed == null,
    times,
    measureEvery
  }
}

function named(file: ExperimentFile | undefined): Experiment {
  const names = Object.keys(EXPERIMENTS).join(', ')

  if (file == null) {
    throw new UsageError(`sim: which experiment? There are: ${names}`)
  }

  if (file.experiment == null) {
    throw new UsageError(`${file.label}: it names no experiment (example: "experiment: sampling"; there are: ${names})`)
  }

  return experimentOf(file.experiment, `${file.label}: experiment`)
}

function experimentOf(word: unknown, label: string): Experiment {
  const name = typeof word === 'string' ? word : JSON.stringify(word)

  if (!Object.hasOwn(EXPERIMENTS, name)) {
    const guess = nearest(name, Object.keys(EXPERIMENTS))
    const hint = guess == null ? `there are: ${Object.keys(EXPERIMENTS).join(', ')}` : `did you mean ${guess}?`
    throw new UsageError(`${label}: "${name}" is no experiment (${hint})`)
  }

  return EXPERIMENTS[name]
}

/** Makes sure that the experiment has all options that were given. */
function checkOptions(experiment: Experiment, settings: Settings, sweep: Sweep): void {
  const own = experiment.options.map(optionOf)

  for (const option of OPTIONS_OF.sim) {
    if (settings.find(option) != null && ![...own, ...OF_ALL_EXPERIMENTS].includes(option)) {
      throw new UsageError(`${settings.label(option)}: not an option of sim ${experiment.name}`)
    }
  }

  for (const [option, [{ given }]] of Object.entries(sweep)) {
    if (![...own, 'seed'].includes(option)) {
      const why = OF_ALL_EXPERIMENTS.includes(option as OptionName)
        ? 'cannot be swept over'
        : `not an option of sim ${experiment.name}`
      throw new UsageError(`${given.label}: ${why}`)
    }
  }
}

function checkExtent(sweep: Sweep, times: number, label: string): void {
  const count = Object.values(sweep).reduce((product, values) => product * values.length, 1)

  if (count * times > MAX_RUNS) {
    const runs = times === 1 ? '' : `, each run ${times} times,`
    throw new UsageError(`${label}: ${count} combinations${runs} are more than ${MAX_RUNS} runs`)
  }
}

/** One combination, checked. */
function pointOf(
  experiment: Experiment,
  shared: Settings,
  combination: Record<string, SweptValue>,
  times: number
): StudyPoint {
  const swept = Object.entries(combination).map(([option, { given }]) => [option as OptionName, given] as const)
  const settings = shared.overruledBy(new Map(swept))
  const { seed } = valuesOf<RunOptions>(settings, RUNS)

  if (seed != null && seed > Number.MAX_SAFE_INTEGER - (times - 1)) {
    throw new UsageError(`${settings.label('seed')}: ${times} seeds from ${seed} on are not all below 2^53`)
  }

  try {
    const options = valuesOf(settings, EXPERIMENT)
    const { rounds } = experiment.parameters(options)
    const words = swept.map(([option, given]) => [option, given.words?.join(' ') || 'none'])
    return { swept: Object.fromEntries(words), options, seed, settings, rounds }
  } catch (err) {
    throw usageOf(err, settings)
  }
}
