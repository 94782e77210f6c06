import type { Views } from '../../gossip/views.ts'

/**
 * Peers of each view that are joined before all others. Two random peers each make a graph connected almost surely
 * (Fenner and Frieze, "On the connectivity of random m-orientable graphs and digraphs", Combinatorica 2, 1982), so that
 * the rest of the views mostly need not be read.
 */
const FIRST_PEERS = 3

/**
 * Connected components of the living, links taken in both directions: union-find with path halving (Tarjan and van
 * Leeuwen, JACM 31(2), 1984). Those who know nobody and whom nobody knows count as one each; with nobody alive there is
 * none.
 *
 * @param alive - 1 for the living
 * @param parents - room for a number a node, for who asks often
 */
export function countComponents(
  views: Views,
  alive: Uint8Array,
  parents: Int32Array = new Int32Array(views.nodes)
): number {
  let living = 0

  for (let node = 0; node < views.nodes; node++) {
    parents[node] = node
    living += alive[node]
  }

  const left = join(views, alive, parents, 0, FIRST_PEERS, living)
  return join(views, alive, parents, FIRST_PEERS, views.capacity, left)
}

/** Joins each node with the peers from here to there in its view. @returns how many components are left of so many */
function join(
  views: Views,
  alive: Uint8Array,
  parents: Int32Array,
  from: number,
  to: number,
  components: number
): number {
  const { words } = views
  let left = components

  for (let node = 0; node < views.nodes && left > 1; node++) {
    if (alive[node] === 0) {
      continue
    }

    const first = views.firstPeer(node)
    const end = first + Math.min(to, views.size(node))
    let root = rootOf(parents, node)

    for (let i = first + from; i < end; i++) {
      const peer = words[i]

      if (alive[peer] === 0 || parents[peer] === root) {
        continue
      }

      const other = rootOf(parents, peer)

      if (other !== root) {
        left--
        parents[Math.max(root, other)] = Math.min(root, other)
        root = Math.min(root, other)
      }
    }
  }

  return left
}

function rootOf(parents: Int32Array, node: number): number {
  let at = node

  while (parents[at] !== at) {
    parents[at] = parents[parents[at]]
    at = parents[at]
  }

  return at
}
