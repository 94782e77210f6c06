import { captionOf } from '../src/sim/caption.ts'
import type { AggregationMeasures, AggregationRunOptions } from '../src/sim/experiments/index.ts'
import { aggregation } from '../src/sim/experiments/index.ts'
import type { Panel, Series } from '../src/sim/plot/figure.ts'
import type { SweptResult } from '../src/sim/sweep.ts'
import { digits, percent, table } from './markdown.ts'
import { type Case, runAll, type Study } from './study.ts'

type Results = Array<SweptResult<AggregationMeasures>>

/** Rounds of an epoch, and how many seeds each line of a table is of. */
const EPOCH = 30
const SEEDS = 3

const VARIANTS: Array<Case<AggregationRunOptions>> = [
  { label: 'cyclon', options: { preset: 'cyclon' } },
  { label: 'swapper', options: { preset: 'swapper' } },
  { label: 'default', options: {} },
  { label: 'healer', options: { preset: 'healer' } },
  { label: 'blind', options: { preset: 'blind' } },
  { label: 'newscast', options: { preset: 'newscast' } }
]

const RETRIES = [0, 3, 5, 8]

/** A tenth of all messages is lost. */
const LOSSES = (['uniform', 'peak'] as const).flatMap(distribution =>
  RETRIES.map(retries => ({
    label: `${distribution}, retries ${retries}`,
    options: { nodes: 10_000, distribution, retries, loss: 0.1 }
  }))
)

/** Half of all nodes crash in the middle of the first of two epochs, and a round of the third is run. */
const CRASH: Case<AggregationRunOptions> = {
  label: 'half crash after round 15',
  options: { nodes: 10_000, crash: [{ share: 0.5, round: EPOCH / 2 }], rounds: 2 * EPOCH + 1 }
}

const COUNTS: Array<Case<AggregationRunOptions>> = [100, 1_000, 10_000, 100_000].map(nodes => ({
  label: `count of ${nodes}`,
  options: { nodes, function: 'count', rounds: EPOCH }
}))

/** How fast averages converge over each variant of peer sampling, and what losses, a crash and size do to them. */
export const aggregationStudy: Study = {
  name: 'aggregation',
  async run(show) {
    const network = { nodes: 100_000, rounds: EPOCH }
    const cases = VARIANTS.map(({ label, options }) => ({ label, options: { ...network, ...options } }))
    const runs = { seed: 1, times: SEEDS }
    const variants = await runAll(aggregation, cases, { ...runs, measureEvery: 2 }, show)
    const losses = await runAll(aggregation, LOSSES, { ...runs, measureEvery: 5 }, show)
    const crash = await runAll(aggregation, [CRASH], runs, show)
    const counts = await runAll(aggregation, COUNTS, { ...runs, measureEvery: 5 }, show)
    const results = [...variants, ...losses, ...crash, ...counts]

    return {
      results,
      figure: {
        title: 'Aggregation by push-pull gossip',
        caption: [
          `variance: ${captionOf(variants)}`,
          `losses: ${captionOf(losses)}`,
          `crash: ${captionOf(crash)}`,
          `count: ${captionOf(counts)}`
        ].join('\n'),
        panels: [
          aggregation.figure(variants).panels[0],
          errors('A tenth of all messages is lost: a peak', losses.slice(RETRIES.length)),
          errors('Half of the nodes crash after round 15', crash, true),
          errors('Counting', counts)
        ]
      },
      text: `## Aggregation

Push-pull averaging over peer sampling, views of 30, by rounds; means of ${SEEDS} seeds. Theory: where each node starts one
exchange a round with a random peer, a round multiplies the variance by 1/(2 sqrt e) = 0.3033 (Jelasity, Montresor, Babaoglu,
TOCS 23(3), 2005).

### Variance

${network.nodes} nodes, values uniform from 0 to 1. Factor: per round, over the first 20 rounds. Spread: standard deviation
of the estimates as a part of their mean, after ${EPOCH} rounds. Sum: how far that of all values is from what it was.

${table(['variant', 'factor', 'from theory', 'spread', 'sum'], variants.map(varianceRow))}

### Losses

10,000 nodes, each message lost with probability 0.1, after ${EPOCH} rounds: median relative error of the average, mean and
worst of the seeds. Uniform values; and a peak, where one node holds everything.

${table(['values', 'retries', 'error', 'worst', 'error of the sum'], losses.map(lossRow))}

### A crash

Half of 10,000 nodes crash after round 15, in the middle of an epoch. The values of the dead stay in the estimates until the
next epoch begins.

${table(['', 'median relative error'], crashRows(crash[0]))}

### Counting

Median relative error of the size after one epoch, by 16 instances.

${table(['nodes', 'error', 'worst'], counts.map(countRow))}`
    }
  }
}

function errors(title: string, results: Results, withResults = false): Panel {
  const series = (
    label: string,
    result: Results[number]['result'],
    value: (m: AggregationMeasures) => number
  ): Series => ({
    label,
    points: result.rounds.map(measures => [measures.round, value(measures)])
  })

  return {
    title,
    x: { label: 'round' },
    y: { label: 'median relative error', scale: 'log' },
    series: results.flatMap(({ label, result }) => [
      series(withResults ? 'of the estimate' : label, result, ({ estimateError }) => estimateError),
      ...(withResults ? [series('of the last result', result, ({ resultError }) => resultError)] : [])
    ])
  }
}

function at({ result }: Results[number], wanted: number): AggregationMeasures {
  return result.rounds.find(({ round }) => round === wanted) as AggregationMeasures & { round: number }
}

function varianceRow(swept: Results[number]): string[] {
  const factor = (at(swept, 20).variance / at(swept, 0).variance) ** (1 / 20)
  const { relativeSpread, massError } = at(swept, EPOCH)
  const excess = factor * 2 * Math.sqrt(Math.E) - 1
  return [swept.label, factor.toFixed(4), `+${percent(excess)}`, digits(relativeSpread, 2), digits(massError, 1)]
}

function worst({ result }: Results[number]): number {
  return Math.max(...(result.repeated?.runs ?? []).map(({ final }) => final.estimateError))
}

function lossRow(swept: Results[number], i: number): string[] {
  const { estimateError, massError } = swept.result.final
  const { distribution, retries } = LOSSES[i].options
  return [distribution, String(retries), percent(estimateError), percent(worst(swept)), percent(massError)]
}

function crashRows(crash: Results[number]): string[][] {
  const error = (round: number) => digits(at(crash, round).estimateError, 2)
  return [
    ['end of the epoch of the crash', error(EPOCH)],
    ['end of the next epoch', error(2 * EPOCH)],
    ['its result, a round later', digits(at(crash, 2 * EPOCH + 1).resultError, 2)]
  ]
}

function countRow(swept: Results[number], i: number): string[] {
  return [String(COUNTS[i].options.nodes), percent(swept.result.final.estimateError), percent(worst(swept))]
}
