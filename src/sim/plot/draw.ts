import type { Figure } from './figure.ts'
import { specOf } from './layout.ts'
import { printable } from './text.ts'

/**
 * Draws the figure as the text of an SVG file: its panels in one column or two, the title above, the caption below.
 * The same figure is the same text on every machine.
 */
export async function drawFigure(figure: Figure): Promise<string> {
  // loaded when there is something to draw: it is large
  const { parse, View } = await import('vega')
  const view = new View(parse(specOf(figure)), { renderer: 'none' })

  try {
    return described(rounded(await view.toSVG()), figure)
  } finally {
    view.finalize()
  }
}

/** Lengths to a hundredth of a pixel: the last digits of a logarithm differ between machines. */
function rounded(svg: string): string {
  // what users say stands between tags, never within
  return svg.replace(/<[^<>]+>/g, tag =>
    tag.replace(/-?\d+(\.\d+e-\d+|e-\d+|\.\d{3,})/g, length => String(Math.round(Number(length) * 100) / 100))
  )
}

/** With what is told to those who do not see it. */
function described(svg: string, { title, caption, panels }: Figure): string {
  const texts = panels.map(panel => {
    const labels = panel.series.map(series => series.label).filter(label => label !== '')
    return `${panel.title ?? ''} (${panel.y.label} over ${panel.x.label}): ${labels.join(', ')}`.trim()
  })
  const description = `<title>${escaped(title)}</title><desc>${escaped([...texts, caption].join('; '))}</desc>`
  return svg.replace('>', () => `>${description}`)
}

function escaped(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
