import type { AbortOptions, Connection, Stream } from '@libp2p/interface'
import { type LengthPrefixedStream, lpStream } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'
import { decodeFrame, encodeFrame, type Frame, headerBytes } from './frame.ts'
import { RefusalError } from './refusal.ts'

/** Counts the bytes that go over streams, in frames. */
export interface Traffic {
  sent(bytes: number): void
  received(bytes: number): void
}

/** Length-prefixed messages of at most so many bytes; of what arrives unread, twice as many are kept. */
export function boundedMessages(stream: Stream, maxDataLength: number): LengthPrefixedStream<Stream> {
  return lpStream(stream, { maxDataLength, maxBufferSize: 2 * maxDataLength, lengthDecoder })
}

/** A libp2p stream that carries frames. */
export class FrameStream {
  readonly connection: Connection
  readonly stream: Stream
  /** When it last brought a frame, in milliseconds of `performance.now()`. */
  lastUsed = performance.now()
  /** An exchange is under way on it. */
  busy = false
  private readonly messages: LengthPrefixedStream<Stream>
  private readonly traffic: Traffic

  /**
   * @param brings - what arrives on it: requests, or answers
   * @param maxBytes - longest message; what arrives unread is bounded by two of them
   */
  constructor(connection: Connection, stream: Stream, brings: 'request' | 'reply', maxBytes: number, traffic: Traffic) {
    this.connection = connection
    this.stream = stream
    this.traffic = traffic
    this.messages = boundedMessages(stream, maxBytes + headerBytes(brings))
  }

  async request(exchange: number, body: Uint8Array): Promise<void> {
    await this.write(encodeFrame('request', exchange, body))
  }

  /** Answers the frame that it brought last, and says how long that was held. Without a body: busy. */
  async answer(exchange: number, body: Uint8Array | undefined, options: AbortOptions): Promise<void> {
    const held = performance.now() - this.lastUsed
    await this.write(encodeFrame(body == null ? 'busy' : 'reply', exchange, body, held), options)
  }

  /** @throws RefusalError `too-long` or `malformed` */
  async receive(): Promise<Frame> {
    const bytes = await this.messages.read().catch(refuseLength)
    this.lastUsed = performance.now()
    this.traffic.received(bytes.byteLength)
    return decodeFrame(bytes.subarray())
  }

  abort(reason: unknown): void {
    this.stream.abort(reason instanceof Error ? reason : new Error(String(reason)))
  }

  private async write(frame: Uint8Array, options?: AbortOptions): Promise<void> {
    this.traffic.sent(frame.byteLength)
    await this.messages.write(frame, options)
  }
}

/** Names of the errors of `@libp2p/utils` for a length prefix that is out of bounds, and for more bytes than asked for. */
const LENGTH_ERRORS = new Set([
  'InvalidMessageLengthError',
  'InvalidDataLengthError',
  'InvalidDataLengthLengthError',
  'StreamBufferError'
])

/**
 * For reading {@link boundedMessages}: turns what they throw for a message that is too long into a refusal.
 *
 * @throws RefusalError `too-long`, or what it was given
 */
export function refuseLength(err: Error): never {
  throw LENGTH_ERRORS.has(err?.name) ? new RefusalError('too-long', err.message) : err
}

/** Longest length prefix in bytes: a length that goes on beyond 2^35 is none. */
const MAX_LENGTH_BYTES = 5

/** What `lpStream` takes for "more bytes, please". */
const INCOMPLETE = new RangeError('an incomplete length')

/** Reads a length prefix, given its bytes so far. The default decoder would let it go on for ever. */
function lengthDecoder(bytes: Uint8Array | Uint8ArrayList): number {
  const size = bytes.byteLength
  const byteAt = (i: number) => (bytes instanceof Uint8Array ? bytes[i] : bytes.get(i))

  if (byteAt(size - 1) >= 0x80) {
    throw size < MAX_LENGTH_BYTES ? INCOMPLETE : new RefusalError('too-long', 'a length that does not end')
  }

  let length = 0

  for (let i = size - 1; i >= 0; i--) {
    length = length * 0x80 + (byteAt(i) & 0x7f)
  }

  return length
}

/**
 * The outgoing streams of one protocol: one a connection, kept as long as the connection lives. A round trip on a kept
 * stream takes a quarter of the time of one that opens a stream first (`npm run bench exchange`).
 */
export class StreamPool {
  private readonly protocol: string
  private readonly maxBytes: number
  /** A stream unused for longer may just be closed by the other end, and is replaced. */
  private readonly maxIdle: number
  private readonly traffic: Traffic
  private readonly streams = new Map<string, FrameStream>()

  constructor(protocol: string, maxBytes: number, maxIdle: number, traffic: Traffic) {
    this.protocol = protocol
    this.maxBytes = maxBytes
    this.maxIdle = maxIdle
    this.traffic = traffic
  }

  /** The connection's stream, opened if need be. */
  async get(connection: Connection, options: AbortOptions): Promise<FrameStream> {
    const kept = this.streams.get(connection.id)

    if (kept != null && !kept.busy) {
      if (kept.stream.status === 'open' && performance.now() - kept.lastUsed < this.maxIdle) {
        kept.busy = true
        return kept
      }

      this.drop(kept, new Error('replaced'))
    }

    // libp2p copies its options, and a lazy signal gets lost in a copy
    const stream = await connection.newStream(this.protocol, { signal: options.signal })
    const opened = new FrameStream(connection, stream, 'reply', this.maxBytes, this.traffic)
    opened.busy = true

    if (!this.streams.has(connection.id)) {
      this.streams.set(connection.id, opened)
      stream.addEventListener('close', () => this.forget(opened))
    }

    return opened
  }

  /** The connection's stream, if there is one. */
  find(connection: Connection): FrameStream | undefined {
    return this.streams.get(connection.id)
  }

  /** Ends a stream after a failure. */
  drop(stream: FrameStream, reason: unknown): void {
    this.forget(stream)
    stream.abort(reason)
  }

  /** Ends an exchange that went well: the stream is kept if it is the connection's, else it has done its work. */
  release(stream: FrameStream): void {
    stream.busy = false
    stream.lastUsed = performance.now()

    if (this.streams.get(stream.connection.id) !== stream) {
      stream.stream.close().catch(err => stream.abort(err))
    }
  }

  closeAll(): void {
    for (const stream of [...this.streams.values()]) {
      this.drop(stream, new Error('stopping'))
    }
  }

  private forget(stream: FrameStream): void {
    if (this.streams.get(stream.connection.id) === stream) {
      this.streams.delete(stream.connection.id)
    }
  }
}
