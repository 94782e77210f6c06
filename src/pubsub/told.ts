import type { VerifiedRecord } from '../live/records.ts'
import type { StoredEvent } from './event-store.ts'
import { MAX_TOLD, MAX_TOLD_BY_PEER } from './limits.ts'

/** Peers that are remembered to have an event: when one does not send it, the next one is asked. */
const MAX_SOURCES = 3

/** This peer, as one that tells of an event. */
const HERE = ''

/** A member that lacks an event, and in which part of the circle it is to see to others once it has it. */
export interface Waiting {
  member: number
  arc: number
}

/** An event that was told of. */
interface Awaited {
  /** Who told of it first. */
  teller: string
  sources: VerifiedRecord[]
  waiting: Waiting[]
}

export interface ToldInit {
  /** The event, if it has come. */
  get(event: string): StoredEvent | undefined
  /** The event has come otherwise: those who wait for it have it too. */
  arrive(stored: StoredEvent, waiting: readonly Waiting[]): void
  /** Milliseconds that it is given to come by itself. */
  patience(): number
  /** Asks a peer for an event, and resolves when that has answered, or has not. */
  ask(peer: VerifiedRecord, event: string): Promise<void>
}

/**
 * Events of which members of this peer were told and that have not come to them. Mostly they are on their way: after a moment of patience, they are
 * taken from another member here, or whoever told of them is asked.
 */
export class Told {
  private readonly init: ToldInit
  private readonly events = new Map<string, Awaited>()
  /** How many of them each peer was the first to tell of. */
  private readonly counts = new Map<string, number>()
  private readonly timers = new Set<ReturnType<typeof setTimeout>>()

  constructor(init: ToldInit) {
    this.init = init
  }

  /**
   * A member here lacks an event. Where too many are waited for already, gossip will tell again.
   *
   * @param peer - who has it; undefined for this peer, or one that is not known
   * @param teller - which peer says so, as text: also one that cannot be asked has only its own share of what is waited for
   */
  hear(event: string, peer: VerifiedRecord | undefined, waiting: Waiting, teller = peer?.key ?? HERE): void {
    const known = this.events.get(event)
    const sources = peer == null ? [] : [peer]

    if (known != null) {
      // one peer may have several subscriptions that tell of it
      if (known.sources.length < MAX_SOURCES && !known.sources.some(({ key }) => key === peer?.key)) {
        known.sources.push(...sources)
      }

      if (!known.waiting.some(({ member }) => member === waiting.member)) {
        known.waiting.push(waiting)
      }
    } else if (this.events.size < MAX_TOLD && this.countOf(teller) < MAX_TOLD_BY_PEER) {
      this.events.set(event, { teller, sources, waiting: [waiting] })
      this.counts.set(teller, this.countOf(teller) + 1)
      const timer = setTimeout(() => {
        this.timers.delete(timer)
        this.ask(event)
      }, this.init.patience())
      this.timers.add(timer)
    }
  }

  /** Whether somebody waits for the event. */
  awaits(event: string): boolean {
    return this.events.has(event)
  }

  /** Who waits for the event. */
  waitingFor(event: string): readonly Waiting[] {
    return this.events.get(event)?.waiting ?? []
  }

  /** The event has come from somebody who was asked: who waits for it. */
  take(event: string): Waiting[] {
    const { waiting = [] } = this.events.get(event) ?? {}
    this.forget(event)
    return waiting
  }

  private forget(event: string): void {
    const { teller } = this.events.get(event) ?? {}
    this.events.delete(event)

    if (teller !== undefined && this.countOf(teller) > 1) {
      this.counts.set(teller, this.countOf(teller) - 1)
    } else if (teller !== undefined) {
      this.counts.delete(teller)
    }
  }

  private countOf(peer: string): number {
    return this.counts.get(peer) ?? 0
  }

  /** Forgets all. */
  clear(): void {
    for (const timer of this.timers) {
      clearTimeout(timer)
    }

    this.timers.clear()
    this.events.clear()
    this.counts.clear()
  }

  private async ask(event: string): Promise<void> {
    const told = this.events.get(event)
    const source = told?.sources.shift()
    const stored = this.init.get(event)

    if (told != null && stored !== undefined) {
      this.init.arrive(stored, this.take(event))
      return
    }

    if (told == null || source == null) {
      this.forget(event)
      return
    }

    await this.init.ask(source, event)

    // it was taken if it came
    if (this.events.get(event) === told) {
      await this.ask(event)
    }
  }
}
