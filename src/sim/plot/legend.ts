import type { Mark } from 'vega'
import type { DressedSeries, Look } from './look.ts'
import {
  bandValues,
  barValues,
  dotSymbolValues,
  lineValues,
  literal,
  segmentValues,
  symbolValues,
  textMark,
  type Values
} from './marks.ts'
import { FONT_SIZE, lineHeight } from './sizes.ts'
import { textWidth, wrap } from './text.ts'

/** The sample of a series' look, and the spaces after it and after the label. */
const KEY = 30
const KEY_GAP = 6
const COLUMN_GAP = 14

const LINE = lineHeight(FONT_SIZE.legend)
const ROW_GAP = 3

const BAND_LOOK: Look = { color: '#000', dash: [], lineWidth: 0, shape: 'circle', markSize: 0, markFill: '#000' }

interface Entry {
  label: string
  kind: NonNullable<DressedSeries['kind']> | 'band'
  look: Look
}

/** Whether one panel shows all series that the others do, so that one legend does for all. */
export function sameLegend(panels: DressedSeries[][]): boolean {
  const identities = panels.map(series => new Set(series.map(({ identity }) => identity)))
  const all = new Set(identities.flatMap(own => [...own]))
  return identities.some(own => own.size === all.size)
}

function entriesOf(panels: DressedSeries[][]): Entry[] {
  const all = panels.flat()
  const entries = new Map<string, Entry>()

  for (const { identity, label, kind = 'line', look } of all) {
    const known = entries.get(identity)

    // a line shows all of a look
    if (label.trim() !== '' && (known === undefined || kind === 'line')) {
      entries.set(identity, { label, kind, look })
    }
  }

  const spread = all.some(series => series.spread?.some(deviation => deviation > 0))
  return [
    ...entries.values(),
    ...(spread ? [{ label: '± 1 standard deviation', kind: 'band', look: BAND_LOOK } as const] : [])
  ]
}

export interface Legend {
  height: number
  marks: Mark[]
}

/** The legend of these panels, in as many columns as fit into the width. */
export function legendOf(panels: DressedSeries[][], width: number): Legend {
  const labels = entriesOf(panels).map(entry => {
    const lines = wrap(entry.label, FONT_SIZE.legend, width - KEY - KEY_GAP)
    return { ...entry, lines, width: Math.max(...lines.map(line => textWidth(line, FONT_SIZE.legend))) }
  })
  const column = KEY + KEY_GAP + Math.max(0, ...labels.map(label => label.width)) + COLUMN_GAP
  const columns = Math.max(1, Math.floor((width + COLUMN_GAP) / column))
  const marks: Mark[] = []
  let y = 0

  for (let first = 0; first < labels.length; first += columns) {
    const row = labels.slice(first, first + columns)
    row.forEach(({ lines, ...entry }, i) => {
      marks.push(...keyMarks(entry, i * column, y + LINE / 2 - 1))
      marks.push(textMark(lines, i * column + KEY + KEY_GAP, y, FONT_SIZE.legend))
    })
    y += Math.max(...row.map(({ lines }) => lines.length)) * LINE + ROW_GAP
  }

  return { height: y, marks }
}

function keyMarks({ kind, look }: Entry, x: number, middle: number): Mark[] {
  const mark = (type: 'rule' | 'symbol' | 'rect', values: Values): Mark => ({
    type,
    aria: false,
    encode: { enter: literal(values) }
  })
  const box = { x: x + KEY / 2 - 9, y: middle - 5, width: 18, height: 10 }
  const across = { x, x2: x + KEY, y: middle, y2: middle }
  const center = { x: x + KEY / 2, y: middle }
  const rule = mark('rule', { ...across, ...lineValues(look) })
  const symbol = mark('symbol', { ...center, ...symbolValues(look) })

  switch (kind) {
    case 'band':
      return [mark('rect', { ...box, ...bandValues(look) })]
    case 'bars':
      return [mark('rect', { ...box, ...barValues(look) })]
    case 'points':
      return [symbol]
    case 'yardstick':
      return [rule]
    case 'segments':
      return [mark('rule', { ...across, ...segmentValues(look) })]
    case 'dots':
      return [mark('symbol', { ...center, ...dotSymbolValues(look) })]
    case 'line':
      return [rule, symbol]
  }
}
