import type { AggregationMeasures } from '../aggregation/meter.ts'
import { captionOf } from '../caption.ts'
import type { LabelledResult } from '../experiment.ts'
import type { Figure, Panel, Series } from '../plot/figure.ts'
import { level, overTime } from './over-time.ts'

/** By what a round multiplies the variance where every node starts one exchange with a random peer (TOCS 2005, section 3). */
export const VARIANCE_FACTOR = 1 / (2 * Math.sqrt(Math.E))

/** A sum is as it was when it is off by less than this. Rounding alone leaves it much nearer. */
const CONSERVED = 1e-9

type Results = Array<LabelledResult<AggregationMeasures>>

/** How fast the estimates come together, next to theory, and how far they are from the truth. */
export function aggregationFigure(results: Results): Figure {
  const overRounds = (title: string, label: string, series: Series[], scale?: 'log'): Panel => ({
    title,
    x: { label: 'round' },
    y: { label, scale },
    series
  })
  const measured = (value: (measures: AggregationMeasures) => number, shown = results): Series[] =>
    shown.map(({ label, result }) => overTime(nameOf(label, 'measured'), result, value))
  const isAny = (is: (measures: AggregationMeasures) => boolean) => results.some(({ result }) => result.rounds.some(is))
  const linear = results.filter(isLinear)
  const errors = measured(({ estimateError }) => estimateError)

  if (isAny(({ resultError }) => !Number.isNaN(resultError))) {
    const finished = results.map(({ label, result }) =>
      overTime(nameOf(label, 'of the last result'), result, ({ resultError }) => resultError)
    )
    errors.push(...finished)
  }

  const panels = [
    overRounds(
      'Variance of the estimates',
      'variance (part of the largest)',
      [...results.map(variances), ...theory(linear)],
      'log'
    ),
    overRounds('Error of the estimates', 'median relative error', errors, 'log')
  ]

  if (linear.length > 0) {
    const factors = measured(({ varianceFactor }) => varianceFactor, linear)
    panels.splice(
      1,
      0,
      overRounds('What a round leaves of the variance', 'variance factor per round', [
        ...factors,
        level(linear, THEORY, VARIANCE_FACTOR)
      ])
    )
  }

  if (isAny(({ massError }) => massError > CONSERVED)) {
    panels.push(
      overRounds(
        'Error of the sum of all values',
        'part of the sum',
        measured(({ massError }) => massError),
        'log'
      )
    )
  }

  return { title: 'Aggregation by push-pull gossip', caption: captionOf(results), panels }
}

const THEORY = `theory: ${VARIANCE_FACTOR.toFixed(4)}^t`

/** A run that needs no label, being alone, is told from the yardstick. */
function nameOf(label: string, what: string): string {
  return label === '' ? what : what === 'measured' ? label : `${label}, ${what}`
}

/** As a part of the largest in the run, mostly the first, so that values of any size may stand side by side. */
function variances({ label, result }: Results[number]): Series {
  const largest = result.rounds.reduce((most, { variance }) => (variance > most ? variance : most), 0)
  return overTime(nameOf(label, 'measured'), result, ({ variance }) => variance / largest)
}

/**
 * Only means of what the nodes hold at first are what the theory is about. Of anything else the variance grows before it falls,
 * and what a round leaves of it tells nothing.
 */
function isLinear({ result }: Results[number]): boolean {
  return ['average', 'histogram'].includes(String(result.parameters.function))
}

/** What the variance of such would be; where several epochs follow each other, it begins anew with each. */
function theory(results: Results): Series[] {
  const epochs = new Set(results.map(({ result }) => Number(result.parameters.epoch)))
  const [epoch] = epochs

  if (epochs.size !== 1) {
    return []
  }

  const last = Math.max(...results.map(({ result }) => result.final.round))
  const points = Array.from({ length: last + 1 }, (_, round): [number, number] => {
    return [round, VARIANCE_FACTOR ** (round === 0 ? 0 : ((round - 1) % epoch) + 1)]
  })
  return [{ label: THEORY, kind: 'yardstick', points }]
}
