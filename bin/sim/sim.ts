import type { Progress } from '../../src/sim/progress.ts'
import { SweepError, type SweptResult, sweep } from '../../src/sim/sweep.ts'
import { print, printJson, warn } from '../print.ts'
import { interruption } from '../signals.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from '../usage.ts'
import { yesOrNo } from '../values.ts'
import { outputsOf, writeOutputs } from './outputs.ts'
import { progressDisplay, whereabouts } from './progress.ts'
import { replayCommand } from './replay.ts'
import { type Study, type StudyPoint, studyOf } from './study.ts'
import { resultText } from './text.ts'

/** What the runs came to. */
interface Outcome {
  results: SweptResult[]
  interrupted: boolean
  /** Why not all of them are there. */
  failure: unknown
}

/** Runs an experiment, writes and prints what it showed, returns the exit code. */
export async function sim(experiment: unknown, argv: Record<string, unknown>): Promise<number> {
  const study = await studyOf(experiment, argv)
  const json = study.settings.one('json', yesOrNo) === true
  const outputs = outputsOf(study.settings)
  const { results, interrupted, failure } = await runAll(study)
  let code = interrupted ? EXIT_INTERRUPTED : EXIT_DONE

  if (results.length > 0) {
    if (!(await writeOutputs(outputs, study.experiment, results))) {
      code = EXIT_FAILED
    }

    if (json) {
      printJson(documentOf(study, results, interrupted))
    } else {
      resultText(study, results).forEach(print)
    }
  }

  if (failure instanceof SweepError) {
    const { settings } = failure.point as StudyPoint
    warn(failure.message)
    warn(`to see it again: ${replayCommand(study.experiment.name, settings, failure.seed)}`)
    return EXIT_FAILED
  }

  if (failure != null) {
    throw failure
  }

  return code
}

/** Runs all there is to run, or as much as can be until a signal or an error comes. */
async function runAll({ experiment, points, seed, seedIsDrawn, times, measureEvery }: Study): Promise<Outcome> {
  const { signal, release } = interruption()

  if (seedIsDrawn) {
    warn(`seed ${seed} (repeat with --seed ${seed})`)
  }

  const display = await progressDisplay(points.reduce((total, { rounds }) => total + rounds * times, 0))
  const results: SweptResult[] = []
  let last: Progress | undefined
  let done = 0
  let failure: unknown

  const onProgress = (progress: Progress) => {
    last = progress
    display.update(progress, ++done)
  }

  try {
    for await (const result of sweep(experiment, points, { times, seed, measureEvery, signal, onProgress })) {
      results.push(result)
    }
  } catch (err) {
    failure = err
  } finally {
    display.end()
    release()
  }

  if (signal.aborted) {
    warn(last == null ? 'interrupted before the first round' : `interrupted after ${whereabouts(last)}`)
  }

  return { results, interrupted: signal.aborted, failure }
}

/** Results for programs: that of a single run as it is, those of a sweep side by side. */
function documentOf({ experiment, sweep }: Study, results: SweptResult[], interrupted: boolean): object {
  if (Object.keys(sweep).length === 0) {
    return results[0].result
  }

  const runs = results.map(({ label, result }) => ({ label, ...result }))
  return { experiment: experiment.name, sweep, runs, ...(interrupted ? { interrupted } : {}) }
}
