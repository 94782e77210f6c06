import type { Metrics } from '@libp2p/interface'
import type { Aggregation } from './index.ts'

/** Begins the name of every metric of the service. */
export const METRICS_PREFIX = 'gossip_peer_aggregation'

/** Publishes the state of the service, read when somebody asks. */
export function registerMetrics(metrics: Metrics, aggregation: Aggregation): void {
  metrics.registerMetric(`${METRICS_PREFIX}_epoch`, {
    help: 'Epoch that is under way, or minus one while the peer waits for one',
    calculate: () => aggregation.statistics().epoch ?? -1
  })
  metrics.registerMetric(`${METRICS_PREFIX}_aggregates`, {
    help: 'Aggregates that this peer has registered',
    calculate: () => aggregation.statistics().aggregates
  })
  metrics.registerMetric(`${METRICS_PREFIX}_network_size`, {
    help: 'Peers in the network as the last finished epoch has counted them; NaN before, and where they are not counted',
    calculate: () => aggregation.networkSize()?.value ?? Number.NaN
  })
  metrics.registerMetricGroup(`${METRICS_PREFIX}_oddities`, {
    label: 'kind',
    help: 'What was not as usual: requests repeated, exchanges given up, epochs entered because of others',
    calculate: () => ({ ...aggregation.statistics().counts })
  })
}
