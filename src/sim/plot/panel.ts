import type { GroupMark } from 'vega'
import { axisSpecs, scaleSpec } from './axes.ts'
import { bars } from './bars.ts'
import type { Axis, Panel } from './figure.ts'
import type { DressedSeries } from './look.ts'
import { literal } from './marks.ts'
import { equalRanges, hasPlace, type Range, range } from './range.ts'
import { type Row, rowsOf } from './rows.ts'
import { bandMark, barMark, lineMark, type PlottedSeries, seriesData, symbolMark } from './series-marks.ts'
import { PLOT } from './sizes.ts'
import { isStroked, strokeMark, strokeRows } from './strokes.ts'

/** How far zero may be for an axis to begin there, see {@link range}: heights are compared, values of x found. */
const ZERO = { x: 0.25, y: 0.75 }

/** On a map zero is a place like any other. */
const ZERO_OF_MAP = { x: 0, y: 0 }

/** The axes of a panel and what is between them, so high, with the upper left corner at this place. */
export function plotMark(given: Panel, dressed: DressedSeries[], left: number, top: number, height: number): GroupMark {
  const isMap = given.aspect === 'equal'
  const panel = isMap ? { ...given, x: linear(given.x), y: linear(given.y) } : given
  const plotted = dressed.map((series, at) => {
    const rows = isStroked(series) ? strokeRows(series, panel) : rowsOf(series, panel, at, dressed.length)
    return { series, at, rows }
  })
  const kind = (wanted: string) => plotted.filter(({ series }) => (series.kind ?? 'line') === wanted)
  const standing = bars(
    kind('bars').map(({ rows }) => rows),
    panel.x
  )
  const xs = plotted.flatMap(({ rows }) => rows.map(row => row.x)).filter(x => hasPlace(x, panel.x))
  const ys = heights(plotted, panel.y)
  const zero = isMap ? ZERO_OF_MAP : ZERO
  const ranges: [Range, Range] = [range([...xs, ...standing.edges], panel.x, zero.x), range(ys, panel.y, zero.y)]
  const [x, y] = isMap ? equalRanges(...ranges) : ranges
  const barWidth = standing.width(...x) * PLOT.width
  const barOffset = (at: number) => (at - (kind('bars').length - 1) / 2) * barWidth
  const foot = panel.y.scale === 'log' ? height : undefined

  return {
    type: 'group',
    aria: false,
    encode: { enter: literal({ x: left, y: top, width: PLOT.width, height }) },
    data: plotted.flatMap(seriesData),
    scales: [
      scaleSpec('x', panel.x, x, [0, PLOT.width], false),
      // a map would no longer be equal
      scaleSpec('y', panel.y, y, [height, 0], !isMap)
    ],
    axes:
      panel.axes === false
        ? []
        : [
            // in this order: the lowest line across the plot lies under the horizontal axis
            ...axisSpecs('y', panel.y, y, ys.every(Number.isInteger), !isMap),
            ...axisSpecs('x', panel.x, x, xs.every(Number.isInteger), false)
          ],
    marks: [
      ...plotted.filter(({ series }) => series.spread !== undefined && !isStroked(series)).map(bandMark),
      ...kind('bars').map((one, i) => barMark(one, barOffset(i), barWidth, foot)),
      ...kind('segments').map(strokeMark),
      ...kind('yardstick').map(lineMark),
      ...kind('line').map(lineMark),
      ...kind('dots').map(strokeMark),
      ...plotted.filter(({ series }) => series.kind !== 'bars' && !isStroked(series)).map(symbolMark)
    ]
  }
}

function linear({ label }: Axis): Axis {
  return { label }
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
