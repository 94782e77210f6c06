import type { Random } from '../gossip/random.ts'
import type { Region } from './region.ts'

/** Tries to find a value for an axis that a region leaves open, from what others ask for there. */
const COMPANIONS = 3

/**
 * Draws a point that the region holds. On an axis that it does not name, or whose end is nowhere, the value is one that others in
 * `company` ask for, or none: what nobody asks for need not be told apart.
 */
export function drawPoint(
  region: Region,
  random: Random,
  out: Float64Array,
  at: number,
  dimensions: number,
  company: () => Region | undefined
): void {
  const { starts, axes, lows, highs, size } = region
  out.fill(Number.NaN, at, at + dimensions)
  const box = size === 1 ? 0 : random.below(size)
  let open = dimensions - (starts[box + 1] - starts[box])

  for (let i = starts[box]; i < starts[box + 1]; i++) {
    if (Number.isFinite(highs[i] - lows[i])) {
      out[at + axes[i]] = within(lows[i], highs[i], random)
    } else {
      open++
    }
  }

  for (let tries = 0; tries < COMPANIONS && open > 0; tries++) {
    const other = company()

    if (other !== undefined) {
      open -= fill(region, box, other, random, out, at)
    }
  }

  // ends nowhere, and nobody is known to ask for anything there
  for (let i = starts[box]; i < starts[box + 1]; i++) {
    if (Number.isNaN(out[at + axes[i]])) {
      out[at + axes[i]] = beyond(lows[i], highs[i], random)
    }
  }
}

/** Takes values that the other asks for, on axes that have none yet. Returns how many. */
function fill(region: Region, box: number, other: Region, random: Random, out: Float64Array, at: number): number {
  const { starts, axes, lows, highs } = other
  const theirs = random.below(other.size)
  let filled = 0

  for (let i = starts[theirs]; i < starts[theirs + 1]; i++) {
    if (!Number.isNaN(out[at + axes[i]])) {
      continue
    }

    let low = lows[i]
    let high = highs[i]

    for (let j = region.starts[box]; j < region.starts[box + 1]; j++) {
      if (region.axes[j] === axes[i]) {
        low = Math.max(low, region.lows[j])
        high = Math.min(high, region.highs[j])
      }
    }

    if (low <= high) {
      out[at + axes[i]] = Number.isFinite(high - low) ? within(low, high, random) : beyond(low, high, random)
      filled++
    }
  }

  return filled
}

function within(low: number, high: number, random: Random): number {
  return Math.min(high, low + (high - low) * random.fraction())
}

/** Somewhere between two ends at least one of which is far away: the nearer ones the likelier, whatever the scale. */
function beyond(low: number, high: number, random: Random): number {
  const from = Number.isFinite(low) ? low : Number.isFinite(high) ? high : 0
  const way = (Math.abs(from) + 1) * -Math.log(1 - random.fraction())
  const sign = Number.isFinite(low) || (!Number.isFinite(high) && random.below(2) === 0) ? 1 : -1
  return Math.max(low, -Number.MAX_VALUE, Math.min(high, Number.MAX_VALUE, from + sign * way))
}
