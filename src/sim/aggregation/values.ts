import type { Range } from '../../aggregation/aggregate.ts'
import type { Random } from '../../gossip/random.ts'

/**
 * What values the nodes hold, all along:
 *
 * - `uniform`: drawn from [0, 1);
 * - `peak`: node 0 holds as much as there are nodes at the start, all others 0: the mean is 1, and as far away as can be;
 * - `linear`: evenly spread over [0, 1], in the order of the nodes.
 */
export type Distribution = 'uniform' | 'peak' | 'linear'
export const DISTRIBUTIONS: readonly Distribution[] = ['uniform', 'peak', 'linear']

/** What the values of so many nodes lie within. */
export function rangeOf(distribution: Distribution, nodes: number): Range {
  return { from: 0, to: distribution === 'peak' ? nodes : 1 }
}

/**
 * The values of all nodes that there ever will be. Newcomers draw theirs from what those at the start hold; with a peak
 * they hold 0.
 *
 * @param nodes - nodes at the start
 * @param slots - nodes that there ever will be
 */
export function drawValues(distribution: Distribution, nodes: number, slots: number, random: Random): Float64Array {
  const spread = (place: number) => (place + 0.5) / nodes

  return Float64Array.from({ length: slots }, (_, node) => {
    switch (distribution) {
      case 'uniform':
        return random.fraction()
      case 'peak':
        return node === 0 ? nodes : 0
      case 'linear':
        return spread(node < nodes ? node : random.below(nodes))
    }
  })
}
