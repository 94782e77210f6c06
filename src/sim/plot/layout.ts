import type { Mark, Spec } from 'vega'
import type { Figure, Panel } from './figure.ts'
import { type Legend, legendOf, sameLegend } from './legend.ts'
import { type DressedSeries, dress, PAPER } from './look.ts'
import { groupMark, textMark } from './marks.ts'
import { plotMark } from './panel.ts'
import { FONT_SIZE, GAP, lineHeight, MARGIN, PLOT, TICK_ROOM } from './sizes.ts'
import { wrap } from './text.ts'

/** Bold letters are wider by about this. */
const BOLD = 1.1

/** Between what stands above each other. */
const SPACE = 8

const PALE_INK = '#444'

/** Where things are within a panel: as the most demanding one needs it, so that the axes of neighbours are level. */
interface Cell {
  legendTop: number
  plotLeft: number
  plotTop: number
  xLabelTop: number
  width: number
  height: number
}

/** A panel with the texts around its plot, in lines. */
interface Framed {
  panel: Panel
  series: DressedSeries[]
  title: string[]
  xLabel: string[]
  yLabel: string[]
  legend: Legend
}

/**
 * The picture for Vega to draw. All is at a given place: what Vega places itself, it measures first, with the fonts and
 * the canvas of the machine.
 */
export function specOf(figure: Figure): Spec {
  const series = dress(figure.panels)
  const shared = sameLegend(series)
  const framed = figure.panels.map((panel, i) => frame(panel, series[i], !shared))
  const cell = cellFor(framed)
  const columns = framed.length > 1 ? 2 : 1
  const width = columns * (cell.width + GAP) - GAP
  const title = wrap(figure.title, FONT_SIZE.title * BOLD, width)
  const legend = legendOf(shared ? series : [], width)
  const caption = wrap(figure.caption, FONT_SIZE.caption, width)

  const legendTop = MARGIN + roomFor(title, FONT_SIZE.title) + SPACE
  const panelsTop = legendTop + legend.height + SPACE
  const captionTop = panelsTop + Math.ceil(framed.length / columns) * (cell.height + GAP)

  return {
    width: width + 2 * MARGIN,
    height: captionTop + roomFor(caption, FONT_SIZE.caption) + MARGIN,
    autosize: 'none',
    padding: 0,
    background: PAPER,
    marks: [
      textMark(title, MARGIN, MARGIN, FONT_SIZE.title, { fontWeight: 'bold' }),
      groupMark(MARGIN, legendTop, legend.marks),
      ...framed.map((one, i) => {
        const left = MARGIN + (i % columns) * (cell.width + GAP)
        const top = panelsTop + Math.floor(i / columns) * (cell.height + GAP)
        return groupMark(left, top, cellMarks(one, cell))
      }),
      textMark(caption, MARGIN, captionTop, FONT_SIZE.caption, { fill: PALE_INK })
    ]
  }
}

function frame(panel: Panel, series: DressedSeries[], withLegend: boolean): Framed {
  return {
    panel,
    series,
    title: wrap(panel.title ?? '', FONT_SIZE.panel * BOLD, PLOT.width),
    xLabel: wrap(panel.x.label, FONT_SIZE.axis, PLOT.width),
    yLabel: wrap(panel.y.label, FONT_SIZE.axis, PLOT.height),
    legend: legendOf(withLegend ? [series] : [], PLOT.width)
  }
}

function cellFor(framed: Framed[]): Cell {
  const most = (room: (one: Framed) => number) => Math.max(0, ...framed.map(room))
  const yLabel = most(one => roomFor(one.yLabel, FONT_SIZE.axis))
  const title = most(one => roomFor(one.title, FONT_SIZE.panel))
  const legend = most(one => one.legend.height)
  const plotLeft = yLabel + TICK_ROOM.left
  const legendTop = title + SPACE / 2
  const plotTop = legendTop + legend + SPACE
  const xLabelTop = plotTop + PLOT.height + TICK_ROOM.bottom
  const height = xLabelTop + most(one => roomFor(one.xLabel, FONT_SIZE.axis))
  return { plotLeft, plotTop, legendTop, xLabelTop, width: plotLeft + PLOT.width + TICK_ROOM.right, height }
}

function cellMarks({ panel, series, title, xLabel, yLabel, legend }: Framed, cell: Cell): Mark[] {
  const middle = { x: cell.plotLeft + PLOT.width / 2, y: cell.plotTop + PLOT.height / 2 }
  const yLabelLeft = cell.plotLeft - TICK_ROOM.left - roomFor(yLabel, FONT_SIZE.axis)

  return [
    textMark(title, cell.plotLeft, 0, FONT_SIZE.panel, { fontWeight: 'bold' }),
    groupMark(cell.plotLeft, cell.legendTop, legend.marks),
    textMark(yLabel, yLabelLeft, middle.y, FONT_SIZE.axis, { angle: -90, align: 'center' }),
    plotMark(panel, series, cell.plotLeft, cell.plotTop),
    textMark(xLabel, middle.x, cell.xLabelTop, FONT_SIZE.axis, { align: 'center' })
  ]
}

function roomFor(lines: string[], fontSize: number): number {
  return lines.length * lineHeight(fontSize)
}
