import type { Data, EncodeEntry, Mark } from 'vega'
import type { DressedSeries } from './look.ts'
import { bandValues, barValues, lineValues, literal, symbolValues, type Values } from './marks.ts'
import type { Row } from './rows.ts'

/** A series and the points that are drawn of it. */
export interface PlottedSeries {
  series: DressedSeries
  rows: Row[]
  /** Which of the panel it is. */
  at: number
}

const PLACE: EncodeEntry = { x: { scale: 'x', field: 'x' }, y: { scale: 'y', field: 'y' } }
const DEFINED: EncodeEntry = { defined: { field: 'drawn' } }

export const rowsName = (at: number) => `rows ${at}`
const markedName = (at: number) => `marked ${at}`

/** What the marks of the series are drawn from. */
export function seriesData({ rows, at }: PlottedSeries): Data[] {
  const marked = rows.filter(row => row.marked).map(({ x, y }) => ({ x, y }))
  return [
    { name: rowsName(at), values: rows },
    { name: markedName(at), values: marked }
  ]
}

function mark(type: 'area' | 'line' | 'rect' | 'symbol', data: string, places: EncodeEntry, values: Values): Mark {
  return { type, aria: false, from: { data }, encode: { enter: { ...places, ...literal(values) } } }
}

export function bandMark({ series, at }: PlottedSeries): Mark {
  const ends = { y: { scale: 'y', field: 'low' }, y2: { scale: 'y', field: 'high' } }
  return mark('area', rowsName(at), { ...PLACE, ...DEFINED, ...ends }, bandValues(series.look))
}

export function lineMark({ series, at }: PlottedSeries): Mark {
  return mark('line', rowsName(at), { ...PLACE, ...DEFINED }, lineValues(series.look))
}

export function symbolMark({ series, at }: PlottedSeries): Mark {
  return mark('symbol', markedName(at), PLACE, symbolValues(series.look))
}

/**
 * @param offset - of the bar's middle from its x, in pixels, as is its width
 * @param foot - where it stands, when that is not at zero
 */
export function barMark({ series, at }: PlottedSeries, offset: number, width: number, foot?: number): Mark {
  const places = {
    xc: { scale: 'x', field: 'x', offset },
    y: { scale: 'y', field: 'y' },
    y2: foot === undefined ? { scale: 'y', value: 0 } : { value: foot }
  }
  return mark('rect', markedName(at), places, { ...barValues(series.look), width })
}
