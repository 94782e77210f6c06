/**
 * Events by content: publish/subscribe without brokers and without topics. A filter says which events one wants, by what is in them; an event goes to all
 * whose filters it matches, and to nobody else.
 *
 * The service builds on peer sampling (`gossip-peer/sampling`). Subscriptions find others that ask for the same (Sub-2-Sub), and events enter at some of
 * them and spread among them. Events are signed by their publishers.
 *
 * @example
 *
 * ```typescript
 * import { noise } from '@chainsafe/libp2p-noise'
 * import { tcp } from '@libp2p/tcp'
 * import { yamux } from '@libp2p/yamux'
 * import { contentPubSub } from 'gossip-peer/pubsub'
 * import { peerSampling } from 'gossip-peer/sampling'
 * import { createLibp2p } from 'libp2p'
 *
 * const options = {
 *   addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
 *   transports: [tcp()],
 *   connectionEncrypters: [noise()],
 *   streamMuxers: [yamux()]
 * }
 *
 * const first = await createLibp2p({
 *   ...options,
 *   services: { sampling: peerSampling(), content: contentPubSub() }
 * })
 * const second = await createLibp2p({
 *   ...options,
 *   services: { sampling: peerSampling({ bootstrap: first.getMultiaddrs() }), content: contentPubSub() }
 * })
 *
 * const cheap = first.services.content.subscribe('price in [10, 20) and symbol in {AAPL, MSFT}')
 *
 * while ((await second.services.content.publish({ price: 12.5, symbol: 'AAPL' }, 'buy!')).outcome !== 'handed') {
 *   await new Promise(resolve => setTimeout(resolve, 50))
 * }
 *
 * for await (const { attributes, payload, publisher } of cheap) {
 *   console.log(attributes.symbol, attributes.price, new TextDecoder().decode(payload), 'by', publisher.toString())
 *   break
 * }
 *
 * await Promise.all([first.stop(), second.stop()])
 * ```
 *
 * @example Filters and events by themselves
 *
 * ```typescript
 * import { checkEvent, FilterIndex, parseFilter } from 'gossip-peer/pubsub'
 *
 * const cheap = parseFilter('price in [10, 20) and symbol in {AAPL, MSFT}')
 * const secure = parseFilter({ url: { starts: 'https' }, host: { ends: '.org' }, urgent: true })
 * const event = checkEvent({ price: 12.5, symbol: 'AAPL' })
 * console.log(cheap.matches(event), secure.matches(event))
 * console.log(String(secure), JSON.stringify(cheap))
 *
 * const index = new FilterIndex()
 * const names = new Map([
 *   [index.add(cheap), 'cheap'],
 *   [index.add(secure), 'secure']
 * ])
 *
 * for (const id of index.match(event)) {
 *   console.log('wanted by', names.get(id))
 * }
 * ```
 *
 * @packageDocumentation
 */
import type { AbortOptions } from '@libp2p/interface'
import type { ExchangeStatistics } from '../live/exchange-statistics.ts'
import type { Event, Value } from './event.ts'
import type { Filter } from './filter.ts'
import type { FilterJson } from './filter-json.ts'
import type { Handed } from './publisher.ts'
import { type ContentPubSubComponents, ContentPubSubService } from './service.ts'
import { type ContentPubSubInit, contentPubSubSettings } from './settings.ts'
import type { DeliveredEvent, Subscription } from './subscription.ts'

