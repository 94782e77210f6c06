/** Milliseconds by which time goes on with each look at the clock. */
const STEP = 0.01

/**
 * Puts in place of `performance.now` a clock that goes on only by being looked at: what is timed by it does not depend on what else
 * the machine has to do.
 *
 * @returns puts the real one back
 */
export function slowClock(): () => void {
  const { now } = performance
  let time = now.call(performance)
  performance.now = () => {
    time += STEP
    return time
  }
  return () => {
    performance.now = now
  }
}

/**
 * Stops the clock of `performance.now`: allowances do not grow, however slow the machine is.
 *
 * @returns puts the real one back
 */
export function stoppedClock(): () => void {
  const { now } = performance
  const moment = now.call(performance)
  performance.now = () => moment
  return () => {
    performance.now = now
  }
}
