import type { Metrics } from '@libp2p/interface'
import type { Topics } from './index.ts'

const METRICS_PREFIX = 'gossip_peer_topics'

/** Publishes the state of the service, read when somebody asks. */
export function registerMetrics(metrics: Metrics, topics: Topics): void {
  metrics.registerMetric(`${METRICS_PREFIX}_subscribed`, {
    help: 'Topics that this peer subscribes to',
    calculate: () => topics.topics.length
  })
  metrics.registerMetricGroup(`${METRICS_PREFIX}_messages`, {
    label: 'kind',
    help: 'Messages that this peer published, that came to it, and that its slow consumers missed',
    calculate: () => {
      const { published, received, missed } = topics.statistics()
      return { published, received, missed }
    }
  })
  metrics.registerMetricGroup(`${METRICS_PREFIX}_dials`, {
    label: 'outcome',
    help: 'Connections opened to members of topics, and those that could not be',
    calculate: () => {
      const { dialled, failed } = topics.statistics().dials
      return { opened: dialled - failed, failed }
    }
  })
  metrics.registerMetricGroup(`${METRICS_PREFIX}_refusals`, {
    label: 'reason',
    help: 'Messages and profiles of others that this peer refused, by reason',
    calculate: () => ({ ...topics.statistics().refusals })
  })
}
