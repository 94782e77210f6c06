/** A peer that has been asked on the way, and answered. */
export interface Step<T> {
  peer: T
  distance: number
}

export interface GreedySearchInit<T> {
  /** How far the one who searches is from the target. */
  from: number
  /** Whom it knows. */
  known: Iterable<T>
  /** Of a peer from the target. */
  distance(peer: T): number
  /** What tells a peer from others. */
  key(peer: T): unknown
  /** Most steps. Default: any number. */
  maxHops?: number
  /** Peers asked in vain, at most. Default: any number. */
  maxVain?: number
}

/**
 * How a route ends.
 *
 * - `arrived`: at a peer that is at the very point
 * - `nearest`: at the peer than which nobody who was asked knows a nearer one
 * - `lost`: nobody nearer answered at all, or the limit of hops or of vain questions was reached
 */
export type RouteOutcome = 'arrived' | 'nearest' | 'lost'

/**
 * Goes from peer to peer, to one that is strictly nearer to the target each time: the nearest of all that were named so far and
 * not asked yet. Where one does not answer, the next best is asked. Who searches asks {@link next} whom to ask, and says what
 * came of it, until the {@link outcome} is known.
 */
export class GreedySearch<T> {
  readonly steps: Step<T>[] = []
  outcome: RouteOutcome | undefined
  private readonly init: GreedySearchInit<T>
  private readonly named = new Map<unknown, Step<T>>()
  private readonly asked = new Set<unknown>()
  private least: number
  private vain = 0

  constructor(init: GreedySearchInit<T>) {
    this.init = init
    this.least = init.from
    this.hear(init.known)
  }

  /** Whom to ask now, or undefined when it is over. */
  next(): T | undefined {
    const { maxHops = Number.POSITIVE_INFINITY, maxVain = Number.POSITIVE_INFINITY } = this.init

    if (this.least === 0) {
      this.outcome = 'arrived'
      return
    }

    const next = this.nearest()

    if (next == null || next.distance >= this.least) {
      this.outcome = this.steps.length === 0 && this.vain > 0 ? 'lost' : 'nearest'
      return
    }

    if (this.steps.length >= maxHops || this.vain >= maxVain) {
      this.outcome = 'lost'
      return
    }

    const key = this.init.key(next.peer)
    this.named.delete(key)
    this.asked.add(key)
    return next.peer
  }

  /**
   * The peer has answered.
   *
   * @param peer - what it says of itself now: it may have moved
   * @param known - whom it knows
   */
  answered(peer: T, known: Iterable<T>): void {
    const distance = this.init.distance(peer)
    this.hear(known)

    if (distance < this.least) {
      this.steps.push({ peer, distance })
      this.least = distance
    } else {
      this.vain++
    }
  }

  /** It has not. */
  silent(): void {
    this.vain++
  }

  private hear(peers: Iterable<T>): void {
    const { key, distance } = this.init

    for (const peer of peers) {
      if (!this.asked.has(key(peer))) {
        this.named.set(key(peer), { peer, distance: distance(peer) })
      }
    }
  }

  private nearest(): Step<T> | undefined {
    let best: Step<T> | undefined

    for (const step of this.named.values()) {
      if (best == null || step.distance < best.distance) {
        best = step
      }
    }

    return best
  }
}
