import type { PeerSampling } from '../../src/sampling/index.ts'
import { eventually } from '../support/eventually.ts'
import type { Member } from '../support/graph.ts'

/** A peer, and the key by which others name it. */
export interface Watched {
  key: string
  sampling: PeerSampling
}

/** What the peer knows now. */
export function memberOf({ key, sampling }: Watched): Member {
  return { id: key, view: sampling.view.map(({ id }) => id.toString()) }
}

/**
 * Looks at peers for so many of their rounds, and tells what all knew at the end of each. Peers have rounds of their own,
 * and on a busy machine some are ahead of others: what is told of a round is of each peer in its own.
 */
export async function watch(peers: Watched[], rounds: number, deadline: number): Promise<Member[][]> {
  const roundOf = ({ sampling }: Watched) => sampling.statistics().rounds
  const began = peers.map(roundOf)
  const seen: Member[][] = peers.map(() => [])

  const look = (peer: Watched, i: number): boolean => {
    const elapsed = Math.min(roundOf(peer) - began[i], rounds)

    if (seen[i].length < elapsed) {
      // more than one round may have passed since the last look
      seen[i].push(...Array(elapsed - seen[i].length).fill(memberOf(peer)))
    }

    return elapsed === rounds
  }

  await eventually(() => peers.map(look).every(done => done), { deadline, what: `${rounds} rounds of each peer` })
  return Array.from({ length: rounds }, (_, round) => seen.map(each => each[round]))
}

/** Share of the links that lead to attackers. */
export function pollutedLinks(honest: Member[], attackers: ReadonlySet<string>): number {
  const links = honest.flatMap(({ view }) => view)
  return links.filter(id => attackers.has(id)).length / links.length
}

/** How many know nobody but attackers. */
export function isolatedNodes(honest: Member[], attackers: ReadonlySet<string>): number {
  return honest.filter(({ view }) => view.every(id => attackers.has(id))).length
}
