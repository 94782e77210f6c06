import type { Random } from '../../gossip/random.ts'
import type { RoundTrips } from './round-trips.ts'

/** Pairs that a mean is taken of: all of them, where there are no more. The mean is then off by a percent or so. */
const MAX_PAIRS = 10_000

/** Mean round-trip time of different nodes, of which there are at least two. It is the same either way. */
export function meanRoundTrip(roundTrip: RoundTrips['roundTrip'], nodes: number, random: Random): number {
  const pairs = (nodes * (nodes - 1)) / 2
  let sum = 0

  if (pairs <= MAX_PAIRS) {
    for (let from = 1; from < nodes; from++) {
      for (let to = 0; to < from; to++) {
        sum += roundTrip(from, to)
      }
    }

    return sum / pairs
  }

  for (let i = 0; i < MAX_PAIRS; i++) {
    const from = random.below(nodes)
    // any but the first one
    const to = (from + 1 + random.below(nodes - 1)) % nodes
    sum += roundTrip(from, to)
  }

  return sum / MAX_PAIRS
}
