/** How often each peer may ask: a bucket of tokens a peer, refilled over time. */
export class Allowance {
  private readonly burst: number
  private readonly perMillisecond: number
  private readonly buckets = new Map<string, { tokens: number; at: number }>()

  /**
   * @param burst - requests that may come at once
   * @param rate - requests a millisecond in the long run; `Infinity` for any number
   */
  constructor(burst: number, rate: number) {
    this.burst = burst
    this.perMillisecond = rate
  }

  /** Whether the peer may ask once more at this time (milliseconds, any origin); if so, it has. */
  take(peer: string, now: number): boolean {
    if (this.perMillisecond === Infinity) {
      return true
    }

    const bucket = this.buckets.get(peer) ?? { tokens: this.burst, at: now }
    bucket.tokens = Math.min(this.burst, bucket.tokens + (now - bucket.at) * this.perMillisecond)
    bucket.at = now
    this.buckets.set(peer, bucket)

    if (bucket.tokens < 1) {
      return false
    }

    bucket.tokens--
    return true
  }

  /** Forgets the peers that have not asked for so long that their bucket is full again. */
  forgetIdle(now: number): void {
    const refill = this.burst / this.perMillisecond

    for (const [peer, bucket] of this.buckets) {
      if (now - bucket.at >= refill) {
        this.buckets.delete(peer)
      }
    }
  }
}
