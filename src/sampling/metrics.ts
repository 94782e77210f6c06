import type { Counter, Metrics } from '@libp2p/interface'
import type { PeerSampling } from './index.ts'

/** Begins the name of every metric of the service. */
export const METRICS_PREFIX = 'gossip_peer_sampling'

/** Publishes the state of the service, read when somebody asks, and returns the counter of its rounds. */
export function registerMetrics(metrics: Metrics, sampling: PeerSampling): Counter {
  metrics.registerMetric(`${METRICS_PREFIX}_view_size`, {
    help: 'Members in the partial view',
    calculate: () => sampling.statistics().viewSize
  })
  metrics.registerMetricGroup(`${METRICS_PREFIX}_view_age`, {
    label: 'statistic',
    help: 'Ages of the members in the view, in exchanges',
    calculate: () => {
      const ages = sampling.view.map(entry => entry.age)
      const sum = ages.reduce((total, age) => total + age, 0)
      return { mean: ages.length === 0 ? 0 : sum / ages.length, max: Math.max(0, ...ages) }
    }
  })
  metrics.registerMetric(`${METRICS_PREFIX}_known_peers`, {
    help: 'Peers whose verified record is at hand',
    calculate: () => sampling.statistics().knownPeers
  })

  return metrics.registerCounter(`${METRICS_PREFIX}_rounds_total`, { help: 'Rounds of this peer, one a period' })
}
