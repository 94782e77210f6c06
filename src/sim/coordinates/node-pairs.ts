import type { Random } from '../../gossip/random.ts'

/** Up to so many nodes, all pairs of them are measured. */
const MAX_NODES = 1_000

/** Pairs that are drawn where there are more nodes: a median is then off by two thousandths of itself. */
const DRAWN_PAIRS = 200_000

/**
 * Visits ordered pairs of different nodes: all of them, or where there are more than 1,000 nodes, 200,000 that are drawn.
 *
 * @returns how many
 */
export function forEachPair(
  nodes: Int32Array,
  random: Random,
  visit: (from: number, to: number, index: number) => void
): number {
  const { length } = nodes
  let index = 0

  if (length <= MAX_NODES) {
    for (const from of nodes) {
      for (const to of nodes) {
        if (from !== to) {
          visit(from, to, index++)
        }
      }
    }

    return index
  }

  while (index < DRAWN_PAIRS) {
    const from = random.below(length)
    // any but the first one
    const to = (from + 1 + random.below(length - 1)) % length
    visit(nodes[from], nodes[to], index++)
  }

  return index
}

/** Pairs that {@link forEachPair} visits of so many nodes. */
export function pairsOf(nodes: number): number {
  return nodes <= MAX_NODES ? nodes * (nodes - 1) : DRAWN_PAIRS
}
