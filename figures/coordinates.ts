import { captionOf } from '../src/sim/caption.ts'
import type { CoordinateOptions } from '../src/sim/coordinates/parameters.ts'
import type { ExperimentResult } from '../src/sim/experiment.ts'
import { distributionPanel, mapPanel } from '../src/sim/experiments/coordinates-figure.ts'
import { type CoordinateMeasures, coordinates } from '../src/sim/experiments/index.ts'
import type { LatencyMatrix } from '../src/sim/latency/latency-matrix.ts'
import type { Panel } from '../src/sim/plot/figure.ts'
import type { SweptResult } from '../src/sim/sweep.ts'
import { digits, percent, table } from './markdown.ts'
import { type Case, runAll, type Show, type Study } from './study.ts'

type Measured = SweptResult<CoordinateMeasures>

const ROUNDS = 1_000
const EVERY = 10
const SHOWN_ROUNDS = [20, 50, 100, 200, 500, ROUNDS]

/** Rounds between two matrices that follow each other. */
const REPLAY_EVERY = 100

/** Of the generated network: about as many as there are hosts in published matrices. */
const NODES = 500

const LIARS = 0.1
const LANDMARKS = 15

const DEFAULT = 'default'
const PUBLISHED = 'published rule'

/** Variants, the first of which has all that is compared with it. */
const VARIANTS: Array<Case<CoordinateOptions>> = [
  { label: DEFAULT, options: { landmarks: LANDMARKS, proximity: true } },
  { label: PUBLISHED, options: { rule: 'published' } },
  { label: '2 dimensions, no height', options: { dimensions: 2, height: false } },
  { label: '2 dimensions', options: { dimensions: 2 } },
  { label: '3 dimensions', options: { dimensions: 3 } },
  { label: '64 fixed neighbours', options: { neighbours: 64 } },
  { label: 'a tenth lies', options: { liars: LIARS } },
  { label: 'a tenth lies, published rule', options: { liars: LIARS, rule: 'published' } }
]

/** Those that are drawn over samples. */
const DRAWN = [DEFAULT, PUBLISHED, 'a tenth lies', 'a tenth lies, published rule']

/** A network, and what came out in it. */
interface Network {
  name: string
  results: Measured[]
}

/** How near predicted round trips are: on a generated network, and on measured ones where there are any. */
export const coordinatesStudy: Study = {
  name: 'coordinates',
  async run(show, { matrices, citation }) {
    const sources: Array<CoordinateOptions & { name: string }> = [
      { name: 'generated', topology: 'internet', nodes: NODES },
      ...matrices.slice(0, 1).map(latencyMatrix => ({ name: 'measured', latencyMatrix }))
    ]
    const networks: Network[] = []

    for (const { name, ...source } of sources) {
      networks.push({ name, results: await runVariants(name, source, show) })
    }

    const replayed = await runReplay(matrices, show)
    const results = [...networks.flatMap(network => network.results), ...replayed]

    return {
      results,
      figure: {
        title: 'Network coordinates: round trips predicted without measuring them',
        caption: `${captionOf(results)}; maps: principal axes of the positions, heights not seen${cited(citation)}`,
        panels: [
          ...networks.flatMap(errorPanels),
          ...networks.flatMap(maps),
          ...replayed.map(one => replayPanel(one, matrices))
        ]
      },
      text: [
        '## Network coordinates',
        `Relative errors of predicted round trips between all pairs of nodes, median and 90th percentile. Each node takes one
sample a round, of a random member that peer sampling gives it; 8 dimensions and a height where nothing else is said; seed 1.`,
        ...networks.map(textOf),
        ...replayed.map(one => replayText(one, matrices)),
        ...(citation === undefined ? [] : [`Measured round-trip times: ${citation}.`])
      ].join('\n\n')
    }
  }
}

async function runVariants(name: string, source: CoordinateOptions, show: Show): Promise<Measured[]> {
  const cases = VARIANTS.map(({ label, options }) => ({
    label: `${name}: ${label}`,
    options: { ...source, rounds: ROUNDS, ...options }
  }))
  return await runAll(coordinates, cases, { seed: 1, times: 1, measureEvery: EVERY }, show)
}

