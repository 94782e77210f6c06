import type { Mark } from 'vega'
import type { Panel, Series } from './figure.ts'
import { dotValues, literal, segmentValues } from './marks.ts'
import { hasPlace } from './range.ts'
import type { Row } from './rows.ts'
import { type PlottedSeries, rowsName } from './series-marks.ts'

/**
 * Whether the series is one of a great many strokes, all of which are one path: with an element for each, the file
 * would be several times as large.
 */
export function isStroked({ kind }: Series): boolean {
  return kind === 'segments' || kind === 'dots'
}

/** The two ends of each stroke, and a gap. Dots are strokes of no length with round ends. */
export function strokeRows({ kind, points, segments = [] }: Series, panel: Panel): Row[] {
  const strokes = kind === 'dots' ? points.map(([x, y]) => [x, y, x, y]) : segments

  return strokes
    .filter(([x1, y1, x2, y2]) => isPlaced(x1, y1, panel) && isPlaced(x2, y2, panel))
    .flatMap(([x1, y1, x2, y2]) => [end(x1, y1), end(x2, y2), gap()])
}

function isPlaced(x: number, y: number, panel: Panel): boolean {
  return hasPlace(x, panel.x) && hasPlace(y, panel.y)
}

function end(x: number, y: number): Row {
  return { x, y, low: y, high: y, drawn: true, marked: false }
}

/** Ends the stroke before it. A new one each time: an object that it has seen already is no further row to Vega. */
function gap(): Row {
  return { ...end(Number.NaN, Number.NaN), drawn: false }
}

/** To a tenth of a pixel, which nobody sees and which makes the file a sixth smaller. */
export function strokeMark({ series, at }: PlottedSeries): Mark {
  const place = (axis: 'x' | 'y') => ({ signal: `round(10 * scale('${axis}', datum.${axis})) / 10` })
  const values = series.kind === 'dots' ? dotValues(series.look) : segmentValues(series.look)
  const enter = { x: place('x'), y: place('y'), defined: { field: 'drawn' }, ...literal(values) }
  return { type: 'line', aria: false, from: { data: rowsName(at) }, encode: { enter } }
}
