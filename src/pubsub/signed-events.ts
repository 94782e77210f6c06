import type { PeerId, PrivateKey } from '@libp2p/interface'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { toString as toText } from 'uint8arrays/to-string'
import { RefusalError } from '../live/refusal.ts'
import { EVENT_ID_BYTES } from './codec.ts'
import { checkEvent, type Event, type Value } from './event.ts'
import { MAX_HEAD_BYTES, MAX_PAYLOAD_BYTES } from './limits.ts'
import { type Attribute, SignedEvent } from './messages.ts'
import { type Opened, open, seal } from './sealed.ts'

const KIND = 'gossip-peer-event'

/** The last time that a Date can be: the year 275,760. */
const MAX_TIME = 8.64e15

/** An event as its publisher has signed it. */
export interface PublishedEvent {
  /** Of its publisher and its number, as text. */
  readonly id: string
  readonly publisher: PeerId
  /** Each of a publisher's events has a higher number than those before. */
  readonly sequence: bigint
  /** Milliseconds since 1970, by the publisher's clock. */
  readonly time: number
  readonly event: Event
  readonly payload: Uint8Array<ArrayBuffer>
  readonly envelope: Uint8Array<ArrayBuffer>
}

/** An event whose signature is still to be checked. */
export interface ClaimedEvent extends PublishedEvent {
  /** @throws RefusalError `forged-event` (rejects with it) */
  verify(): Promise<void>
}

/** Signs an event. */
export async function sealEvent(
  privateKey: PrivateKey,
  event: Event,
  payload: Uint8Array,
  sequence: bigint,
  time: number
): Promise<PublishedEvent> {
  const message = SignedEvent.encode({
    sequence,
    time: BigInt(time),
    attributes: writeAttributes(event),
    payload: payload.slice()
  })
  const envelope = await seal(KIND, message, privateKey)
  return read(open(KIND, envelope, 'bad-event', 'forged-event'))
}

/**
 * Reads an event.
 *
 * @param maxPayloadBytes - that this peer takes, at most {@link MAX_PAYLOAD_BYTES}
 * @throws RefusalError `bad-event` or `long-payload`
 */
export function openEvent(bytes: Uint8Array, maxPayloadBytes: number): ClaimedEvent {
  if (bytes.byteLength > MAX_PAYLOAD_BYTES + MAX_HEAD_BYTES) {
    throw new RefusalError('bad-event', `an event of ${bytes.byteLength} bytes`)
  }

  if (bytes.byteLength > maxPayloadBytes + MAX_HEAD_BYTES) {
    throw new RefusalError('long-payload', `an event of ${bytes.byteLength} bytes`)
  }

  const opened = open(KIND, bytes, 'bad-event', 'forged-event')
  const claimed = read(opened)

  if (claimed.payload.byteLength > maxPayloadBytes) {
    throw new RefusalError('long-payload', `a payload of ${claimed.payload.byteLength} bytes`)
  }

  return claimed
}

function read(opened: Opened): ClaimedEvent {
  try {
    const { sequence, time, attributes, payload } = SignedEvent.decode(opened.payload)

    if (time > MAX_TIME) {
      throw new RefusalError('bad-event', 'a time that no calendar has')
    }

    return {
      id: eventId(opened.id, sequence),
      publisher: opened.id,
      sequence,
      time: Number(time),
      event: readAttributes(attributes),
      payload: payload.slice(),
      envelope: opened.bytes,
      verify: opened.verify
    }
  } catch (err) {
    throw err instanceof RefusalError ? err : new RefusalError('bad-event', `an event that cannot be read: ${err}`)
  }
}

export function writeAttributes(event: Event): Attribute[] {
  return [...event].map(([name, value]) => ({
    name,
    number: typeof value === 'number' ? value : undefined,
    text: typeof value === 'string' ? value : undefined,
    truth: typeof value === 'boolean' ? value : undefined
  }))
}

/** @throws RefusalError `bad-event` */
export function readAttributes(attributes: readonly Attribute[]): Event {
  const values = new Map<string, Value | undefined>()

  for (const { name, number, text, truth } of attributes) {
    if (values.has(name)) {
      throw new RefusalError('bad-event', `two values of ${JSON.stringify(name)}`)
    }

    const given = [number, text, truth].filter(value => value !== undefined)

    // which one counts would be another's choice
    if (given.length > 1) {
      throw new RefusalError('bad-event', `${JSON.stringify(name)} is of more than one kind`)
    }

    values.set(name, given[0])
  }

  try {
    return checkEvent(values)
  } catch (err) {
    throw new RefusalError('bad-event', String(err))
  }
}

/** The same for all events of a publisher with that number, whatever is in them. */
function eventId(publisher: PeerId, sequence: bigint): string {
  const number = new Uint8Array(8)
  new DataView(number.buffer).setBigUint64(0, sequence)
  return toText(sha256(concat([publisher.toMultihash().bytes, number])).subarray(0, EVENT_ID_BYTES), 'base64')
}
