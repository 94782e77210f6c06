import { captionOf } from '../caption.ts'
import type { LabelledResult } from '../experiment.ts'
import type { Figure, Panel } from '../plot/figure.ts'
import type { ShapeMeasures } from '../shape/meter.ts'
import { mapPanel } from '../shape/torus-map.ts'
import { overTime } from './over-time.ts'

/** How the shape comes about over time; of a single result also the torus itself, as it was after some rounds. */
export function torusFigure(results: Array<LabelledResult<ShapeMeasures>>): Figure {
  const overRounds = (title: string, label: string, value: (measures: ShapeMeasures) => number): Panel => ({
    title,
    x: { label: 'round' },
    y: { label },
    series: results.map(one => overTime(one.label, one.result, value))
  })
  const missing = overRounds(
    'Missing links',
    'right links that nodes lack (%)',
    ({ missingLinks }) => missingLinks * 100
  )
  const panels = [
    { ...missing, y: { ...missing.y, scale: 'log' as const } },
    overRounds('Neighbours', 'mean distance to a neighbour', ({ meanDistance }) => meanDistance),
    overRounds('Routes', 'routes that get there (%)', ({ routeSuccess }) => routeSuccess * 100),
    overRounds('Length of routes', 'mean hops', ({ routeHops }) => routeHops)
  ]

  if (results.some(({ result }) => result.rounds.some(({ deadLinks }) => deadLinks > 0))) {
    panels.push(overRounds('Links to the dead', 'neighbours that are dead (%)', ({ deadLinks }) => deadLinks * 100))
  }

  return { title: 'A torus, built by gossip', caption: captionOf(results), panels: [...panels, ...mapsOf(results)] }
}

/** Of several runs the first is shown. */
function mapsOf(results: Array<LabelledResult<ShapeMeasures>>): Panel[] {
  const [{ result }] = results
  const which = result.repeated === undefined ? '' : `, seed ${result.seed}`
  const maps = results.length === 1 ? (result.atlas?.maps ?? []) : []
  return maps.map(map => mapPanel(map.round === 0 ? `At the start${which}` : `After round ${map.round}${which}`, map))
}