export { ParameterError } from '../gossip/parameters.ts'
export type { Refusal } from '../live/refusal.ts'
export { toPoint } from './axes.ts'
export { type Box, holds, type Interval, toBoxes } from './boxes.ts'
export type { Affixes, Condition, OneOf, Range } from './condition.ts'
export * from './constants.ts'
export { checkEvent, type Event, type EventDefect, EventError, type Value } from './event.ts'
export { Filter, parseFilter } from './filter.ts'
export { type FilterDefect, FilterError } from './filter-error.ts'
export { FilterIndex } from './filter-index.ts'
export type { EndJson, FilterJson, PredicatesJson } from './filter-json.ts'
export {
  DEFAULT_MAX_AGE,
  DEFAULT_MAX_PAYLOAD_BYTES,
  DEFAULT_QUEUE,
  EVENTS_PROTOCOL,
  MAX_PAYLOAD_BYTES,
  MAX_SUBSCRIPTIONS,
  PROTOCOL,
  SEARCH_PROTOCOL
} from './limits.ts'
export type { Handed } from './publisher.ts'
export type { ContentPubSubComponents } from './service.ts'
export type { ContentPubSubInit } from './settings.ts'
export type { DeliveredEvent, Subscription } from './subscription.ts'

/** An event as it is given to be published. */
export type EventInit = Readonly<Record<string, Value>> | Event

/** Takes events, one after the other: while a promise that it returned is not settled, others wait. What it throws is logged. */
export type SubscriptionHandler = (event: DeliveredEvent) => unknown

export interface SubscribeOptions {
  /** Ends the subscription when it is aborted. */
  signal?: AbortSignal
  /** Events that may wait for being taken, from 1 to 65,536: when there is one more, the oldest is lost. Default: 256. */
  queue?: number
}

/** What became of an event that was published. */
export interface PublishOutcome extends Handed {
  /** Of the event: subscribers are told the same. */
  id: string
}

/** Counts since the service was made. Exchanges are those between subscriptions. */
export interface ContentPubSubStatistics extends ExchangeStatistics {
  /** Rounds of this peer, one a period. */
  rounds: number
  subscriptions: number
  /** Members that this peer's subscriptions and it itself keep in touch with. */
  links: number
  /** Members that are at hand, verified. */
  knownMembers: number
  events: {
    /** Published here. */
    published: number
    /** Of others, each counted once. */
    received: number
    /** Handed to subscriptions here: an event counts for each. */
    delivered: number
    /** Come to a subscription that had them already. */
    duplicates: number
    /** Lost by handlers that were too slow. */
    missed: number
  }
  /** Messages that carry events, several at a time. */
  batches: ExchangeStatistics
}

/** Publish/subscribe by content. */
export interface ContentPubSub {
  /** What this peer asks for. */
  readonly subscriptions: Subscription[]

  /**
   * Asks for the events that match a filter. It takes some rounds until all peers' events come.
   *
   * @param filter - in text or JSON form, see `docs/filters.md`
   * @param handler - takes the events. Without one, the subscription is read as an async iterable
   * @throws FilterError for a filter that cannot be read or that nothing can match; ParameterError `queue`, or `filter` when this peer has as many
   * subscriptions as there may be; the reason of the signal when it is aborted
   */
  subscribe(
    filter: string | FilterJson | Filter,
    handler: SubscriptionHandler,
    options?: SubscribeOptions
  ): Subscription
  subscribe(filter: string | FilterJson | Filter, options?: SubscribeOptions): Subscription

  /**
   * Signs an event and hands it to those who asked for it.
   *
   * @param payload - whatever belongs to it and need not be asked for: bytes, or text in UTF-8. Default: nothing
   * @returns as soon as some have taken it, who see to all others; or when nobody was found
   * @throws EventError for what is no event, or a payload that is too long; the reason of the signal when it is aborted, by when the event may have got to
   * some; `AbortError` when the service is not running, or stops
   */
  publish(event: EventInit, payload?: Uint8Array | string, options?: AbortOptions): Promise<PublishOutcome>

  /** What has happened so far. */
  statistics(): ContentPubSubStatistics
}

/**
 * The service factory: `createLibp2p({ services: { sampling: peerSampling(), content: contentPubSub() } })`. Peer sampling must have the name
 * `sampling`; this one may have any but those of the components of libp2p, such as `events`: with these no node can be made.
 *
 * @throws ParameterError for an impossible period, length or age
 */
export function contentPubSub(init: ContentPubSubInit = {}): (components: ContentPubSubComponents) => ContentPubSub {
  const settings = contentPubSubSettings(init)
  return components => new ContentPubSubService(components, settings)
}
