import type { Metrics } from '@libp2p/interface'

/** Publishes the state of an overlay, read when somebody asks. */
export function registerMetrics(
  metrics: Metrics,
  prefix: string,
  statistics: () => { viewSize: number; knownPeers: number }
): void {
  metrics.registerMetric(`${prefix}_view_size`, {
    help: 'Peers in the view: the nearest that are known',
    calculate: () => statistics().viewSize
  })
  metrics.registerMetric(`${prefix}_known_peers`, {
    help: 'Peers whose verified record is at hand',
    calculate: () => statistics().knownPeers
  })
}
