import { allocUnsafe } from 'uint8arrays/alloc'
import { RefusalError } from './refusal.ts'

/** What a frame is in an exchange. */
export type FrameKind = 'request' | 'reply' | 'busy'

const KINDS: FrameKind[] = ['request', 'reply', 'busy']

/** Bytes before the message: its kind, the number of the exchange, and in an answer the time that the request was held. */
export function headerBytes(kind: FrameKind): number {
  return kind === 'request' ? 5 : 9
}

/** The time goes over the wire in microseconds: a round trip on a local network takes a few hundred of them. */
const MICROSECONDS = 1_000
const MAX_UINT32 = 2 ** 32 - 1

/** A message with what the driver needs to know of it. */
export interface Frame {
  kind: FrameKind
  /** Given by the initiator and repeated in the answer, so that a late or second answer is told apart. */
  exchange: number
  /** Milliseconds from when the answerer had read the request to when it wrote the answer, as it says. 0 in a request. */
  held: number
  /** The protocol's own message. */
  body: Uint8Array
}

const NOTHING = new Uint8Array(0)

/**
 * The bytes of a frame; libp2p's length prefix goes before them.
 *
 * @param held - milliseconds, of an answer only. More than the 71 minutes that there is room for is written as these
 */
export function encodeFrame(kind: FrameKind, exchange: number, body: Uint8Array = NOTHING, held = 0): Uint8Array {
  const header = headerBytes(kind)
  const bytes = allocUnsafe(header + body.byteLength)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  bytes[0] = KINDS.indexOf(kind)
  view.setUint32(1, exchange)

  if (kind !== 'request') {
    view.setUint32(5, Math.min(Math.round(held * MICROSECONDS), MAX_UINT32))
  }

  bytes.set(body, header)
  return bytes
}

/** @throws RefusalError `malformed` */
export function decodeFrame(bytes: Uint8Array): Frame {
  const kind = KINDS[bytes[0]]

  if (kind == null || bytes.byteLength < headerBytes(kind)) {
    throw new RefusalError('malformed', 'a frame without a header')
  }

  const header = headerBytes(kind)
  const view = new DataView(bytes.buffer, bytes.byteOffset)

  return {
    kind,
    exchange: view.getUint32(1),
    held: kind === 'request' ? 0 : view.getUint32(5) / MICROSECONDS,
    // a plain view, not a Node Buffer: a decoder takes many slices of it, and those of a Buffer cost several times as much
    body: new Uint8Array(bytes.buffer, bytes.byteOffset + header, bytes.byteLength - header)
  }
}
