import type { Random } from '../gossip/random.ts'
import type { Views } from '../gossip/views.ts'
import { fillAtRandom } from './graph/random-graph.ts'
import type { Start } from './parameters.ts'

/** Gives the first `nodes` nodes what they know when a run begins (TOCS 2007, section 4.1, has the same three). */
export function fillViews(start: Start, views: Views, nodes: number, random: Random): void {
  switch (start) {
    case 'random':
      fillAtRandom(views, nodes, random)
      break
    case 'lattice':
      fillWithNeighbours(views, nodes)
      break
    case 'star':
      fillWithCentre(views, nodes)
      break
  }
}

/** A ring on which everybody knows its nearest, as many on either side. */
function fillWithNeighbours(views: Views, nodes: number): void {
  const size = Math.min(views.capacity, nodes - 1)

  for (let node = 0; node < nodes; node++) {
    for (let i = 0; i < size; i++) {
      const distance = 1 + (i >> 1)
      views.append(node, (node + (i % 2 === 0 ? distance : nodes - distance)) % nodes, 0)
    }
  }
}

/** Everybody knows node 0. */
function fillWithCentre(views: Views, nodes: number): void {
  for (let node = 1; node < nodes; node++) {
    views.append(node, 0, 0)
  }
}
