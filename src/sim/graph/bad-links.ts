import { PeerFilter } from '../../gossip/peer-filter.ts'
import type { Views } from '../../gossip/views.ts'

/** What is wrong with the links of the living. */
export interface BadLinks {
  /** Share of the links that lead to slots that are not alive; 0 without links. */
  deadLinks: number
  /** Links to the node itself, and to a peer that stands earlier in the same view. */
  selfOrDuplicateLinks: number
}

export function badLinks(views: Views, alive: Uint8Array): BadLinks {
  const { words } = views
  const filter = new PeerFilter(views.capacity)
  let links = 0
  let dead = 0
  let selfOrDuplicateLinks = 0

  for (let node = 0; node < views.nodes; node++) {
    if (alive[node] === 0) {
      continue
    }

    const size = views.size(node)
    const first = views.firstPeer(node)
    links += size
    filter.clear()

    for (let i = 0; i < size; i++) {
      const peer = words[first + i]
      dead += 1 - alive[peer]

      if (peer === node || (filter.mayHold(peer) && views.indexOf(node, peer) < i)) {
        selfOrDuplicateLinks++
      }

      filter.add(peer)
    }
  }

  return { deadLinks: links === 0 ? 0 : dead / links, selfOrDuplicateLinks }
}
