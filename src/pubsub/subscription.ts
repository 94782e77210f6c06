import type { Logger, PeerId } from '@libp2p/interface'
import type { Value } from './event.ts'
import type { Filter } from './filter.ts'
import { Mailbox } from './mailbox.ts'
import type { PublishedEvent } from './signed-events.ts'
import type { VerifiedSubscription } from './subscription-records.ts'

/** An event as it is handed to whoever asked for it. */
export interface DeliveredEvent {
  /** Tells it from all others. */
  readonly id: string
  /** Who has published and signed it. */
  readonly publisher: PeerId
  /** Each of a publisher's events has a higher number than those before. They may come in another order. */
  readonly sequence: bigint
  /** When it was published, by the publisher's clock. */
  readonly time: Date
  readonly attributes: Readonly<Record<string, Value>>
  readonly payload: Uint8Array
  /** How many events of this subscription were lost just before this one, because its handler was too slow. */
  readonly missed: number
}

/**
 * What is asked for, and what has come of it. As an async iterable it gives the events, to one reader: to iterate throws where there is another one, or a
 * handler. To break out of the loop ends it.
 */
export interface Subscription extends AsyncIterable<DeliveredEvent> {
  readonly filter: Filter
  /** Events that have come. */
  readonly delivered: number
  /** Of these: lost, because they were not taken in time. */
  readonly missed: number
  /** Members of other peers, and of this one, that it is linked to. */
  readonly links: number
  /** It ends: nothing more comes. Resolves when those who had links to it know. */
  unsubscribe(): Promise<void>
}

export interface LocalSubscriptionInit {
  filter: Filter
  /** Events that may wait. */
  queue: number
  /** Now, in milliseconds since 1970. */
  since: number
  log: Logger
  handler: ((event: DeliveredEvent) => unknown) | undefined
  signal: AbortSignal | undefined
  links(): number
  onEnd(): Promise<void>
}

/** A subscription of this peer. */
export class LocalSubscription implements Subscription {
  readonly filter: Filter
  /** When it began, by this peer's clock, in milliseconds since 1970. */
  readonly since: number
  /** Its number among the members of this peer, once it is one. */
  member: number | undefined
  /** What others get to see of it, once it is signed. */
  record: VerifiedSubscription | undefined
  delivered = 0
  private readonly init: LocalSubscriptionInit
  private readonly mailbox: Mailbox<PublishedEvent>
  private ending: Promise<void> | undefined

  constructor(init: LocalSubscriptionInit) {
    const { filter, queue, since, handler, signal } = init
    this.init = init
    this.filter = filter
    this.since = since
    this.mailbox = new Mailbox(queue)
    signal?.addEventListener('abort', this.onAbort)

    if (handler != null) {
      this.handle(handler)
    }
  }

  get missed(): number {
    return this.mailbox.missed
  }

  get links(): number {
    return this.init.links()
  }

  get isOver(): boolean {
    return this.ending != null
  }

  push(published: PublishedEvent): void {
    this.delivered++
    this.mailbox.push(published)
  }

  unsubscribe(): Promise<void> {
    this.ending ??= this.end()
    return this.ending
  }

  private async end(): Promise<void> {
    this.init.signal?.removeEventListener('abort', this.onAbort)
    this.mailbox.end()
    await this.init.onEnd()
  }

  private readonly onAbort = (): void => {
    this.unsubscribe().catch(err => this.init.log.error('a subscription does not end - %e', err))
  };

  [Symbol.asyncIterator](): AsyncGenerator<DeliveredEvent, void, undefined> {
    return this.read(this.mailbox[Symbol.asyncIterator]())
  }

  private async *read(events: AsyncIterable<{ item: PublishedEvent; missed: number }>): AsyncGenerator<DeliveredEvent> {
    try {
      for await (const { item, missed } of events) {
        yield describe(item, missed)
      }
    } finally {
      // whoever breaks out of the loop wants no more
      await this.unsubscribe()
    }
  }

  private async handle(handler: (event: DeliveredEvent) => unknown): Promise<void> {
    for await (const { item, missed } of this.mailbox) {
      try {
        await handler(describe(item, missed))
      } catch (err) {
        this.init.log.error('a handler of events has failed - %e', err)
      }
    }
  }
}

function describe({ id, publisher, sequence, time, event, payload }: PublishedEvent, missed: number): DeliveredEvent {
  return {
    id,
    publisher,
    sequence,
    time: new Date(time),
    attributes: Object.fromEntries(event),
    payload: payload.slice(),
    missed
  }
}
