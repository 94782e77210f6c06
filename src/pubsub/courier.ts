import type { Logger } from '@libp2p/interface'
import { setMaxListeners } from 'main-event'
import type { VerifiedRecord } from '../live/records.ts'
import { type Refusal, RefusalError } from '../live/refusal.ts'
import type { RequestProtocol } from '../live/requests.ts'
import { decodeBatchReply, encodeBatch, type Fate, type OutgoingBatch } from './batches.ts'
import type { StoredEvent } from './event-store.ts'
import type { KnownMember } from './known-members.ts'
import { MAX_BATCH, MAX_BATCH_BYTES, MAX_PATIENCE, MAX_WAITING, MAX_WAITING_BYTES, MIN_PATIENCE } from './limits.ts'

/** How often a batch is sent again to a peer that has no time, and how many milliseconds later. Our choice. */
const TRIES = 4
const BUSY_WAIT = 100

/** Milliseconds that notices wait for more to go with them. Our choice: a fifth of what is waited for an event of which one is told. */
const NOTICE_WAIT = 50

/** Round trips that an event takes in most groups, and how much the last one counts among those before. Our choice. */
const HOPS = 6
const NEW_SHARE = 0.1

export interface CourierInit {
  requests: RequestProtocol
  log: Logger
  /** An answer cannot be read. */
  onRefused(reason: Refusal): void
  /** Events that were wanted have come. Never rejects. */
  onEvents(events: Uint8Array[], from: VerifiedRecord): Promise<void>
}

/** An event on its way to some of a peer's subscriptions. */
interface Parcel {
  stored: StoredEvent
  targets: Array<{ to: number; arc: number; settle(fate: Fate): void }>
}

/** What waits for one peer. */
interface Outbox {
  peer: VerifiedRecord
  parcels: Map<string, Parcel>
  notices: OutgoingBatch['notices']
  wanted: Map<string, () => void>
  bytes: number
  /** Ends a pause. */
  hurry: () => void
}

/**
 * Brings events to other peers. To each of them one batch is under way at a time, and what comes up meanwhile goes with the next one: so a slow
 * way takes more at a time, and nothing waits without bound.
 */
export class Courier {
  private readonly init: CourierInit
  private readonly outboxes = new Map<string, Outbox>()
  /** Milliseconds that a batch has taken lately, to be answered. */
  private roundTrip = 0
  private controller = new AbortController()
  private readonly running = new Set<Promise<void>>()

  constructor(init: CourierInit) {
    this.init = init
  }

  start(): void {
    this.controller = new AbortController()
    // each request under way listens
    setMaxListeners(Number.POSITIVE_INFINITY, this.controller.signal)
  }

  /** Nothing is sent any more: that says nothing of those to whom it was to be sent. */
  get isStopped(): boolean {
    return this.controller.signal.aborted
  }

  async stop(): Promise<void> {
    this.controller.abort(new Error('stopping'))

    for (const { hurry } of this.outboxes.values()) {
      hurry()
    }

    await Promise.all(this.running)
  }

  /** Milliseconds in which an event makes a few hops: where everything is slow, one that is on its way must not be asked for. */
  get patience(): number {
    return Math.min(MAX_PATIENCE, Math.max(MIN_PATIENCE, HOPS * this.roundTrip))
  }

  /** Hands an event to a member of another peer, and resolves with what became of it. */
  hand({ peer, subscription }: KnownMember, stored: StoredEvent, arc: number): Promise<Fate> {
    const outbox = this.outboxOf(peer)
    const { id, envelope } = stored.published

    return new Promise(settle => {
      const parcel = outbox.parcels.get(id) ?? { stored, targets: [] }

      if (!outbox.parcels.has(id)) {
        if (outbox.parcels.size >= MAX_WAITING || outbox.bytes + envelope.byteLength > MAX_WAITING_BYTES) {
          settle('full')
          return
        }

        outbox.parcels.set(id, parcel)
        outbox.bytes += envelope.byteLength
      }

      parcel.targets.push({ to: subscription?.number ?? 0, arc, settle })
      outbox.hurry()
    })
  }

  /** Tells a member of another peer that one of this peer's has an event. What does not find room is not told. */
  notify({ peer, subscription }: KnownMember, event: string, from: number): void {
    const { notices } = this.outboxOf(peer)

    if (notices.length < MAX_WAITING) {
      notices.push({ event, from, to: subscription?.number ?? 0 })
    }
  }

