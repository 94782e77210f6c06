import type { ExperimentResult, LabelledResult } from '../experiment.ts'
import type { Series } from '../plot/figure.ts'

/** What was measured in each round, with its spread over several runs. */
export function overTime<M>(
  label: string,
  { rounds, repeated }: ExperimentResult<M>,
  value: (measures: M) => number
): Series {
  return {
    label,
    points: rounds.map(measures => [measures.round, value(measures)]),
    spread: repeated?.spread.rounds.map(value)
  }
}

/** What it is held against: one value, as a line across the whole picture. */
export function level(results: LabelledResult[], label: string, y: number): Series {
  const rounds = results.flatMap(({ result }) => [result.rounds[0].round, result.final.round])
  return {
    label,
    kind: 'yardstick',
    points: [
      [Math.min(...rounds), y],
      [Math.max(...rounds), y]
    ]
  }
}
