import { allocUnsafe } from 'uint8arrays/alloc'
import { RefusalError } from './refusal.ts'

/** What a frame is in an exchange. */
export type FrameKind = 'request' | 'reply' | 'busy'

const KINDS: FrameKind[] = ['request', 'reply', 'busy']

/** Bytes before the message: its kind, and the number of the exchange. */
export const HEADER_BYTES = 5

/** A message with what the driver needs to know of it. */
export interface Frame {
  kind: FrameKind
  /** Given by the initiator and repeated in the answer, so that a late or second answer is told apart. */
  exchange: number
  /** The protocol's own message. */
  body: Uint8Array
}

const NOTHING = new Uint8Array(0)

/** The bytes of a frame; libp2p's length prefix goes before them. */
export function encodeFrame(kind: FrameKind, exchange: number, body: Uint8Array = NOTHING): Uint8Array {
  const bytes = allocUnsafe(HEADER_BYTES + body.byteLength)
  bytes[0] = KINDS.indexOf(kind)
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(1, exchange)
  bytes.set(body, HEADER_BYTES)
  return bytes
}

/** @throws RefusalError `malformed` */
export function decodeFrame(bytes: Uint8Array): Frame {
  const kind = KINDS[bytes[0]]

  if (bytes.byteLength < HEADER_BYTES || kind == null) {
    throw new RefusalError('malformed', 'a frame without a header')
  }

  return {
    kind,
    exchange: new DataView(bytes.buffer, bytes.byteOffset).getUint32(1),
    // a plain view, not a Node Buffer: a decoder takes many slices of it, and those of a Buffer cost several times as much
    body: new Uint8Array(bytes.buffer, bytes.byteOffset + HEADER_BYTES, bytes.byteLength - HEADER_BYTES)
  }
}
