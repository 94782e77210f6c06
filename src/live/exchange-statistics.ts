import type { Outcome } from '../gossip/exchange.ts'
import type { ExchangeCounts } from './ledger.ts'

/** What a service tells of its exchanges, since it was made. */
export interface ExchangeStatistics {
  exchanges: {
    /** Exchanges that this peer started. */
    initiated: number
    /** Exchanges of others that it answered. */
    answered: number
    /** Of those it started: that ended without an answer, busy ones not counted. */
    failed: number
    /** Of those it started: whose partner was in an exchange of its own, or was asked too often. */
    busy: number
    /** Exchanges of others that it refused: because it was busy, or because of what they were. */
    rejected: number
  }
  /** The exchanges that this peer started, by outcome. */
  outcomes: Record<Outcome, number>
  /** Whatever this peer refused of others, by reason: requests, bad answers, idle or superfluous streams. */
  refusals: Record<string, number>
  /** Bytes of messages, without what libp2p adds. */
  bytes: { sent: number; received: number }
}

/** What a driver has counted, as it is now. */
export function exchangeStatistics(counts: ExchangeCounts): ExchangeStatistics {
  const { initiated, answered, rejected, outcomes, refusals, bytes } = counts
  const ended = Object.values(outcomes).reduce((sum, count) => sum + count, 0)
  const failed = ended - outcomes.answered - outcomes.busy

  return {
    exchanges: { initiated, answered, failed, busy: outcomes.busy, rejected },
    outcomes: { ...outcomes },
    refusals: { ...refusals },
    bytes: { ...bytes }
  }
}
