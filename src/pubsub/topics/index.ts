/**
 * Topics: whatever is published to a topic goes to everybody who subscribes to it. Messages travel over gossipsub, signed by their
 * publishers; whom its meshes consist of comes from peer sampling (see `gossip-peer/sampling`), without a DHT and without a list.
 *
 * @example
 *
 * ```typescript
 * import { noise } from '@chainsafe/libp2p-noise'
 * import { tcp } from '@libp2p/tcp'
 * import { yamux } from '@libp2p/yamux'
 * import { peerSampling } from 'gossip-peer/sampling'
 * import { topics } from 'gossip-peer/topics'
 * import { createLibp2p } from 'libp2p'
 *
 * const start = (bootstrap: Parameters<typeof peerSampling>[0]) =>
 *   createLibp2p({
 *     addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
 *     transports: [tcp()],
 *     connectionEncrypters: [noise()],
 *     streamMuxers: [yamux()],
 *     services: { sampling: peerSampling({ profile: 'local', ...bootstrap }), topics: topics() }
 *   })
 *
 * const first = await start({})
 * const second = await start({ bootstrap: first.getMultiaddrs() })
 * const news = second.services.topics.subscribe('news')
 *
 * while ((await first.services.topics.publish('news', new TextEncoder().encode('hello'))).recipients === 0) {
 *   await new Promise(resolve => setTimeout(resolve, 100))
 * }
 *
 * for await (const { from, data, missed } of news) {
 *   console.log(`${from} says: ${new TextDecoder().decode(data)} (${missed} missed)`)
 *   break
 * }
 *
 * await Promise.all([first.stop(), second.stop()])
 * ```
 *
 * @packageDocumentation
 */

import type { AbortOptions, PeerId, TypedEventTarget } from '@libp2p/interface'
import type { Refusal } from '../../live/refusal.ts'
import { type TopicsComponents, TopicsService } from './service.ts'
import { type TopicsInit, topicsSettings } from './settings.ts'
import type { MessageHandler } from './subscriptions.ts'

export { ParameterError } from '../../gossip/parameters.ts'
export { MAX_PAYLOAD_BYTES, MAX_TOPIC_LENGTH, MAX_TOPICS } from './limits.ts'
export type { TopicsComponents } from './service.ts'
export type { TopicsInit } from './settings.ts'
export type { MessageHandler } from './subscriptions.ts'

/** A message of another peer, whose signature has been verified. */
export interface TopicMessage {
  topic: string
  /** Who published and signed it, which need not be who sent it here. */
  from: PeerId
  /** Up to 65,536 bytes. All handlers are given the same. */
  data: Uint8Array
  /** Counts the messages of its publisher, from a random number on. */
  sequenceNumber: bigint
}

/** A message that has waited for its consumer. */
export interface QueuedMessage extends TopicMessage {
  /** Messages that were lost just before this one, because too many had to wait. */
  missed: number
}

export interface QueueOptions extends AbortOptions {
  /** Messages that wait for the consumer, at most, from 1 to 65,536: then the oldest are lost. Default: 256. */
  queue?: number
}

export interface PublishResult {
  /** Peers that the message was sent to, who pass it on. 0: nobody who subscribes to the topic is known here, and it is lost. */
  recipients: number
}

export interface SubscribersChange {
  topic: string
  /** Subscribers that this peer is connected to now. */
  subscribers: number
}

/** What the service announces. */
export interface TopicsEvents {
  /** Of a topic that this peer subscribes to, or has published to in the last minute, more or fewer subscribers are connected. */
  'subscribers:change': CustomEvent<SubscribersChange>
}

/** Counts since the service was made. */
export interface TopicsStatistics {
  /** Messages that this peer has published. */
  published: number
  /** Messages of others that came to its subscriptions. */
  received: number
  /** Messages that its slow consumers have lost. */
  missed: number
  /** Connections to members of topics: how many this peer has tried to open, and how many of those could not be. */
  dials: { dialled: number; failed: number }
  /** Messages and profiles of others that were refused, by reason. Forged messages are dropped before they can be counted. */
  refusals: Partial<Record<Refusal, number>>
}

/** Publishes to topics, and subscribes to them. */
export interface Topics extends TypedEventTarget<TopicsEvents> {
  /** What this peer subscribes to. */
  readonly topics: string[]

  /**
   * Subscribes to a topic, of which a peer can have 64. Its own messages do not come back to it. A handler that fails is logged.
   *
   * @param topic - 1 to 128 characters
   * @param handler - is told of each message
   * @param options - the signal ends the subscription
   * @returns ends the subscription
   * @throws ParameterError for an impossible topic, or one too many, and where another service has started gossipsub
   * @throws NotStartedError when the service does not run
   */
  subscribe(topic: string, handler: MessageHandler, options?: AbortOptions): () => void

  /**
   * The same for a loop: `for await (const message of topics.subscribe('news', { signal }))`. Messages wait from now on. The loop ends,
   * without an error, when the signal is aborted or the service stops; a loop that is left ends the subscription.
   *
   * @throws ParameterError also for an impossible length of the queue
   */
  subscribe(topic: string, options?: QueueOptions): AsyncIterableIterator<QueuedMessage>

  /**
   * Publishes to a topic, subscribed to or not. Where no subscriber is connected, it first connects to some of those that peer sampling
   * knows. Messages are sent one after the other, no faster than those they go to first can take them.
   *
   * @param payload - up to 65,536 bytes
   * @returns when it has been handed to the peers it goes to first; that they got it is not known
   * @throws ParameterError for an impossible topic or payload, and where another service has started gossipsub
   * @throws NotStartedError when the service does not run, and the reason of the signal when that is aborted before it is sent
   */
  publish(topic: string, payload: Uint8Array, options?: AbortOptions): Promise<PublishResult>

  /** The subscribers of the topic that this peer is connected to. */
  getSubscribers(topic: string): PeerId[]

  /** What has happened so far. */
  statistics(): TopicsStatistics
}

/**
 * The service factory: `createLibp2p({ services: { sampling: peerSampling(), topics: topics() } })`. Peer sampling must have the name
 * `sampling`. It brings gossipsub with it, which runs from the first use of a topic on; another one in the same node is in its way.
 *
 * @throws ParameterError for an impossible period or seed
 */
export function topics(init: TopicsInit = {}): (components: TopicsComponents) => Topics {
  const settings = topicsSettings(init)
  return components => new TopicsService(components, settings)
}
