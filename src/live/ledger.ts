import type { Connection, Logger } from '@libp2p/interface'
import type { Outcome } from '../gossip/exchange.ts'
import type { ExchangeMetrics } from './exchange-metrics.ts'
import type { Refusal, RefusalError } from './refusal.ts'

/** What a driver has counted. */
export interface ExchangeCounts {
  /** Exchanges that this peer started, and those of others that it answered. */
  initiated: number
  answered: number
  /** Exchanges of others that it refused: because it was busy, or because of what they were. */
  rejected: number
  /** Those it started, by how they ended. */
  outcomes: Record<Outcome, number>
  /** Whatever it refused of others, by reason: requests, bad answers, idle or superfluous streams. */
  refusals: Partial<Record<Refusal, number>>
  /** Of frames, without what libp2p adds. */
  bytes: { sent: number; received: number }
}

/** What has been counted before anything happened. */
export function noCounts(): ExchangeCounts {
  return {
    initiated: 0,
    answered: 0,
    rejected: 0,
    outcomes: {
      answered: 0,
      busy: 0,
      unreachable: 0,
      timeout: 0,
      unsupported: 0,
      'too-long': 0,
      malformed: 0,
      aborted: 0
    },
    refusals: {},
    bytes: { sent: 0, received: 0 }
  }
}

/** Refusals that are nobody's fault, or come of another opinion on what a peer must bring or what time it is. */
const BLAMELESS: ReadonlySet<Refusal> = new Set<Refusal>([
  'busy',
  'too-often',
  'idle',
  'too-little-work',
  'wrong-epoch',
  'long-payload',
  'stale-event',
  'replayed-event'
])

/** Counts what happens, and who offends. */
export class Ledger {
  readonly counts: ExchangeCounts = noCounts()
  private readonly log: Logger
  private readonly maxOffences: number
  private readonly metrics: ExchangeMetrics | undefined
  private readonly offences = new WeakMap<Connection, number>()

  /** @param maxOffences - bad messages after which a connection is closed */
  constructor(log: Logger, maxOffences: number, metrics?: ExchangeMetrics) {
    this.log = log
    this.maxOffences = maxOffences
    this.metrics = metrics
  }

  started(): void {
    this.counts.initiated++
  }

  ended(outcome: Outcome): void {
    this.counts.outcomes[outcome]++
    this.metrics?.outcomes.increment({ [outcome]: true })
  }

  answered(): void {
    this.counts.answered++
    this.metrics?.answered.increment()
  }

  sent(bytes: number): void {
    this.counts.bytes.sent += bytes
    this.metrics?.bytes.increment({ sent: bytes })
  }

  received(bytes: number): void {
    this.counts.bytes.received += bytes
    this.metrics?.bytes.increment({ received: bytes })
  }

  /** Refuses an exchange that another peer started. */
  reject(refusal: RefusalError, connection: Connection): void {
    this.counts.rejected++
    this.refuse(refusal, connection)
  }

  /** Counts a refusal; too many offences cost the connection. */
  refuse(refusal: RefusalError, connection: Connection): void {
    const { reason } = refusal
    this.count(reason)
    this.log('refused %p: %s', connection.remotePeer, refusal.message)

    if (BLAMELESS.has(reason)) {
      return
    }

    const offences = (this.offences.get(connection) ?? 0) + 1
    this.offences.set(connection, offences)

    if (offences >= this.maxOffences) {
      connection.abort(new Error(`${offences} bad messages`))
    }
  }

  /** Counts what was refused, be it a part of a message of which the rest was taken. */
  count(reason: Refusal): void {
    this.counts.refusals[reason] = (this.counts.refusals[reason] ?? 0) + 1
    this.metrics?.refusals.increment({ [reason]: true })
  }
}
