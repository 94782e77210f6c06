import type { Random } from '../../gossip/random.ts'
import { Views } from '../../gossip/views.ts'
import { type GraphMeasures, GraphMeter } from './meter.ts'

/**
 * Fills the views of the first `nodes` nodes with distinct random others of them, of age 0 and in random order: the
 * random graph with which gossip overlays are compared, and a start that needs no joining.
 *
 * @param nodes - how many; each gets as many others as its view has room for, or all when there are fewer
 */
export function fillAtRandom(views: Views, nodes: number, random: Random): void {
  const count = Math.min(views.capacity, nodes - 1)
  // how far ahead of a node, going round, each of the others is: the same numbers for all, and never 0
  const offsets = Array.from({ length: nodes - 1 }, (_, i) => i + 1)

  for (let node = 0; node < nodes; node++) {
    views.clear(node)
    random.choose(offsets, count)

    for (let i = 0; i < count; i++) {
      views.append(node, (node + offsets[i]) % nodes, 0)
    }
  }
}

/** What is measured of a random graph of so many nodes with so many links each: what others are held against. */
export function randomGraphMeasures(nodes: number, view: number, random: Random): GraphMeasures {
  const views = new Views(nodes, view)
  fillAtRandom(views, nodes, random)
  return new GraphMeter(views).measure(new Uint8Array(nodes).fill(1), random)
}
