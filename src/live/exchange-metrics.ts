import type { Counter, CounterGroup, Metrics } from '@libp2p/interface'

/** What a ledger counts, for whoever scrapes it. */
export interface ExchangeMetrics {
  outcomes: CounterGroup
  answered: Counter
  refusals: CounterGroup
  bytes: CounterGroup
}

/** @param prefix - of the names, such as `gossip_peer_sampling` */
export function registerExchangeMetrics(metrics: Metrics, prefix: string): ExchangeMetrics {
  return {
    outcomes: metrics.registerCounterGroup(`${prefix}_exchanges_total`, {
      label: 'outcome',
      help: 'Exchanges that this peer started, by outcome'
    }),
    answered: metrics.registerCounter(`${prefix}_answered_total`, {
      help: 'Exchanges of others that this peer answered'
    }),
    refusals: metrics.registerCounterGroup(`${prefix}_refusals_total`, {
      label: 'reason',
      help: 'Messages and streams of others that this peer refused, by reason'
    }),
    bytes: metrics.registerCounterGroup(`${prefix}_bytes_total`, {
      label: 'direction',
      help: 'Bytes of messages, without what libp2p adds'
    })
  }
}
