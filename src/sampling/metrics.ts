import type { Metrics } from '@libp2p/interface'
import type { PeerSampling } from './index.ts'

const PREFIX = 'gossip_peer_sampling'

/** Publishes what the service counts. Values are read when somebody asks for them. */
export function registerMetrics(metrics: Metrics, sampling: PeerSampling): void {
  metrics.registerCounter(`${PREFIX}_rounds_total`, {
    help: 'Rounds of this peer, one a period',
    calculate: () => sampling.statistics().rounds
  })
  metrics.registerCounterGroup(`${PREFIX}_exchanges_total`, {
    label: 'outcome',
    help: 'Exchanges that this peer started, by outcome',
    calculate: () => sampling.statistics().outcomes
  })
  metrics.registerCounter(`${PREFIX}_answered_total`, {
    help: 'Exchanges of others that this peer answered',
    calculate: () => sampling.statistics().exchanges.answered
  })
  metrics.registerCounterGroup(`${PREFIX}_refusals_total`, {
    label: 'reason',
    help: 'Messages and streams of others that this peer refused, by reason',
    calculate: () => sampling.statistics().refusals
  })
  metrics.registerCounterGroup(`${PREFIX}_bytes_total`, {
    label: 'direction',
    help: 'Bytes of messages, without what libp2p adds',
    calculate: () => sampling.statistics().bytes
  })
  metrics.registerMetric(`${PREFIX}_view_size`, {
    help: 'Members in the partial view',
    calculate: () => sampling.statistics().viewSize
  })
  metrics.registerMetricGroup(`${PREFIX}_view_age`, {
    label: 'statistic',
    help: 'Ages of the members in the view, in exchanges',
    calculate: () => {
      const ages = sampling.view.map(entry => entry.age)
      const sum = ages.reduce((total, age) => total + age, 0)
      return { mean: ages.length === 0 ? 0 : sum / ages.length, max: Math.max(0, ...ages) }
    }
  })
  metrics.registerMetric(`${PREFIX}_known_peers`, {
    help: 'Peers whose verified record is at hand',
    calculate: () => sampling.statistics().knownPeers
  })
}
