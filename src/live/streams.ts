import type { AbortOptions, Connection, Stream } from '@libp2p/interface'
import { type LengthPrefixedStream, lpStream } from '@libp2p/utils'
import { HEADER_BYTES } from './frame.ts'

/** A stream that carries whole messages, and when it last did. */
export interface MessageStream {
  readonly connection: Connection
  readonly stream: Stream
  readonly messages: LengthPrefixedStream<Stream>
  /** Milliseconds of `performance.now()`. */
  lastUsed: number
  /** An exchange is under way on it. */
  busy: boolean
}

/** Wraps a stream for messages of at most so many bytes. What arrives unread is bounded by two of them. */
export function messageStream(connection: Connection, stream: Stream, maxBytes: number): MessageStream {
  const maxDataLength = maxBytes + HEADER_BYTES
  const messages = lpStream(stream, { maxDataLength, maxBufferSize: 2 * maxDataLength })
  return { connection, stream, messages, lastUsed: performance.now(), busy: false }
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
  private readonly streams = new Map<string, MessageStream>()

  constructor(protocol: string, maxBytes: number, maxIdle: number) {
    this.protocol = protocol
    this.maxBytes = maxBytes
    this.maxIdle = maxIdle
  }

  /** The connection's stream, opened if need be, or another one while that is busy. It is the caller's until {@link release} or {@link drop}. */
  async get(connection: Connection, options: AbortOptions): Promise<MessageStream> {
    const kept = this.streams.get(connection.id)

    if (kept != null && !kept.busy) {
      if (kept.stream.status === 'open' && performance.now() - kept.lastUsed < this.maxIdle) {
        kept.busy = true
        return kept
      }

      this.drop(kept, new Error('replaced'))
    }

    const stream = await connection.newStream(this.protocol, options)
    const opened = messageStream(connection, stream, this.maxBytes)
    opened.busy = true

    if (!this.streams.has(connection.id)) {
      this.streams.set(connection.id, opened)
      stream.addEventListener('close', () => this.forget(opened))
    }

    return opened
  }

  /** When the connection last carried an exchange, if it has a stream here, and whether one is under way. */
  use(connection: Connection): MessageStream | undefined {
    return this.streams.get(connection.id)
  }

  /** Ends a stream after a failure. */
  drop(stream: MessageStream, reason: Error): void {
    this.forget(stream)
    stream.stream.abort(reason)
  }

  /** Ends an exchange that went well: the stream is kept if it is the connection's, else it has done its work. */
  release(stream: MessageStream): void {
    stream.busy = false
    stream.lastUsed = performance.now()

    if (this.streams.get(stream.connection.id) !== stream) {
      void stream.stream.close().catch(err => stream.stream.abort(err))
    }
  }

  closeAll(): void {
    for (const stream of [...this.streams.values()]) {
      this.drop(stream, new Error('stopping'))
    }
  }

  private forget(stream: MessageStream): void {
    if (this.streams.get(stream.connection.id) === stream) {
      this.streams.delete(stream.connection.id)
    }
  }
}
