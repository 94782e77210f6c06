import type { ExperimentResult, MeasuredRound } from '../../src/sim/experiment.ts'
import type { SamplingMeasures } from '../../src/sim/experiments/sampling.ts'
import type { SweptResult } from '../../src/sim/sweep.ts'
import { OPTIONS_OF, type OptionName } from '../options.ts'
import { span, table } from '../print.ts'
import { COLUMNS, type Column } from './columns.ts'
import type { Study } from './study.ts'

/** Most rounds that are shown: about what a terminal does. */
const MAX_ROWS = 20

/** Options that the heading says in its own words, or that set nothing. */
const SAID: readonly OptionName[] = [
  'nodes',
  'rounds',
  'preset',
  'view',
  'file',
  'seed',
  'repeat',
  'json',
  'csv',
  'plot',
  'draw'
]

/** Results for people to read, line by line. */
export function resultText(study: Study, results: SweptResult[]): string[] {
  const [{ result }] = results
  const isSweep = Object.keys(study.sweep).length > 0

  return [
    heading(study, results),
    ...estimate(results),
    '',
    ...(isSweep ? finals(study, results) : rounds(result)),
    '',
    cost(results),
    ...interruption(results),
    ...seeds(study, results)
  ]
}

/** The experiment and what matters most: its size, its variant, and all that was asked for. */
function heading({ experiment, settings, sweep }: Study, results: SweptResult[]): string {
  const [{ parameters }] = results.map(({ result }) => result)
  const always = ['nodes', 'rounds', 'preset', 'view'].filter(name =>
    results.every(({ result }) => name in parameters && result.parameters[name] === parameters[name])
  )
  const asked = OPTIONS_OF.sim.filter(name => !SAID.includes(name) && !(name in sweep))
  const parts = [
    ...always.map(name => `${name} ${parameters[name]}`),
    ...asked.flatMap(name => settings.find(name)?.words?.map(word => `${name} ${word}`) ?? [])
  ]
  return `${experiment.name}: ${parts.join(', ')}`
}

/** A round a row: at round numbers, such as those at which epochs end, and the last one. */
function rounds({ experiment, rounds, repeated }: ExperimentResult): string[] {
  const columns = columnsOf(experiment, rounds)
  const step = roundStep(rounds.length / MAX_ROWS)
  // what the nodes begin with is no round
  const before = rounds[0].round === 0 ? 0 : 1
  const rows = rounds.flatMap((measured, i) =>
    (i + before) % step === 0 || i === rounds.length - 1 ? [row(columns, measured, repeated?.spread.rounds[i])] : []
  )
  return table(['ROUND', ...titlesOf(columns)], rows, 'right')
}

/** The first of 1, 2, 5, 10, 20, 50, ... that is large enough. */
function roundStep(least: number): number {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(least)))
  return [1, 2, 5, 10].map(factor => factor * power).find(step => step >= least) ?? power
}

/** A combination a row: what it came to in the end. */
function finals({ experiment, sweep }: Study, results: SweptResult[]): string[] {
  const swept = Object.keys(sweep)
  const columns = columnsOf(
    experiment.name,
    results.map(({ result }) => result.final)
  )
  const rows = results.map(({ swept: values, result: { final, repeated } }) => [
    ...swept.map(name => values[name]),
    ...row(columns, final, repeated?.spread.final)
  ])
  return table([...swept.map(name => name.toUpperCase()), 'ROUND', ...titlesOf(columns)], rows, 'right')
}

/** Those in which there is anything to see: some measures are of some runs only. */
function columnsOf(experiment: string, rounds: object[]): Column[] {
  return COLUMNS[experiment].filter(({ value }) => rounds.some(measured => !Number.isNaN(value(measured))))
}

function titlesOf(columns: Column[]): string[] {
  return columns.map(({ title }) => title)
}

function row(columns: Column[], measured: MeasuredRound<object>, spread: object | undefined): string[] {
  return [measured.round.toFixed(0), ...columns.map(column => cell(column, measured, spread))]
}

function cell({ value, digits, isScientific }: Column, measured: object, spread: object | undefined): string {
  const deviation = spread == null ? 0 : value(spread)

  if (Number.isNaN(value(measured))) {
    return '-'
  }

  if (isScientific) {
    const [centre, around] = [value(measured), deviation].map(number => number.toExponential(digits))
    return deviation > 0 ? `${centre} ± ${around}` : centre
  }

  if (!(deviation > 0)) {
    return value(measured).toFixed(digits)
  }

  // means of whole numbers are none
  const places = Math.max(1, digits)
  return `${value(measured).toFixed(places)} ± ${deviation.toFixed(places)}`
}

/** What of it was measured on a part of the nodes only. */
function estimate(results: SweptResult[]): string[] {
  const samples = results
    .flatMap(({ result }) => result.rounds)
    .map(measures => (measures as Partial<SamplingMeasures>).sampled)
  const sampled = samples.find(one => one != null)
  return sampled == null
    ? []
    : [
        `clustering and path length are estimated from samples of ${sampled.clusteringNodes} and ${sampled.pathSources} nodes`
      ]
}

/** What it took. */
function cost(results: SweptResult[]): string {
  const all = results.map(({ result }) => result.performance)
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  const longest = (values: number[]) => Math.max(...values)
  const exchanges = sum(all.map(one => one.exchanges))
  const nanoseconds = sum(all.map(one => one.nanosecondsPerExchange * one.exchanges)) / Math.max(1, exchanges)

  return [
    `took ${span(sum(all.map(one => one.seconds)) * 1_000)} (${span(sum(all.map(one => one.measuringSeconds)) * 1_000)} of it to measure)`,
    `${exchanges.toLocaleString('en')} exchanges`,
    `${Math.round(nanoseconds)} ns each`,
    `${longest(all.map(one => one.bytesPerNode)).toLocaleString('en')} bytes per node`,
    `peak memory ${Math.round(longest(all.map(one => one.peakMemoryBytes)) / 2 ** 20)} MiB`
  ].join(', ')
}

function seeds({ seed, sweep }: Study, results: SweptResult[]): string[] {
  if ('seed' in sweep) {
    return []
  }

  const times = Math.max(...results.map(({ result }) => result.repeated?.runs.length ?? 1))
  return [times === 1 ? `seed ${seed}` : `seeds ${seed} to ${seed + times - 1} (mean ± standard deviation)`]
}

/** That there is less than was asked for. */
function interruption(results: SweptResult[]): string[] {
  const { result } = results[results.length - 1]
  return result.interrupted == null ? [] : [`interrupted after round ${result.final.round}`]
}
