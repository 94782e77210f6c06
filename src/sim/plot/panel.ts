import type { GroupMark } from 'vega'
import { axisSpecs, scaleSpec } from './axes.ts'
import { bars } from './bars.ts'
import type { Axis, Panel } from './figure.ts'
import type { DressedSeries } from './look.ts'
import { literal } from './marks.ts'
import { hasPlace, range } from './range.ts'
import { type Row, rowsOf } from './rows.ts'
import { bandMark, barMark, lineMark, type PlottedSeries, seriesData, symbolMark } from './series-marks.ts'
import { PLOT } from './sizes.ts'

/** How far zero may be for an axis to begin there, see {@link range}: heights are compared, values of x found. */
const ZERO = { x: 0.25, y: 0.75 }

/** The axes of a panel and what is between them, with the upper left corner at this place. */
export function plotMark(panel: Panel, dressed: DressedSeries[], left: number, top: number): GroupMark {
  const plotted = dressed.map((series, at) => ({ series, at, rows: rowsOf(series, panel, at, dressed.length) }))
  const kind = (wanted: string) => plotted.filter(({ series }) => (series.kind ?? 'line') === wanted)
  const standing = bars(
    kind('bars').map(({ rows }) => rows),
    panel.x
  )
  const xs = plotted.flatMap(({ rows }) => rows.map(row => row.x)).filter(x => hasPlace(x, panel.x))
  const x = range([...xs, ...standing.edges], panel.x, ZERO.x)
  const ys = heights(plotted, panel.y)
  const y = range(ys, panel.y, ZERO.y)
  const barWidth = standing.width(...x) * PLOT.width
  const barOffset = (at: number) => (at - (kind('bars').length - 1) / 2) * barWidth

  return {
    type: 'group',
    aria: false,
    encode: { enter: literal({ x: left, y: top, width: PLOT.width, height: PLOT.height }) },
    data: plotted.flatMap(seriesData),
    scales: [scaleSpec('x', panel.x, x), scaleSpec('y', panel.y, y)],
    axes: [
      // in this order: the lowest line across the plot lies under the horizontal axis
      ...axisSpecs('y', panel.y, y, ys.every(Number.isInteger)),
      ...axisSpecs('x', panel.x, x, xs.every(Number.isInteger))
    ],
    marks: [
      ...plotted.filter(({ series }) => series.spread !== undefined).map(bandMark),
      ...kind('bars').map((one, i) => barMark(one, barOffset(i), barWidth, panel.y.scale === 'log')),
      ...kind('yardstick').map(lineMark),
      ...kind('line').map(lineMark),
      ...plotted.filter(({ series }) => series.kind !== 'bars').map(symbolMark)
    ]
  }
}

/** What the vertical axis must hold. */
function heights(plotted: PlottedSeries[], axis: Axis): number[] {
  return plotted.flatMap(({ series, rows }) => {
    const foot = series.kind === 'bars' && axis.scale !== 'log' ? [0] : []
    // a logarithmic axis would follow a band that all but reaches zero for ever
    const ends = (row: Row) => (axis.scale === 'log' ? [row.y, row.high] : [row.low, row.high])
    return [...foot, ...rows.filter(row => row.drawn).flatMap(ends)]
  })
}
