/** What an experiment shows: panels of series over common axes, as plain data. See {@link drawFigure}. */
export interface Figure {
  /** What is seen, in one line. */
  title: string
  /** What it takes to repeat it: parameters and seed. Small, under the panels; a line break begins a new line. */
  caption: string
  panels: Panel[]
}

export interface Panel {
  title?: string
  x: Axis
  y: Axis
  series: Series[]
  /** `equal` for a map: a square without grid, on which a unit is as long both ways. Its axes are linear. */
  aspect?: 'equal'
  /** False leaves out the axes, their labels and the grid. Default: true. */
  axes?: boolean
}

export interface Axis {
  /** With its unit: `round`, `in-degree (links)`, `share of dead links (%)`. */
  label: string
  /** Default linear. A logarithmic axis leaves out what is not above zero. */
  scale?: 'linear' | 'log'
}

export interface Series {
  /** In the legend, unless empty. The same label has the same look in every panel of a figure. */
  label: string
  /** In the order in which they are joined; none for segments. What is not finite is left out and interrupts a line. */
  points: Array<[x: number, y: number]>
  /** Standard deviation of each point over the seeds, in units of y: drawn as a pale band. */
  spread?: number[]
  /** What a series of segments has instead of points: thin straight lines. One with an end that is not finite is left out. */
  segments?: Array<[x1: number, y1: number, x2: number, y2: number]>
  /**
   * Default `line`. A `yardstick` is what the others are held against, such as the random graph. `segments` and `dots`,
   * which are small points, are for many thousands of them.
   */
  kind?: 'line' | 'bars' | 'points' | 'yardstick' | 'segments' | 'dots'
}
