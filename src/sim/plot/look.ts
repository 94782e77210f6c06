import type { Panel, Series } from './figure.ts'

/** What tells a series apart, on paper without colours too: its dashes and its mark. */
export interface Look {
  color: string
  /** Lengths of dashes and gaps; none for a solid line. */
  dash: number[]
  lineWidth: number
  shape: string
  /** Area of the mark, in square pixels, as Vega counts it. */
  markSize: number
  /** What fills the mark: the colour of the line, or paper. */
  markFill: string
}

export const INK = '#222'
export const PAPER = '#fff'

/**
 * Okabe and Ito, "Color Universal Design" (2008), without the yellow that white paper swallows: for readers who see
 * red and green alike. The order sets unlike lightnesses beside each other.
 */
const COLORS = ['#0072B2', '#E69F00', '#000000', '#009E73', '#D55E00', '#56B4E9', '#CC79A7']

const DASHES = [[], [7, 3], [2, 2], [9, 3, 2, 3], [4, 2], [9, 2, 2, 2, 2, 2]]

/** With the sizes at which they look equally large. */
const SHAPES: Array<[name: string, size: number]> = [
  ['circle', 32],
  ['square', 30],
  ['triangle-up', 34],
  ['diamond', 46],
  ['triangle-down', 34],
  ['cross', 42]
]

const YARDSTICK_DASHES = [
  [5, 4],
  [1, 3]
]

/** So many series look different; more begin anew. */
const LOOKS = 2 * SHAPES.length

function seriesLook(index: number): Look {
  const at = index % LOOKS
  const color = COLORS[at % COLORS.length]
  const [shape, markSize] = SHAPES[at % SHAPES.length]
  const filled = (at + Math.floor(at / SHAPES.length)) % 2 === 0

  return {
    color,
    dash: DASHES[at % DASHES.length],
    lineWidth: 1.6,
    shape,
    markSize,
    markFill: filled ? color : PAPER
  }
}

function yardstickLook(index: number): Look {
  const dash = YARDSTICK_DASHES[index % YARDSTICK_DASHES.length]
  return { color: '#777', dash, lineWidth: 1, shape: 'circle', markSize: 16, markFill: '#777' }
}

export interface DressedSeries extends Series {
  look: Look
  /** Of the panels' series those of one identity look alike. */
  identity: string
}

/** Gives the series of all panels their looks: one to each label, and to each of several of one label in a panel. */
export function dress(panels: Panel[]): DressedSeries[][] {
  const looks = new Map<string, Look>()
  let series = 0
  let yardsticks = 0

  return panels.map(panel => {
    const seen = new Map<string, number>()

    return panel.series.map(one => {
      const yardstick = one.kind === 'yardstick'
      const name = `${yardstick} ${one.label}`
      const count = seen.get(name) ?? 0
      seen.set(name, count + 1)
      const identity = `${count} ${name}`
      const look = looks.get(identity) ?? (yardstick ? yardstickLook(yardsticks++) : seriesLook(series++))
      looks.set(identity, look)
      return { ...one, look, identity }
    })
  })
}
