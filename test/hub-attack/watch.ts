import type { PeerSampling } from '../../src/sampling/index.ts'
import { eventually } from '../support/eventually.ts'

/** What the attackers have got of the honest peers. */
export interface Capture {
  /** Share of the links of honest views that lead to attackers. */
  pollutedLinks: number
  /** Honest peers with nobody but attackers in their views. */
  isolatedNodes: number
}

interface Seen {
  polluted: number
  links: number
}

/**
 * Looks at honest peers for so many of their rounds. Each peer has rounds of its own, and on a busy machine some are ahead
 * of others: what is told of a round is of each peer in its own.
 */
export async function watch(
  peers: PeerSampling[],
  attackers: ReadonlySet<string>,
  rounds: number,
  deadline: number
): Promise<Capture[]> {
  const roundOf = (peer: PeerSampling) => peer.statistics().rounds
  const began = peers.map(roundOf)
  const seen: Seen[][] = peers.map(() => [])

  const look = (peer: PeerSampling, i: number): boolean => {
    const elapsed = roundOf(peer) - began[i]
    const mine = seen[i]

    if (mine.length < Math.min(elapsed, rounds)) {
      const links = peer.view.map(({ id }) => id.toString())
      const now = { polluted: links.filter(id => attackers.has(id)).length, links: links.length }

      // more than one round may have passed since the last look
      while (mine.length < Math.min(elapsed, rounds)) {
        mine.push(now)
      }
    }

    return mine.length === rounds
  }

  await eventually(() => peers.map(look).every(done => done), { deadline, what: `${rounds} rounds of each peer` })

  return Array.from({ length: rounds }, (_, round) => {
    const all = seen.map(each => each[round])
    const links = all.reduce((sum, each) => sum + each.links, 0)

    return {
      pollutedLinks: all.reduce((sum, { polluted }) => sum + polluted, 0) / links,
      isolatedNodes: all.filter(({ polluted, links }) => polluted === links).length
    }
  })
}
