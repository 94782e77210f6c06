import type { Metrics } from '@libp2p/interface'
import type { ContentPubSubStatistics } from './index.ts'

/** Publishes the state of a service, read when somebody asks. */
export function registerMetrics(metrics: Metrics, prefix: string, statistics: () => ContentPubSubStatistics): void {
  const gauge = (name: string, help: string, value: (statistics: ContentPubSubStatistics) => number) =>
    metrics.registerMetric(`${prefix}_${name}`, { help, calculate: () => value(statistics()) })
  gauge('subscriptions', 'Subscriptions of this peer', ({ subscriptions }) => subscriptions)
  gauge('links', 'Members that this peer keeps in touch with, those of each subscription counted', ({ links }) => links)
  gauge('known_members', 'Members whose verified subscription is at hand', ({ knownMembers }) => knownMembers)
  gauge('published', 'Events that were published here', ({ events }) => events.published)
  gauge('received', 'Events that came from others, each counted once', ({ events }) => events.received)
  gauge('delivered', 'Events that were handed to subscriptions', ({ events }) => events.delivered)
  gauge('duplicates', 'Events that came to a subscription that had them', ({ events }) => events.duplicates)
  gauge('missed', 'Events that slow handlers have lost', ({ events }) => events.missed)
}
