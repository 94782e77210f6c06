import type { Mark, Spec } from 'vega'
import type { Axis, Figure, Panel } from './figure.ts'
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

const NO_TICK_ROOM = { left: 0, bottom: 0, right: 0 }

/** Where things are within a panel: as the most demanding one needs it, so that the axes of neighbours are level. */
interface Cell {
  legendTop: number
  plotLeft: number
  plotTop: number
  width: number
  /** Below the plot: ticks and what is written under them. */
  ticks: number
  xLabel: number
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
  const rows = rowsOfPanels(framed, columns, cell, panelsTop)
  const captionTop = rows.reduce((top, row) => top + row.height + GAP, panelsTop)

  return {
    width: width + 2 * MARGIN,
    height: captionTop + roomFor(caption, FONT_SIZE.caption) + MARGIN,
    autosize: 'none',
    padding: 0,
    background: PAPER,
    marks: [
      textMark(title, MARGIN, MARGIN, FONT_SIZE.title, { fontWeight: 'bold' }),
      groupMark(MARGIN, legendTop, legend.marks),
      ...rows.flatMap(row =>
        row.framed.map((one, i) =>
          groupMark(MARGIN + i * (cell.width + GAP), row.top, cellMarks(one, row.cell, row.plotHeight))
        )
      ),
      textMark(caption, MARGIN, captionTop, FONT_SIZE.caption, { fill: PALE_INK })
    ]
  }
}

/** Panels beside each other, whose plots are of one height. */
interface PanelRow {
  framed: Framed[]
  /** What is above the plots is as high as this row needs it; what is beside them is as wide as in all others. */
  cell: Cell
  top: number
  height: number
  plotHeight: number
}

/** A map is a square, and those beside it become as high. */
function rowsOfPanels(framed: Framed[], columns: number, { plotLeft, width }: Cell, panelsTop: number): PanelRow[] {
  const rows: PanelRow[] = []
  let top = panelsTop

  for (let first = 0; first < framed.length; first += columns) {
    const row = framed.slice(first, first + columns)
    const cell = { ...cellFor(row), plotLeft, width }
    const plotHeight = row.some(({ panel }) => panel.aspect === 'equal') ? PLOT.width : PLOT.height
    const height = cell.plotTop + plotHeight + cell.ticks + cell.xLabel
    rows.push({ framed: row, cell, top, height, plotHeight })
    top += height + GAP
  }

  return rows
}

function frame(panel: Panel, series: DressedSeries[], withLegend: boolean): Framed {
  const label = (axis: Axis, width: number) => wrap(panel.axes === false ? '' : axis.label, FONT_SIZE.axis, width)

  return {
    panel,
    series,
    title: wrap(panel.title ?? '', FONT_SIZE.panel * BOLD, PLOT.width),
    xLabel: label(panel.x, PLOT.width),
    yLabel: label(panel.y, PLOT.height),
    legend: legendOf(withLegend ? [series] : [], PLOT.width)
  }
}

function cellFor(framed: Framed[]): Cell {
  const most = (room: (one: Framed) => number) => Math.max(0, ...framed.map(room))
  const yLabel = most(one => roomFor(one.yLabel, FONT_SIZE.axis))
  const title = most(one => roomFor(one.title, FONT_SIZE.panel))
  const legend = most(one => one.legend.height)
  // what a tick's label needs beside the axes' ends
  const ticks = framed.some(one => one.panel.axes !== false) ? TICK_ROOM : NO_TICK_ROOM
  const plotLeft = yLabel + ticks.left
  const legendTop = title + SPACE / 2
  const plotTop = legendTop + legend + SPACE
  const xLabel = most(one => roomFor(one.xLabel, FONT_SIZE.axis))
  return { plotLeft, plotTop, legendTop, xLabel, ticks: ticks.bottom, width: plotLeft + PLOT.width + ticks.right }
}

function cellMarks({ panel, series, title, xLabel, yLabel, legend }: Framed, cell: Cell, plotHeight: number): Mark[] {
  const middle = { x: cell.plotLeft + PLOT.width / 2, y: cell.plotTop + plotHeight / 2 }
  const yLabelLeft = cell.plotLeft - TICK_ROOM.left - roomFor(yLabel, FONT_SIZE.axis)

  return [
    textMark(title, cell.plotLeft, 0, FONT_SIZE.panel, { fontWeight: 'bold' }),
    groupMark(cell.plotLeft, cell.legendTop, legend.marks),
    textMark(yLabel, yLabelLeft, middle.y, FONT_SIZE.axis, { angle: -90, align: 'center' }),
    plotMark(panel, series, cell.plotLeft, cell.plotTop, plotHeight),
    textMark(xLabel, middle.x, cell.plotTop + plotHeight + cell.ticks, FONT_SIZE.axis, { align: 'center' })
  ]
}

function roomFor(lines: string[], fontSize: number): number {
  return lines.length * lineHeight(fontSize)
}
