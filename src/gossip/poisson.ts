/** Beyond this many the counts here are at their limit. */
const MAX_THRESHOLD = 255

/**
 * The smallest number of events, from 1 to 255, that so many or more of them happen with at most this probability, where
 * `mean` are to be expected.
 */
export function poissonThreshold(mean: number, probability: number): number {
  let term = Math.exp(-mean)
  let tail = 1 - term
  let events = 1

  while (tail > probability && events < MAX_THRESHOLD) {
    term *= mean / events
    tail -= term
    events++
  }

  return events
}
