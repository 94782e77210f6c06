import type { Metrics } from '@libp2p/interface'
import type { NetworkCoordinates } from './index.ts'

/** Begins the name of every metric of the service. */
export const METRICS_PREFIX = 'gossip_peer_vivaldi'

/** Publishes the state of the service, read when somebody asks. */
export function registerMetrics(metrics: Metrics, coordinates: NetworkCoordinates): void {
  metrics.registerMetric(`${METRICS_PREFIX}_error`, {
    help: 'Relative error of predictions from this peer, by experience',
    calculate: () => coordinates.coordinate.error
  })
  metrics.registerMetric(`${METRICS_PREFIX}_samples`, {
    help: 'Round trips that have moved the coordinate of this peer',
    calculate: () => coordinates.statistics().samples
  })
  metrics.registerMetric(`${METRICS_PREFIX}_moves`, {
    help: 'Times that this peer has told others another coordinate',
    calculate: () => coordinates.statistics().moves
  })
}
