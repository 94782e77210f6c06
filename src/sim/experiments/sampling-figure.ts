import { Random } from '../../gossip/random.ts'
import { captionOf } from '../caption.ts'
import type { LabelledResult } from '../experiment.ts'
import type { GraphMeasures } from '../graph/meter.ts'
import { randomGraphMeasures } from '../graph/random-graph.ts'
import type { Figure, Panel, Series } from '../plot/figure.ts'
import { level, overTime } from './over-time.ts'
import type { SamplingMeasures } from './sampling.ts'

const ROUND = { label: 'round' }

/** What results are held against. */
interface Yardstick {
  label: string
  measures: GraphMeasures
}

/** The graph of the views over time, and its in-degrees at the end, next to those of a random graph. */
export function samplingFigure(results: Array<LabelledResult<SamplingMeasures>>): Figure {
  const yardstick = randomGraph(results)
  const overRounds = (title: string, label: string, value: (measures: GraphMeasures) => number): Panel => ({
    title,
    x: ROUND,
    y: { label },
    series: [
      ...results.map(one => overTime(labelOf(one), one.result, value)),
      ...(yardstick === undefined ? [] : [level(results, yardstick.label, value(yardstick.measures))])
    ]
  })

  const panels = [
    overRounds('Spread of in-degrees', 'standard deviation (links)', ({ inDegree }) => inDegree.standardDeviation),
    distribution(results, yardstick),
    overRounds('Clustering', 'clustering coefficient', ({ clusteringCoefficient }) => clusteringCoefficient),
    overRounds('Distance', 'average path length (links)', ({ averagePathLength }) => averagePathLength)
  ]

  if (results.some(({ result }) => result.rounds.some(({ deadLinks }) => deadLinks > 0))) {
    const panel = overRounds('Links to the dead', 'dead links (% of all)', ({ deadLinks }) => deadLinks * 100)
    panels.push({ ...panel, y: { ...panel.y, scale: 'log' }, series: panel.series.filter(isMeasured) })
  }

  if (results.some(({ result }) => result.rounds.some(({ components }) => components > 1))) {
    const panel = overRounds('Parts of the network', 'components', ({ components }) => components)
    panels.push({ ...panel, series: panel.series.filter(isMeasured) })
  }

  return { title: 'Peer sampling: the graph of the views', caption: captionOf(results), panels }
}

function isMeasured({ kind }: Series): boolean {
  return kind !== 'yardstick'
}

/** A run that needs no label, being alone, is told from the yardstick by its variant. */
function labelOf({ label, result }: LabelledResult<SamplingMeasures>): string {
  return label === '' ? String(result.parameters.preset ?? result.parameters.defence) : label
}

function distribution(results: Array<LabelledResult<SamplingMeasures>>, yardstick: Yardstick | undefined): Panel {
  const shares = ({ inDegree: { histogram } }: GraphMeasures): Array<[number, number]> => {
    const nodes = Math.max(
      1,
      histogram.reduce((sum, count) => sum + count, 0)
    )
    return histogram.map((count, degree) => [degree, (count / nodes) * 100])
  }
  const series = results.map((labelled): Series => {
    return { label: labelOf(labelled), points: shares(labelled.result.final) }
  })

  return {
    title: 'In-degrees at the end',
    x: { label: 'in-degree (links)' },
    y: { label: 'nodes (%)' },
    series:
      yardstick == null
        ? series
        : [...series, { label: yardstick.label, kind: 'yardstick', points: shares(yardstick.measures) }]
  }
}

/** A random graph of as many nodes as live at the end, with as many links each; none when the results differ in that. */
function randomGraph(results: Array<LabelledResult<SamplingMeasures>>): Yardstick | undefined {
  const [{ living, view }, ...others] = results.map(({ result }) => ({
    living: Math.round(result.final.living),
    view: result.parameters.view as number
  }))

  if (living < 2 || others.some(other => other.living !== living || other.view !== view)) {
    return undefined
  }

  const { seed, parameters } = results[0].result
  const label = living === parameters.nodes ? 'random graph' : `random graph of ${living} nodes`
  return { label, measures: randomGraphMeasures(living, view, new Random(seed)) }
}
