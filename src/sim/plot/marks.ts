import type { EncodeEntry, GroupMark, Mark } from 'vega'
import { INK, type Look } from './look.ts'
import { FONT, lineHeight } from './sizes.ts'

/** How wide a dot is. */
const DOT = 3

export type Values = Record<string, string | number | number[]>

/** Properties of a mark that are the same for all its items. */
export function literal(values: Values): EncodeEntry {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]))
}

/** A picture within the picture, with its own origin. */
export function groupMark(x: number, y: number, marks: Mark[]): GroupMark {
  return { type: 'group', aria: false, encode: { enter: literal({ x, y }) }, marks }
}

/**
 * Lines of text. The first begins at this height, or, when turned, at this distance from the left.
 *
 * They come to Vega as data: as a part of the specification some words would have a meaning to it.
 */
export function textMark(lines: string[], x: number, y: number, fontSize: number, more: Values = {}): GroupMark {
  const look = { font: FONT, fontSize, lineHeight: lineHeight(fontSize), fill: INK, baseline: 'top', ...more }
  const text: EncodeEntry = { text: { field: 'lines' }, ...literal(look) }
  const mark: Mark = { type: 'text', aria: false, from: { data: 'texts' }, encode: { enter: text } }
  return { ...groupMark(x, y, [mark]), data: [{ name: 'texts', values: [{ lines }] }] }
}

export function lineValues({ color, dash, lineWidth }: Look): Values {
  return { stroke: color, strokeDash: dash, strokeWidth: lineWidth, strokeJoin: 'round' }
}

export function symbolValues({ color, shape, markSize, markFill }: Look): Values {
  return { shape, size: markSize, stroke: color, strokeWidth: 1.2, fill: markFill }
}

export function segmentValues({ color }: Look): Values {
  return { stroke: color, strokeWidth: 0.5 }
}

/** Of a line of no length. */
export function dotValues({ color }: Look): Values {
  return { stroke: color, strokeWidth: DOT, strokeCap: 'round' }
}

/** The same dot as a mark by itself. */
export function dotSymbolValues({ color }: Look): Values {
  return { shape: 'circle', size: (Math.PI / 4) * DOT ** 2, fill: color }
}

/** Outlined, for paper without colours. */
export function barValues({ color }: Look): Values {
  return { fill: color, stroke: INK, strokeWidth: 0.5 }
}

export function bandValues({ color }: Look): Values {
  return { fill: color, fillOpacity: 0.16 }
}
