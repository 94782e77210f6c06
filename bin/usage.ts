/** The command was used wrongly: one line on stderr, exit 2. The message begins with what it is about. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The verb could not do its work: one line on stderr, exit 1. */
export class FailedError extends Error {
  override readonly name = 'FailedError'
}

export const EXIT_DONE = 0
export const EXIT_FAILED = 1
export const EXIT_USAGE = 2
export const EXIT_INTERRUPTED = 130

/** What the user probably meant, or undefined when nothing is close. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  // A slip in three letters is about as far as a guess still helps; in a short word it is less.
  const limit = Math.min(3, Math.ceil(word.length / 3))
  const ranked = candidates
    .map(candidate => ({ candidate, distance: editDistance(word, candidate) }))
    .sort((a, b) => a.distance - b.distance)

  return ranked[0] != null && ranked[0].distance <= limit ? ranked[0].candidate : undefined
}

/** Insertions, deletions, replacements and swaps of neighbours that make one word into another (Damerau, 1964). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]

  for (let i = 1; i <= a.length; i++) {
    const row = [i]

    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + cost)

      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1)
      }
    }

    rows.push(row)
  }

  return rows[a.length][b.length]
}
