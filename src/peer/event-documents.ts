import type { AbortOptions } from '@libp2p/interface'
import { fromString as fromText } from 'uint8arrays/from-string'
import { toString as toText } from 'uint8arrays/to-string'
import { ParameterError } from '../gossip/parameters.ts'
import {
  type ContentPubSub,
  type ContentPubSubStatistics,
  type DeliveredEvent,
  EventError,
  type EventInit,
  FilterError,
  type FilterJson,
  type PublishOutcome,
  type Value
} from '../pubsub/index.ts'
import type { TopicMessage, Topics } from '../pubsub/topics/index.ts'
import { Refused } from './router.ts'
import type { Tell } from './watchers.ts'

/** A payload as JSON: text where it is text in UTF-8, else base64. */
export type PayloadDocument = { payload: string } | { payloadBase64: string }

/** An event as JSON, as those who asked for it get it. */
export type EventDocument = {
  id: string
  publisher: string
  sequence: string
  /** ISO 8601. */
  time: string
  attributes: Record<string, Value>
  /** Events that were lost just before, because they were not taken in time. */
  missed: number
} & PayloadDocument

/** A message to a topic as JSON. */
export type TopicMessageDocument = {
  topic: string
  publisher: string
  sequence: string
  missed: number
} & PayloadDocument

/** A subscription as JSON. */
export interface SubscriptionDocument {
  filter: string
  delivered: number
  missed: number
  links: number
}

/** What `gossip-peer status --json` says of events. */
export type EventsStatus = Omit<ContentPubSubStatistics, 'subscriptions'> & { subscriptions: SubscriptionDocument[] }

/** What is to be published, as it comes over the control socket. */
interface Publication {
  event?: unknown
  topic?: unknown
  payloadBase64?: unknown
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function payloadDocument(payload: Uint8Array): PayloadDocument {
  try {
    return { payload: strict.decode(payload) }
  } catch {
    return { payloadBase64: toText(payload, 'base64pad') }
  }
}

export function eventDocument({
  id,
  publisher,
  sequence,
  time,
  attributes,
  payload,
  missed
}: DeliveredEvent): EventDocument {
  return {
    id,
    publisher: publisher.toString(),
    sequence: String(sequence),
    time: time.toISOString(),
    attributes: { ...attributes },
    ...payloadDocument(payload),
    missed
  }
}

function messageDocument(message: TopicMessage & { missed: number }): TopicMessageDocument {
  const { topic, from, data, sequenceNumber, missed } = message
  return { topic, publisher: from.toString(), sequence: String(sequenceNumber), ...payloadDocument(data), missed }
}

export function subscriptionsOf(content: ContentPubSub): SubscriptionDocument[] {
  return content.subscriptions.map(({ filter, delivered, missed, links }) => ({
    filter: String(filter),
    delivered,
    missed,
    links
  }))
}

export function eventsStatus(content: ContentPubSub): EventsStatus {
  return { ...content.statistics(), subscriptions: subscriptionsOf(content) }
}

/**
 * Publishes what came in the body of a request.
 *
 * @throws Refused where that cannot be
 */
export async function publish(
  body: Buffer,
  { content, topics }: { content: ContentPubSub; topics: Topics },
  options: AbortOptions
): Promise<PublishOutcome | { recipients: number }> {
  const { event, topic, payloadBase64 = '' } = documentIn(body) as Publication
  expectOne({ event, topic })
  const payload = payloadIn(payloadBase64)

  return await refusing(async () =>
    topic == null
      ? await content.publish(event as EventInit, payload, options)
      : await topics.publish(topic as string, payload, options)
  )
}

/**
 * Asks for what the body of a request says, a filter or a topic, and tells what comes.
 *
 * @returns begins to tell, see `Watchers`
 * @throws Refused where that cannot be
 */
export function subscribe(
  body: Buffer,
  { content, topics }: { content: ContentPubSub; topics: Topics },
  onError: (err: unknown) => void
): (tell: Tell) => () => void {
  const { filter, topic } = documentIn(body) as { filter?: unknown; topic?: unknown }
  expectOne({ filter, topic })
  const gone = new AbortController()
  const { signal } = gone
  const source = refusingNow(() =>
    topic == null
      ? { events: content.subscribe(filter as string | FilterJson, { signal }), describe: eventDocument }
      : { events: topics.subscribe(topic as string, { signal }), describe: messageDocument }
  )

  return tell => {
    const run = async () => {
      for await (const item of source.events) {
        // meanwhile the oldest of what waits are lost, and the next one says how many
        await tell((source.describe as (item: unknown) => object)(item))
      }
    }
    run().catch(err => {
      if (!signal.aborted) {
        onError(err)
      }
    })
    return () => gone.abort()
  }
}

function documentIn(body: Buffer): object {
  try {
    const document: unknown = JSON.parse(body.toString())

    if (typeof document === 'object' && document !== null && !Array.isArray(document)) {
      return document
    }
  } catch {
    // said below
  }

  throw new Refused(400, 'the body is no JSON object')
}

/** @throws Refused unless exactly one of the two is there */
function expectOne(alternatives: Record<string, unknown>): void {
  if (Object.values(alternatives).filter(value => value != null).length !== 1) {
    throw new Refused(400, `expected one of ${Object.keys(alternatives).join(' and ')}`)
  }
}

function payloadIn(base64: unknown): Uint8Array {
  try {
    if (typeof base64 === 'string') {
      return fromText(base64, 'base64pad')
    }
  } catch {
    // said below
  }

  throw new Refused(400, 'payloadBase64: not base64')
}

async function refusing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (err) {
    throw asRefused(err)
  }
}

function refusingNow<T>(act: () => T): T {
  try {
    return act()
  } catch (err) {
    throw asRefused(err)
  }
}

/** What was asked for is at fault, and not the peer. */
function asRefused(err: unknown): unknown {
  const isAsked = err instanceof EventError || err instanceof FilterError || err instanceof ParameterError
  return isAsked ? new Refused(400, err.message) : err
}
