import type { SamplingOptions } from '../src/sampling/parameters.ts'
import type { Experiment, Extent } from '../src/sim/experiment.ts'
import type { LatencyMatrix } from '../src/sim/latency/latency-matrix.ts'
import type { Figure } from '../src/sim/plot/figure.ts'
import { type SweepInit, type SweptResult, sweep } from '../src/sim/sweep.ts'

/** A figure of the documentation: what to run, and what it shows. */
export interface Study {
  /** Of its files, too. */
  name: string
  run(show: Show, given: Given): Promise<Shown>
}

/** What is not in the project, and a study can do with or without. */
export interface Given {
  /** Measured round-trip times of one network, one after the other. */
  matrices: LatencyMatrix[]
  /** Where they come from. */
  citation: string | undefined
}

export interface Shown {
  results: SweptResult[]
  figure: Figure
  /** In Markdown: what is seen, and how near it is to what others found. */
  text: string
}

/** Tells how far it has come. */
export type Show = (what: string) => void

export interface Case<O> {
  label: string
  options: O & SamplingOptions
}

/** The results with every so manieth round only, and the last one: data that nobody reads line by line need not be long. */
export function thinned<M>(results: Array<SweptResult<M>>, every: number): Array<SweptResult<M>> {
  return results.map(({ result, ...rest }) => ({
    ...rest,
    result: {
      ...result,
      rounds: result.rounds.filter(({ round }) => round % every === 0 || round === result.final.round)
    }
  }))
}

/** Runs an experiment for each case. */
export async function runAll<O extends object, P extends Extent, M>(
  experiment: Experiment<O, P, M>,
  cases: Array<Case<O>>,
  { onProgress, ...init }: SweepInit,
  show: Show
): Promise<Array<SweptResult<M>>> {
  const points = cases.map(({ label, options }) => ({ swept: { case: label }, options }))
  const results: Array<SweptResult<M>> = []

  for await (const result of sweep(experiment, points, {
    ...init,
    onProgress: ({ run, runs, round, rounds }) => show(`run ${run} of ${runs}, round ${round} of ${rounds}`)
  })) {
    results.push({ ...result, label: result.swept.case })
  }

  return results
}
