/** Time between two rounds of a protocol is drawn anew each round from period x (1 +- this), so that peers do not march in
 * step. Our choice. */
export const PERIOD_JITTER = 0.2

/** The first round comes within so many milliseconds, or within a period if that is shorter. Our choice: whoever starts
 * a peer wants members now, and jitter soon takes peers that were started together out of step. */
export const FIRST_ROUND_WITHIN = 200

/**
 * Calls a function once a period, with jitter, never twice at once: a round that takes longer than its period is
 * followed at once by the next.
 */
export class RoundTimer {
  private readonly period: number
  private readonly jitter: number
  private readonly fraction: () => number
  private readonly round: () => Promise<void>
  private timer: ReturnType<typeof setTimeout> | undefined
  private running: Promise<void> | undefined
  private stopped = true

  /**
   * @param period - milliseconds from the beginning of one round to that of the next, on average
   * @param jitter - share of the period by which a round may come earlier or later
   * @param fraction - random numbers in [0, 1)
   * @param round - must not reject
   */
  constructor(period: number, jitter: number, fraction: () => number, round: () => Promise<void>) {
    this.period = period
    this.jitter = jitter
    this.fraction = fraction
    this.round = round
  }

  /** @param within - milliseconds within which the first round comes, at a random moment */
  start(within: number): void {
    this.stopped = false
    this.schedule(within * this.fraction())
  }

  /** Resolves when the round under way, if any, has ended. */
  async stop(): Promise<void> {
    this.stopped = true
    clearTimeout(this.timer)
    await this.running
  }

  private schedule(delay: number): void {
    this.timer = setTimeout(() => {
      const began = performance.now()
      const period = this.period * (1 + this.jitter * (2 * this.fraction() - 1))

      this.running = this.round().finally(() => {
        this.running = undefined

        if (!this.stopped) {
          this.schedule(Math.max(0, period - (performance.now() - began)))
        }
      })
    }, delay)
  }
}