/** Measured networks that follow each other, if there are several. */
async function runReplay([latencyMatrix, ...later]: LatencyMatrix[], show: Show): Promise<Measured[]> {
  if (later.length === 0) {
    return []
  }

  const replay = later.map((matrix, i) => ({ matrix, round: (i + 1) * REPLAY_EVERY }))
  const options = { latencyMatrix, replay, rounds: (later.length + 1) * REPLAY_EVERY }
  return await runAll(
    coordinates,
    [{ label: 'measured: one after the other', options }],
    { seed: 1, times: 1, measureEvery: EVERY },
    show
  )
}

function errorPanels({ name, results }: Network): Panel[] {
  const [first] = results
  const labelled = DRAWN.map(label => ({ label, result: resultOf(results, `${name}: ${label}`) }))

  return [
    {
      title: `Median errors, ${name} network`,
      x: { label: 'samples per node', scale: 'log' },
      y: { label: 'relative error (%)', scale: 'log' },
      series: labelled.map(({ label, result }) => ({
        label,
        points: result.rounds.map(one => [one.samplesPerNode, one.medianRelativeError * 100])
      }))
    },
    { ...distributionPanel([{ label: '', result: first.result }]), title: `Distribution of errors, ${name} network` }
  ]
}

function maps({ name, results: [{ result }] }: Network): Panel[] {
  const { map } = result.chart ?? {}
  return map === undefined ? [] : [mapPanel(`The ${name} network, nearest linked`, map)]
}

function replayPanel({ result }: Measured, matrices: LatencyMatrix[]): Panel {
  return {
    title: `${matrices.length} measurements, one after the other`,
    x: { label: 'round' },
    y: { label: 'relative error (%)', scale: 'log' },
    series: [
      { label: 'median', points: result.rounds.map(one => [one.round, one.medianRelativeError * 100]) },
      { label: '90th percentile', points: result.rounds.map(one => [one.round, one.p90RelativeError * 100]) }
    ]
  }
}

function textOf({ name, results }: Network): string {
  const [{ result }] = results
  const { final } = result
  const at = (one: ExperimentResult<CoordinateMeasures>) =>
    SHOWN_ROUNDS.map(wanted => errors(one.rounds.find(({ round }) => round === wanted)))

  return `### On a ${name} network of ${result.parameters.nodes} nodes

${table(
  ['variant', ...SHOWN_ROUNDS.map(round => `after ${round} samples`)],
  results.map(one => [one.label.slice(name.length + 2), ...at(one.result)])
)}

By ${LANDMARKS} landmarks in ${result.parameters.landmarkDimensions} dimensions (GNP): ${percent(final.landmarkMedianRelativeError)} and
${percent(final.landmarkP90RelativeError)}. The five nearest that an overlay over the coordinates finds are ${digits(final.neighbourStretch)}
times as far as the true nearest, and ${percent(final.nearestFound)} of them are as near; five random ones are ${digits(final.randomStretch)} times
as far.`
}

function replayText({ result }: Measured, matrices: LatencyMatrix[]): string {
  const shown = matrices.map((_, i) => {
    const before = result.rounds.find(({ round }) => round === (i + 1) * REPLAY_EVERY - EVERY)
    return `${errors(before)} (round ${before?.round})`
  })
  return `When the times of ${matrices.length} measurements of the network follow each other, ${REPLAY_EVERY} rounds each:
${shown.join(', ')}.`
}

function errors(measures: CoordinateMeasures | undefined): string {
  const { medianRelativeError = Number.NaN, p90RelativeError = Number.NaN } = measures ?? {}
  return [medianRelativeError, p90RelativeError].map(percent).join(', ')
}

function resultOf(results: Measured[], label: string): ExperimentResult<CoordinateMeasures> {
  return (results.find(one => one.label === label) as Measured).result
}

function cited(citation: string | undefined): string {
  return citation === undefined ? '' : `\nMeasured round-trip times: ${citation}`
}
