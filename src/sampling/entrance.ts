import type { Outcome } from '../gossip/exchange.ts'
import type { Random } from '../gossip/random.ts'
import type { Contact } from '../live/connect.ts'
import { PERIOD_JITTER } from '../live/rounds.ts'
import { BUSY_PAUSE, BUSY_TRIES, ENTRIES_TRIED, PARALLEL_ENTRIES } from './constants.ts'
import { mergeContacts } from './contacts.ts'
import type { Memory } from './memory.ts'
import type { Partners } from './partners.ts'
import type { Timing } from './profiles.ts'

export interface EntranceInit {
  /** The members that the user named. */
  bootstrap: Contact[]
  memory: Memory
  random: Random
  timing: Timing
  /** Whether the peer, by its key, is in the view. */
  isMember(key: string): boolean
  partners: Pick<Partners, 'contact'>
  /** Nobody answers; the next attempt comes after a pause in milliseconds. */
  onAlone(tried: number, pause: number): void
}

/** How a peer finds its way into a network, and back into it: through those that the user named, or that it remembers. */
export class Entrance {
  private readonly init: EntranceInit
  private retryAt = 0
  private pause: number

  constructor(init: EntranceInit) {
    this.init = init
    this.pause = init.timing.retryPause
  }

  /** For a peer with an empty view. Does nothing while it pauses after an attempt in vain. */
  async enter(signal: AbortSignal): Promise<void> {
    const { bootstrap, memory } = this.init

    if (performance.now() < this.retryAt) {
      return
    }

    const remembered = memory.all().map(({ record }) => record)
    const candidates = mergeContacts([...bootstrap, ...this.some(remembered, ENTRIES_TRIED)])

    for (let i = 0; i < candidates.length; i += PARALLEL_ENTRIES) {
      const batch = candidates.slice(i, i + PARALLEL_ENTRIES)
      const outcomes = await Promise.all(batch.map(candidate => this.ask(candidate, signal)))

      if (outcomes.includes('answered') || signal.aborted) {
        this.pause = this.init.timing.retryPause
        return
      }
    }

    if (candidates.length > 0) {
      this.goOn(candidates.length)
    }
  }

  /** Tries somebody long known who is in no view any more: the way back together after the network was cut. */
  async reunite(signal: AbortSignal): Promise<void> {
    const { bootstrap, memory, random, isMember, partners } = this.init
    const absent = bootstrap.filter(({ id }) => id == null || !isMember(id.toString()))
    const remembered = memory.pick(isMember)
    const candidates: Contact[] = remembered == null ? absent : [remembered, ...absent]

    if (candidates.length > 0) {
      await partners.contact(candidates[random.below(candidates.length)], signal)
    }
  }

  /** A contact that is busy lives, and is free again in a moment: a whole round would be long to wait. */
  private async ask(candidate: Contact, signal: AbortSignal): Promise<Outcome> {
    let outcome = await this.init.partners.contact(candidate, signal)

    for (let tries = 1; outcome === 'busy' && tries < BUSY_TRIES; tries++) {
      await new Promise(resolve => setTimeout(resolve, BUSY_PAUSE * (0.5 + this.init.random.fraction())))
      outcome = await this.init.partners.contact(candidate, signal)
    }

    return outcome
  }

  private goOn(tried: number): void {
    const { random, timing } = this.init
    const pause = Math.round(this.pause * (1 + PERIOD_JITTER * (2 * random.fraction() - 1)))
    this.retryAt = performance.now() + pause
    this.pause = Math.min(this.pause * 2, timing.maxRetryPause)
    this.init.onAlone(tried, pause)
  }

  private some<T>(list: T[], count: number): T[] {
    const chosen = [...list]
    this.init.random.choose(chosen, count)
    return chosen.slice(0, count)
  }
}
