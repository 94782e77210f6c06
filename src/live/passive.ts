import type { Connection, Stream } from '@libp2p/interface'
import { Allowance } from './allowance.ts'
import { Deadline } from './deadline.ts'
import type { DriverInit } from './driver.ts'
import type { Frame } from './frame.ts'
import type { Ledger } from './ledger.ts'
import { SELF } from './population.ts'
import { RefusalError } from './refusal.ts'
import { FrameStream } from './streams.ts'

/** The passive thread: answers the requests of others, on each stream for as long as its peer keeps it. */
export class PassiveThread<M, Opened> {
  private readonly init: DriverInit<M, Opened>
  private readonly ledger: Ledger
  private readonly allowance: Allowance
  private readonly streams = new Set<FrameStream>()
  private readonly request: M
  private readonly reply: M

  constructor(init: DriverInit<M, Opened>, ledger: Ledger) {
    const { limits, codec } = init
    this.init = init
    this.ledger = ledger
    this.allowance = new Allowance(limits.requestBurst, limits.requestRate)
    this.request = codec.createMessage()
    this.reply = codec.createMessage()
  }

  async serve(raw: Stream, connection: Connection): Promise<void> {
    const { limits } = this.init
    const stream = new FrameStream(connection, raw, 'request', limits.maxMessageBytes, this.ledger)

    if (this.find(connection).length >= limits.maxInboundStreams) {
      this.ledger.refuse(new RefusalError('too-many-streams'), connection)
      stream.abort('too many streams')
      return
    }

    this.streams.add(stream)

    try {
      while (raw.status === 'open') {
        const frame = await stream.receive()
        stream.busy = true
        await this.answer(stream, frame)
        stream.busy = false
      }
    } catch (err) {
      await this.end(stream, err)
    } finally {
      this.streams.delete(stream)
    }
  }

  private async end(stream: FrameStream, err: unknown): Promise<void> {
    const { stream: raw, connection } = stream

    if (err instanceof RefusalError) {
      this.ledger.reject(err, connection)
      stream.abort(err)
    } else if (raw.remoteWriteStatus === 'closed') {
      // an end that has said all it wants closes its side; anything else is reset
      await raw.close().catch(err => stream.abort(err))
    } else {
      stream.abort(err)
    }
  }

  private async answer(stream: FrameStream, { kind, exchange, body }: Frame): Promise<void> {
    if (kind !== 'request') {
      throw new RefusalError('malformed', `a ${kind} where a request was due`)
    }

    const reply = await this.respond(stream.connection, body)
    const deadline = new Deadline(this.init.limits.exchangeTimeout)

    try {
      await stream.answer(exchange, reply, deadline)
    } catch (err) {
      throw err instanceof Error && err.name === 'TimeoutError' ? new RefusalError('stalled', 'does not read') : err
    } finally {
      deadline.clear()
    }
  }

  /** The answer, or nothing when the peer is busy or the other one asks too often. From `adopt` on nothing intervenes. */
  private async respond(connection: Connection, body: Uint8Array): Promise<Uint8Array | undefined> {
    const { codec, protocol, onChange } = this.init
    const from = connection.remotePeer

    if (!this.allowance.take(from.toString(), performance.now())) {
      this.ledger.reject(new RefusalError('too-often'), connection)
      return
    }

    const opened = codec.open(body, 'request', from)
    const sender = codec.adopt(opened instanceof Promise ? await opened : opened, from, this.request)

    this.init.beforeTurn()

    if (!protocol.respond(SELF, sender, this.request, this.reply)) {
      this.ledger.reject(new RefusalError('busy'), connection)
      return
    }

    const reply = codec.encode(this.reply)
    this.ledger.answered()
    onChange(from)
    return reply
  }

  /** Closes streams that bring nothing, and forgets who has long asked for nothing. */
  tidy(): void {
    const now = performance.now()
    this.allowance.forgetIdle(now)

    for (const stream of this.streams) {
      if (!stream.busy && now - stream.lastUsed > this.init.limits.streamTimeout) {
        this.ledger.refuse(new RefusalError('idle'), stream.connection)
        stream.abort('idle')
      }
    }
  }

  /** The streams that a connection holds open. */
  find(connection: Connection): FrameStream[] {
    return [...this.streams].filter(stream => stream.connection === connection)
  }

  stop(): void {
    for (const stream of this.streams) {
      stream.abort('stopping')
    }
  }
}
