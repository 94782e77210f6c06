import { ENOUGH_TO_ESTIMATE } from './constants.ts'
import type { Gathered } from './statistics.ts'

/** How many peers were seen so often. */
export interface SeenCount {
  /** Times, from 1 to 63; 63 stands for more, too. */
  seen: number
  peers: number
  /** How many of as many peers it would be by chance (Poisson) if all had the same in-degree. To a tenth. */
  byChance: number
}

/** In-degrees as they look from here: in how many views peers are. To a tenth. */
export interface InDegreeEstimate {
  min: number
  p10: number
  median: number
  p90: number
  max: number
  /** By how much chance alone makes one such estimate err, usually: its standard deviation, in links. */
  error: number
}

/**
 * What the answers to a peer's own exchanges say of the network: how often each other peer is named there is in proportion
 * to its in-degree. Counts are of the window, the last 512 to 1,024 names, or of a half of it.
 */
export interface SightingsReport {
  /** Names in the window. */
  window: number
  /** How often a peer of usual in-degree is to be expected among them. */
  expected: number
  /** Answers that were judged, since the start; and those of them that named too many peers who are named far too often. */
  judged: number
  /** With the defence `statistics` these changed nothing. With another one they were heeded all the same. */
  unheeded: number
  /** Peers suspected now, whatever the defence. */
  suspects: number
  /** Peers not taken from others now: with the defence `statistics` the suspects, and who is named too often for a chance
   * of 1 in 1,000. With another one 0. */
  refused: number
  /** Different peers in the fuller half of the window. */
  peers: number
  /**
   * How many of these were seen how often. In a large network most are seen once or never, which says nothing of any single
   * one of them; all together they say whether somebody is seen far more often than chance would have it.
   */
  counts: SeenCount[]
  /** In-degrees, where a peer is to be expected four times or more in half a window: in networks of up to about a hundred. */
  inDegree?: InDegreeEstimate
}

/** @param view - members that a view holds, by one's own: the mean in-degree */
export function sightingsReport(
  { sightings, expected, half, judged, unheeded }: Gathered,
  view: number,
  { suspects, refused }: { suspects: number; refused: number }
): SightingsReport {
  const { histogram } = half
  const peers = histogram.reduce((sum, peers) => sum + peers, 0)
  const expectedInHalf = sightings === 0 ? 0 : (expected * half.sightings) / sightings
  return {
    window: sightings,
    expected: rounded(expected, 2),
    judged,
    unheeded,
    suspects,
    refused,
    peers,
    counts: peers === 0 ? [] : countsOf(histogram, peers, expectedInHalf),
    ...(peers > 0 && expectedInHalf >= ENOUGH_TO_ESTIMATE
      ? { inDegree: inDegreesOf(histogram, peers, expectedInHalf, view) }
      : {})
  }
}

/** Those that there are, and those that there should be one of. */
function countsOf(histogram: number[], peers: number, expected: number): SeenCount[] {
  // those that were not seen are peers, too
  let chance = (peers / (1 - Math.exp(-expected))) * Math.exp(-expected)
  let left = peers

  return histogram
    .map((peers, i) => {
      const seen = i + 1
      chance *= expected / seen
      const byChance = seen === histogram.length ? left : chance
      left -= chance
      return { seen, peers, byChance: rounded(Math.max(0, byChance)) }
    })
    .filter(({ peers, byChance }) => peers > 0 || byChance >= 1)
}

function inDegreesOf(histogram: number[], peers: number, expected: number, view: number): InDegreeEstimate {
  const quantile = (share: number) => {
    let below = 0
    const at = histogram.findIndex(count => {
      below += count
      return below > 0 && below >= share * peers
    })
    return rounded(((at + 1) / expected) * view)
  }

  return {
    min: quantile(0),
    p10: quantile(0.1),
    median: quantile(0.5),
    p90: quantile(0.9),
    max: quantile(1),
    error: rounded(view / Math.sqrt(expected))
  }
}

function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits))
}
