import type { Axis } from './figure.ts'
import type { Row } from './rows.ts'

/** How much of the distance between neighbouring values of x their bars take. */
const FILL = 0.8

/** Where the bars of several series stand: side by side around their x. */
export interface Bars {
  /** The left edge of the first and the right edge of the last, if there are any. */
  edges: number[]
  /** Width of a bar as part of the axis, when that spans from low to high. */
  width(low: number, high: number): number
}

/** @param series - the rows of each series of bars */
export function bars(series: Row[][], axis: Axis): Bars {
  const scaled = axis.scale === 'log' ? Math.log10 : (x: number) => x
  const unscaled = axis.scale === 'log' ? (x: number) => 10 ** x : (x: number) => x
  const places = [...new Set(series.flatMap(rows => rows.filter(row => row.drawn).map(row => scaled(row.x))))]
  places.sort((a, b) => a - b)
  const gaps = places.slice(1).map((place, i) => place - places[i])
  const gap = gaps.reduce((least, gap) => Math.min(least, gap), gaps.length > 0 ? Infinity : 1)
  const edges = places.length > 0 ? [places[0] - gap / 2, places[places.length - 1] + gap / 2] : []

  return {
    edges: edges.map(unscaled),
    width: (low, high) => (FILL * gap) / (scaled(high) - scaled(low)) / series.length
  }
}
