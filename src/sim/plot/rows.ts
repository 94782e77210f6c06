import type { Panel, Series } from './figure.ts'
import { hasPlace } from './range.ts'

/** About how many points of a line bear its mark: enough to tell lines apart, too few to hide them. */
const MARKS = 10

/** A point as it is drawn. */
export interface Row {
  x: number
  y: number
  /** The ends of the band. */
  low: number
  high: number
  /** Whether it has a place on both axes. */
  drawn: boolean
  /** Whether a mark or a bar stands here. */
  marked: boolean
}

/**
 * @param at - which of so many series this is: marks of different lines stand at different points, so that lines that
 *   run together do not cover each other's
 */
export function rowsOf(series: Series, panel: Panel, at: number, of: number): Row[] {
  const floor = lowestOf(panel)
  const rows = series.points.map((point, i) => row(point, series.spread?.[i], panel, floor))
  const drawn = rows.filter(row => row.drawn)
  const isLine = series.kind === undefined || series.kind === 'line'
  const step = isLine ? Math.max(1, Math.round(drawn.length / MARKS)) : 1
  const first = Math.floor((step * at) / of)

  for (let i = first; i < drawn.length; i += step) {
    drawn[i].marked = series.kind !== 'yardstick'
  }

  rows.forEach((row, i) => {
    // no line leads to it: without a mark it would not be seen
    row.marked ||= row.drawn && !rows[i - 1]?.drawn && !rows[i + 1]?.drawn
  })

  return rows
}

/**
 * How low a band may reach. Where nothing is below zero nothing can be, as with counts and shares. A band that reaches
 * zero leaves a logarithmic axis at its lower end.
 */
function lowestOf({ y, series }: Panel): number {
  if (y.scale === 'log') {
    return Number.MIN_VALUE
  }

  return series.some(({ points }) => points.some(([, value]) => value < 0)) ? Number.NEGATIVE_INFINITY : 0
}

function row([x, y]: [number, number], deviation = 0, panel: Panel, floor: number): Row {
  const spread = deviation > 0 && hasPlace(deviation, panel.y) ? deviation : 0
  return {
    x,
    y,
    low: Math.max(y - spread, floor),
    high: y + spread,
    drawn: hasPlace(x, panel.x) && hasPlace(y, panel.y),
    marked: false
  }
}
