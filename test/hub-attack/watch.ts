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

/** The round that the peer is in. Peers have rounds of their own, and on a busy machine some are ahead of others. */
export function roundOf({ sampling }: Watched): number {
  return sampling.statistics().rounds
}

/** Waits for some rounds of each peer, and tells of each round what all knew, each of them in its own. */
export async function watch(peers: Watched[], rounds: { from: number; to: number }, deadline: number) {
  const seen: Member[][] = peers.map(() => [])

  const look = (peer: Watched, i: number): boolean => {
    const passed = Math.min(roundOf(peer), rounds.to) - rounds.from + 1

    if (seen[i].length < passed) {
      // more than one round may have passed since the last look
      seen[i].push(...Array(passed - seen[i].length).fill(memberOf(peer)))
    }

    return seen[i].length > rounds.to - rounds.from
  }

  await eventually(() => peers.map(look).every(done => done), { deadline, what: `round ${rounds.to} of each peer` })
  return seen[0].map((_, round) => seen.map(each => each[round]))
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
