/** Somebody who could be contacted for some topics. */
export interface Candidate {
  /** The marks of its topics. */
  marks: ReadonlySet<number>
}

/**
 * Whom to contact, so that no topic lacks subscribers: those first that serve the most topics that still lack some, and of equals
 * those that come first.
 *
 * @param lacking - subscribers that a topic still lacks, by its mark
 * @param limit - contacts, at most
 */
export function choosePeers<T extends Candidate>(
  candidates: T[],
  lacking: ReadonlyMap<number, number>,
  limit: number
): T[] {
  const left = new Map(lacking)
  const rest = new Set(candidates)
  const chosen: T[] = []

  while (chosen.length < limit) {
    let best: T | undefined
    let most = 0

    for (const candidate of rest) {
      const served = [...candidate.marks].filter(mark => (left.get(mark) ?? 0) > 0).length

      if (served > most) {
        best = candidate
        most = served
      }
    }

    if (best == null) {
      break
    }

    rest.delete(best)
    chosen.push(best)

    for (const mark of best.marks) {
      left.set(mark, (left.get(mark) ?? 0) - 1)
    }
  }

  return chosen
}
