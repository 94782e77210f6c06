import { sha256 } from '@noble/hashes/sha2.js'
import { ParameterError } from '../../gossip/parameters.ts'
import { MARK_BYTES, MAX_PAYLOAD_BYTES, MAX_TOPIC_LENGTH } from './limits.ts'

const encoder = new TextEncoder()

/** @throws ParameterError unless it is text of 1 to 128 characters */
export function checkTopic(topic: string): string {
  if (typeof topic !== 'string' || topic.length < 1 || topic.length > MAX_TOPIC_LENGTH) {
    const found = typeof topic === 'string' ? `a name of ${topic.length} characters` : `a ${typeof topic}`
    throw new ParameterError('topic', `${found}, not one of 1 to ${MAX_TOPIC_LENGTH} characters`)
  }

  // half a character has no bytes of its own: two topics would be one on the wire
  if (!topic.isWellFormed()) {
    throw new ParameterError('topic', 'a name with half of a character')
  }

  return topic
}

/** @throws ParameterError unless it is bytes, and no more than 64 KiB */
export function checkPayload(payload: Uint8Array): Uint8Array {
  if (!(payload instanceof Uint8Array)) {
    throw new ParameterError('payload', 'not a Uint8Array')
  }

  if (payload.byteLength > MAX_PAYLOAD_BYTES) {
    throw new ParameterError('payload', `${payload.byteLength} bytes, more than ${MAX_PAYLOAD_BYTES}`)
  }

  return payload
}

/** What stands for a topic in records: the first bytes of its SHA-256, as a number, the high ones first. */
export function markOf(topic: string): number {
  return new DataView(sha256(encoder.encode(topic)).buffer).getUint32(0)
}

/** Marks as they are in a record: {@link MARK_BYTES} each, in order, so that the same topics always give the same bytes. */
export function encodeMarks(marks: Iterable<number>): Uint8Array {
  const sorted = [...new Set(marks)].sort((a, b) => a - b)
  const view = new DataView(new ArrayBuffer(sorted.length * MARK_BYTES))

  for (const [i, mark] of sorted.entries()) {
    view.setUint32(i * MARK_BYTES, mark)
  }

  return new Uint8Array(view.buffer)
}

/** Reads marks, or gives nothing when the bytes are no whole number of them. */
export function decodeMarks(bytes: Uint8Array): Set<number> | undefined {
  if (bytes.byteLength % MARK_BYTES !== 0) {
    return
  }

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return new Set(Array.from({ length: bytes.byteLength / MARK_BYTES }, (_, i) => view.getUint32(i * MARK_BYTES)))
}