  /** Asks a peer for an event, and resolves when it has answered and the answer is taken, or it has not. */
  want(peer: VerifiedRecord, event: string): Promise<void> {
    const outbox = this.outboxOf(peer)
    const { wanted } = outbox
    outbox.hurry()
    return new Promise(resolve => {
      if (wanted.size < MAX_WAITING) {
        const others = wanted.get(event)
        wanted.set(event, () => {
          others?.()
          resolve()
        })
      } else {
        resolve()
      }
    })
  }

  private outboxOf(peer: VerifiedRecord): Outbox {
    const existing = this.outboxes.get(peer.key)

    if (existing != null) {
      existing.peer = peer
      return existing
    }

    const outbox: Outbox = {
      peer,
      parcels: new Map(),
      notices: [],
      wanted: new Map(),
      bytes: 0,
      hurry: () => {}
    }
    this.outboxes.set(peer.key, outbox)
    const run = Promise.resolve()
      // all that this turn of the event loop brings goes together
      .then(() => this.empty(outbox))
      .catch(err => this.init.log.error('events are not sent - %e', err))
      .finally(() => this.running.delete(run))
    this.running.add(run)
    return outbox
  }

  private async empty(outbox: Outbox): Promise<void> {
    try {
      while (outbox.parcels.size + outbox.notices.length + outbox.wanted.size > 0) {
        if (outbox.parcels.size + outbox.wanted.size === 0 && outbox.notices.length < MAX_BATCH) {
          await this.linger(outbox)
        }

        await this.send(outbox)
      }
    } finally {
      this.outboxes.delete(outbox.peer.key)
    }
  }

  /** Notices alone can wait for more of them, or for what is in a hurry. */
  private linger(outbox: Outbox): Promise<void> {
    if (this.isStopped) {
      return Promise.resolve()
    }

    return new Promise(resolve => {
      const timer = setTimeout(resolve, NOTICE_WAIT)
      outbox.hurry = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  private async send(outbox: Outbox): Promise<void> {
    const parcels = takeParcels(outbox)
    const wanted = [...outbox.wanted].slice(0, MAX_BATCH)
    const targets = parcels.flatMap(({ targets }) => targets)
    const batch = encodeBatch({
      handOffs: parcels.map(({ stored, targets }) => ({ event: stored.published.envelope, targets })),
      notices: outbox.notices.splice(0, MAX_BATCH),
      wanted: wanted.map(([event]) => event)
    })

    for (const [event] of wanted) {
      outbox.wanted.delete(event)
    }

    const { fates, events } = await this.deliver(outbox.peer, batch, targets.length)

    for (const [i, { settle }] of targets.entries()) {
      settle(fates[i])
    }

    if (events.length > 0) {
      await this.init.onEvents(events, outbox.peer)
    }

    for (const [, answered] of wanted) {
      answered()
    }
  }

  /** Whatever happens, there is a fate for each. */
  private async deliver(
    peer: VerifiedRecord,
    batch: Uint8Array,
    targets: number
  ): Promise<{ fates: Fate[]; events: Uint8Array[] }> {
    const { signal } = this.controller
    let fate: Fate = 'unreachable'

    for (let tries = TRIES; tries > 0; tries--) {
      const began = performance.now()
      const reply = await this.init.requests.request(peer, batch, signal)
      this.roundTrip += (performance.now() - began - this.roundTrip) * NEW_SHARE

      if (reply.outcome === 'answered') {
        try {
          return decodeBatchReply(reply.body, targets)
        } catch (err) {
          this.init.log('bad answer of %p - %e', peer.id, err)
          this.init.onRefused(err instanceof RefusalError ? err.reason : 'malformed')
          break
        }
      }

      if (reply.outcome !== 'busy' || signal.aborted) {
        break
      }

      fate = 'full'
      await pause(BUSY_WAIT, signal)
    }

    return { fates: new Array<Fate>(targets).fill(fate), events: [] }
  }
}

/** As many as one batch holds; at least one, if there is any. */
function takeParcels(outbox: Outbox): Parcel[] {
  const taken: Parcel[] = []
  let bytes = 0
  let targets = 0

  for (const [id, parcel] of outbox.parcels) {
    const { byteLength } = parcel.stored.published.envelope

    if (taken.length > 0 && (bytes + byteLength > MAX_BATCH_BYTES || targets + parcel.targets.length > MAX_BATCH)) {
      break
    }

    outbox.parcels.delete(id)
    outbox.bytes -= byteLength
    bytes += byteLength
    targets += parcel.targets.length
    taken.push(parcel)
  }

  return taken
}

/** Ends at once when the signal is aborted. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
  })
}
