import type { Counter, Metrics } from '@libp2p/interface'
import type { PeerSampling } from './index.ts'

/** Begins the name of every metric of the service. */
export const METRICS_PREFIX = 'gossip_peer_sampling'

/** What the service counts, for whoever scrapes it. */
export interface SamplingCounters {
  rounds: Counter
  unheeded: Counter
}

/** Publishes the state of the service, read when somebody asks, and returns what it is to count. */
export function registerMetrics(metrics: Metrics, sampling: PeerSampling): SamplingCounters {
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

  metrics.registerMetric(`${METRICS_PREFIX}_suspects`, {
    help: 'Peers that are named too often for chance',
    calculate: () => sampling.statistics().sightings.suspects
  })
  metrics.registerMetric(`${METRICS_PREFIX}_refused_peers`, {
    help: 'Peers that are not taken from others, with the defence statistics',
    calculate: () => sampling.statistics().sightings.refused
  })
  metrics.registerMetricGroup(`${METRICS_PREFIX}_in_degree`, {
    label: 'statistic',
    help: 'In-degrees as estimated from how often peers are named, in small networks; error: of one estimate, by chance',
    calculate: () => ({ ...sampling.statistics().sightings.inDegree })
  })
  metrics.registerMetricGroup(`${METRICS_PREFIX}_seen`, {
    label: 'statistic',
    help: 'How often a peer is named in half a window of sightings',
    calculate: () => {
      const { expected, counts } = sampling.statistics().sightings
      return { expected, max: counts.at(-1)?.seen ?? 0 }
    }
  })

  return {
    rounds: metrics.registerCounter(`${METRICS_PREFIX}_rounds_total`, { help: 'Rounds of this peer, one a period' }),
    unheeded: metrics.registerCounter(`${METRICS_PREFIX}_unheeded_replies_total`, {
      help: 'Answers that named too many peers who are named too often; with the defence statistics they changed nothing'
    })
  }
}
