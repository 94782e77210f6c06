import type { Logger } from '@libp2p/interface'

/** The listener, but what it throws is logged: whoever tells it something goes on. */
export function harmless<A extends unknown[]>(log: Logger, listener: (...told: A) => void): (...told: A) => void {
  return (...told) => {
    try {
      listener(...told)
    } catch (err) {
      log.error('a listener failed - %e', err)
    }
  }
}

/** Those who are told of something, none of whom can harm the others. */
export class Listeners<A extends unknown[]> {
  private readonly log: Logger
  private readonly listeners = new Set<(...told: A) => void>()

  constructor(log: Logger) {
    this.log = log
  }

  /** @returns takes the listener out again */
  add(listener: (...told: A) => void): () => void {
    // each time another function: who asks twice is told twice
    const added = harmless(this.log, listener)
    this.listeners.add(added)
    return () => this.listeners.delete(added)
  }

  tell(...told: A): void {
    for (const listener of this.listeners) {
      listener(...told)
    }
  }
}
