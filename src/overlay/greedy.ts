/** A peer that has been asked on the way, and answered. */
export interface Step<T> {
  peer: T
  distance: number
}

/** What a peer answers: what it says of itself now, and whom it knows. */
export interface Answer<T> {
  peer: T
  known: T[]
}

export interface GreedySearch<T> {
  /** How far the one who searches is from the target. */
  from: number
  /** Whom it knows. */
  known: T[]
  distance(peer: T): number
  key(peer: T): string
  /** Whom the peer knows nearest to the target, or nothing when it does not answer. */
  ask(peer: T): Promise<Answer<T> | undefined>
  /** Most steps. */
  maxHops: number
  /** Peers asked in vain, at most. */
  maxVain: number
}

/**
 * Goes from peer to peer, to one that is strictly nearer to the target each time: the nearest of all that were named so far and
 * not asked yet. Where one does not answer, the next best is asked.
 */
export async function searchGreedily<T>(search: GreedySearch<T>): Promise<{ steps: Step<T>[]; outcome: RouteOutcome }> {
  const { ask, distance, key, maxHops, maxVain } = search
  const named = new Map<string, Step<T>>()
  const asked = new Set<string>()
  const steps: Step<T>[] = []
  let least = search.from
  let vain = 0

  const hear = (peers: T[]) => {
    for (const peer of peers.filter(peer => !asked.has(key(peer)))) {
      named.set(key(peer), { peer, distance: distance(peer) })
    }
  }

  hear(search.known)

  while (least > 0) {
    const next = nearest(named.values())

    if (next == null || next.distance >= least) {
      return { steps, outcome: steps.length === 0 && vain > 0 ? 'lost' : 'nearest' }
    }

    if (steps.length === maxHops || vain === maxVain) {
      return { steps, outcome: 'lost' }
    }

    named.delete(key(next.peer))
    asked.add(key(next.peer))
    const answer = await ask(next.peer)
    hear(answer?.known ?? [])
    // it may have moved
    const reached = answer == null ? Number.POSITIVE_INFINITY : distance(answer.peer)

    if (answer != null && reached < least) {
      steps.push({ peer: answer.peer, distance: reached })
      least = reached
    } else {
      vain++
    }
  }

  return { steps, outcome: 'arrived' }
}

/**
 * How a route ends.
 *
 * - `arrived`: at a peer that is at the very point
 * - `nearest`: at the peer than which nobody who was asked knows a nearer one
 * - `lost`: nobody nearer answered at all, or the limit of hops or of vain questions was reached
 */
export type RouteOutcome = 'arrived' | 'nearest' | 'lost'

function nearest<T>(steps: Iterable<Step<T>>): Step<T> | undefined {
  let best: Step<T> | undefined

  for (const step of steps) {
    if (best == null || step.distance < best.distance) {
      best = step
    }
  }

  return best
}
