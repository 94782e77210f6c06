import { ParameterError } from '../src/gossip/parameters.ts'
import type { EventDocument, PayloadDocument, TopicMessageDocument } from '../src/peer/index.ts'
import { checkEvent, isPlainObject, type Value } from '../src/pubsub/event.ts'
import type { PublishOutcome } from '../src/pubsub/index.ts'
import { checkTopic } from '../src/pubsub/topics/topic.ts'
import { follow } from './follow.ts'
import { payloadFrom } from './payload.ts'
import { counted, harmlessText, print, printJson, shown, warn } from './print.ts'
import { heeding, type Question, readWord } from './question.ts'
import { EXIT_DONE, EXIT_FAILED, UsageError } from './usage.ts'

/** A word that is to be taken as it is. */
const asIs = (text: string) => text

/** Prints events, or messages to a topic, as they come. */
export async function subscribe({ control, json, words, settings }: Question): Promise<number> {
  const topic = settings.one('topic', topicIn)
  const [word] = words

  if ((word == null) === (topic == null)) {
    throw new UsageError(
      topic == null
        ? "subscribe: needs a filter (example: gossip-peer subscribe 'price in [10, 20)'), or --topic"
        : 'subscribe: takes either a filter or --topic'
    )
  }

  const { parse } = await import('./filters.ts')
  const body = topic == null ? { filter: String(readWord('subscribe', word, parse)) } : { topic }

  return await heeding('subscribe', async () =>
    follow(
      signal => control.stream('/subscribe', { signal, body }),
      document => {
        const event = document as EventDocument | TopicMessageDocument

        if (json) {
          printJson(event)
        } else {
          print(described(event))
        }

        if (event.missed > 0) {
          warn(`${counted(event.missed, 'event')} lost before this one: they came faster than they were taken`)
        }
      }
    )
  )
}

/** Publishes one event, or a message to a topic. */
export async function publish({ control, json, words, settings }: Question): Promise<number> {
  const topic = settings.one('topic', topicIn)
  const [word] = words

  if ((word == null) === (topic == null)) {
    throw new UsageError(
      topic == null
        ? `publish: needs an event (example: gossip-peer publish '{"price": 12.5}'), or --topic`
        : 'publish: takes either an event or --topic'
    )
  }

  const target = topic == null ? { event: readWord('publish', word, eventIn) } : { topic }
  const payload = await payloadFrom(settings.one('payload', asIs))
  const answer = await heeding('publish', async () =>
    control.post('/publish', { ...target, payloadBase64: payload.toString('base64') })
  )

  if (json) {
    printJson(answer)
  }

  return topic == null ? told(answer as PublishOutcome, json) : toldTopic(answer as { recipients: number }, json)
}

function told({ outcome, handed }: PublishOutcome, json: boolean): number {
  switch (outcome) {
    case 'handed':
      if (!json) {
        print(
          `handed to ${counted(handed, 'subscription')}, which ${passes(handed)} it on to all others that ask for it`
        )
      }

      return EXIT_DONE
    case 'nobody':
      if (!json) {
        print('nobody asks for such an event')
      }

      return EXIT_DONE
    case 'unreachable':
      warn('nobody could be reached who might know who asks for such an event')
      return EXIT_FAILED
  }
}

function toldTopic({ recipients }: { recipients: number }, json: boolean): number {
  if (!json) {
    print(
      recipients === 0
        ? 'no subscriber is connected'
        : `sent to ${counted(recipients, 'subscriber')}, which ${passes(recipients)} it on`
    )
  }

  return EXIT_DONE
}

function eventIn(text: string): Record<string, Value> {
  let value: unknown

  try {
    value = JSON.parse(text)
  } catch {
    // said below
  }

  if (!isPlainObject(value)) {
    throw new Error(`${shown(text)} is no JSON object (example: '{"price": 12.5, "symbol": "AAPL"}')`)
  }

  return Object.fromEntries(checkEvent(value))
}

function topicIn(text: string): string {
  try {
    return checkTopic(text)
  } catch (err) {
    throw err instanceof ParameterError ? new Error(err.reason) : err
  }
}

function passes(count: number): string {
  return count === 1 ? 'passes' : 'pass'
}

/** An event on one line. */
export function described(document: EventDocument | TopicMessageDocument): string {
  const attributes = 'attributes' in document ? document.attributes : {}
  const time = 'time' in document ? new Date(document.time) : new Date()
  const values = Object.entries(attributes).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return harmlessText([time.toTimeString().slice(0, 8), ...values, ...payloadWords(document)].join(' '))
}

function payloadWords(document: PayloadDocument): string[] {
  if (!('payload' in document)) {
    return [`(${Buffer.from(document.payloadBase64, 'base64').byteLength} bytes)`]
  }

  const text = document.payload.trimEnd()
  return text === '' ? [] : [text]
}
