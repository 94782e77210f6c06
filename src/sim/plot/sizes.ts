/** Lengths in pixels of the SVG's own coordinates. */

/** The rectangle between a panel's axes. */
export const PLOT = { width: 366, height: 204 }

/** Between the panels, and around them all. */
export const GAP = 18
export const MARGIN = 18

/** What ticks and their labels take of the space around the plot. */
export const TICK_ROOM = { left: 48, bottom: 22, right: 8 }

export const FONT = 'Helvetica, Arial, sans-serif'
export const FONT_SIZE = { title: 15, panel: 12, axis: 12, tick: 10.5, legend: 11, caption: 10 }

/** Of a line of text, by its font size. */
export function lineHeight(fontSize: number): number {
  return Math.ceil(fontSize * 1.3)
}
