import type { Panel } from '../plot/figure.ts'
import type { TorusMap } from './atlas.ts'

/** How far beyond the outermost points the map goes: where links that go round leave it and come in again. */
const EDGE = 0.5

type Segment = [x1: number, y1: number, x2: number, y2: number]

/** The torus as a square: nodes at their points, lines to their neighbours. */
export function mapPanel(title: string, { width, height, nodes, links }: TorusMap): Panel {
  const at = (point: number): [number, number] => [point % width, Math.floor(point / width)]
  const segments: Segment[] = []

  for (let i = 0; i < links.length; i += 2) {
    segments.push(...linkSegments(at(links[i]), at(links[i + 1]), width, height))
  }

  return {
    title,
    x: { label: 'x' },
    y: { label: 'y' },
    aspect: 'equal',
    axes: false,
    series: [
      { label: '', kind: 'segments', points: [], segments },
      { label: '', kind: 'dots', points: Array.from(nodes, at) }
    ]
  }
}

/** A link the short way. One that goes over an edge is drawn from each end to where it leaves the map. */
export function linkSegments(
  [ax, ay]: [number, number],
  [bx, by]: [number, number],
  width: number,
  height: number
): Segment[] {
  const dx = shortWay(bx - ax, width)
  const dy = shortWay(by - ay, height)

  if (ax + dx === bx && ay + dy === by) {
    return [[ax, ay, bx, by]]
  }

  return [outward(ax, ay, dx, dy, width, height), outward(bx, by, -dx, -dy, width, height)]
}

/** From a point this way, as far as the edge of the map. */
function outward(x: number, y: number, dx: number, dy: number, width: number, height: number): Segment {
  const room = (from: number, step: number, length: number) => {
    const free = step > 0 ? length - 1 + EDGE - from : from + EDGE
    return step === 0 ? 1 : free / Math.abs(step)
  }
  const part = Math.min(1, room(x, dx, width), room(y, dy, height))
  return [x, y, x + dx * part, y + dy * part]
}

/** Steps, to the left or downward if negative, that are no more than half of the way round. */
function shortWay(difference: number, length: number): number {
  const half = length / 2
  return difference > half ? difference - length : difference < -half ? difference + length : difference
}
