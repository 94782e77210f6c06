import { captionOf } from '../caption.ts'
import type { CoordinateMap } from '../coordinates/chart.ts'
import type { LabelledResult } from '../experiment.ts'
import type { Figure, Panel, Series } from '../plot/figure.ts'
import type { CoordinateMeasures } from './coordinates.ts'
import { overTime } from './over-time.ts'

type Results = Array<LabelledResult<CoordinateMeasures>>

/** How fast coordinates come to predict, how well in the end, and of a single result a map of the nodes. */
export function coordinatesFigure(results: Results): Figure {
  const panels = [errorPanel(results), distributionPanel(results), lastPanel(results)]
  const map = results.length === 1 ? results[0].result.chart?.map : undefined

  if (map === undefined) {
    return { title: TITLE, caption: captionOf(results), panels }
  }

  const [{ result }] = results
  const which = result.repeated === undefined ? '' : `, seed ${result.seed}`
  return {
    title: TITLE,
    caption: `${captionOf(results)}\n${MAP_CAPTION}`,
    panels: [...panels, mapPanel(`The nodes in the end${which}`, map)]
  }
}

const TITLE = 'Network coordinates: round trips predicted without measuring them'

const MAP_CAPTION =
  'The map has the two principal axes of the positions that nodes show; other dimensions and heights are not seen.'

/** Over what they have cost, whatever a round is. */
export function errorPanel(results: Results): Panel {
  const measured = (what: string, value: (measures: CoordinateMeasures) => number): Series[] =>
    results.map(({ label, result }) => ({
      label: nameOf(label, what),
      points: result.rounds.map(measures => [measures.samplesPerNode, value(measures) * 100]),
      spread: result.repeated?.spread.rounds.map(spread => value(spread) * 100)
    }))

  return {
    title: 'Errors of predictions',
    x: { label: 'samples per node', scale: 'log' },
    y: { label: 'relative error (%)', scale: 'log' },
    series: [
      ...measured('median', ({ medianRelativeError }) => medianRelativeError),
      ...measured('90th percentile', ({ p90RelativeError }) => p90RelativeError)
    ]
  }
}

/** In the end. The first and the last hundredth are left out: they would take all the room. */
export function distributionPanel(results: Results): Panel {
  const series = (label: string, errors: Float64Array | undefined): Series[] =>
    errors === undefined
      ? []
      : [{ label, points: Array.from(errors.subarray(1, -1), (error, i) => [error * 100, i + 1]) }]

  return {
    title: 'Distribution of errors in the end',
    x: { label: 'relative error (%)', scale: 'log' },
    y: { label: 'pairs with no more (%)' },
    series: results.flatMap(({ label, result: { chart } }) => [
      ...series(nameOf(label, 'coordinates'), chart?.errors),
      ...series(nameOf(label, 'landmarks'), chart?.landmarkErrors)
    ])
  }
}

/** What the coordinates are good for, where that was measured; else how much they move. */
function lastPanel(results: Results): Panel {
  const overRounds = (what: string, value: (measures: CoordinateMeasures) => number): Series[] =>
    results.map(({ label, result }) => overTime(nameOf(label, what), result, value))
  const x = { label: 'round' }

  if (results.some(({ result }) => !Number.isNaN(result.final.neighbourStretch))) {
    return {
      title: 'The nearest five',
      x,
      y: { label: 'round trips (of the true nearest: 1)', scale: 'log' },
      series: [
        ...overRounds('by the overlay', ({ neighbourStretch }) => neighbourStretch),
        ...overRounds('at random', ({ randomStretch }) => randomStretch)
      ]
    }
  }

  return {
    title: 'Drift of the centre',
    x,
    y: { label: 'ms per 100 rounds', scale: 'log' },
    series: overRounds('drift', ({ drift }) => drift)
  }
}

/** Nodes as dots, with links to the nearest that they know. */
export function mapPanel(title: string, { x, y, links }: CoordinateMap): Panel {
  const segments: Array<[number, number, number, number]> = []

  for (let i = 0; i < links.length; i += 2) {
    segments.push([x[links[i]], y[links[i]], x[links[i + 1]], y[links[i + 1]]])
  }

  return {
    title,
    x: { label: 'first principal axis (ms)' },
    y: { label: 'second principal axis (ms)' },
    aspect: 'equal',
    series: [
      ...(segments.length === 0 ? [] : [{ label: '', kind: 'segments' as const, points: [], segments }]),
      { label: '', kind: 'dots', points: Array.from(x, (value, i) => [value, y[i]]) }
    ]
  }
}

function nameOf(label: string, what: string): string {
  return label === '' ? what : `${label}, ${what}`
}
