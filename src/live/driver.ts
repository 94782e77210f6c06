import type { AbortOptions, Connection, Logger, PeerId, Stream } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import { type Failure, type GossipProtocol, NOBODY, type Outcome } from '../gossip/exchange.ts'
import { Allowance } from './allowance.ts'
import { Deadline, timeoutError } from './deadline.ts'
import { decodeFrame, encodeFrame, type Frame } from './frame.ts'
import { type Refusal, RefusalError } from './refusal.ts'
import { type MessageStream, messageStream, StreamPool } from './streams.ts'

/** The node's number in its own population of one. */
export const SELF = 0

/** Streams beyond the limit that libp2p lets through to us, so that they are counted; it resets any further ones. */
const SPARE_STREAMS = 6

/** Idle streams are looked for in this fraction of the time that they are given, and once in so many milliseconds at least. */
const TIDY_FRACTION = 4
const MAX_TIDY_PERIOD = 30_000

/** Between the core's messages and the wire. `Opened` is a message whose claims are proven, but nothing is changed yet. */
export interface Codec<M, Opened> {
  createMessage(): M
  encode(message: M): Uint8Array
  /**
   * Reads and verifies a message.
   *
   * @throws RefusalError
   */
  open(bytes: Uint8Array, kind: 'request' | 'reply', from: PeerId): Opened | Promise<Opened>
  /** Turns peers into numbers. Returns the sender's number, or NOBODY. */
  adopt(opened: Opened, from: PeerId, out: M): number
}

export interface DriverLimits {
  /** Milliseconds that reaching a partner may take, its stream included. */
  dialTimeout: number
  /** Milliseconds that a partner may take to answer. */
  exchangeTimeout: number
  /** Milliseconds that a stream may lie idle. */
  streamTimeout: number
  maxMessageBytes: number
  maxInboundStreams: number
  /** Requests that one peer may send at once, and per millisecond in the long run. */
  requestBurst: number
  requestRate: number
  /** Bad messages after which a connection is closed. */
  maxOffences: number
}

export interface DriverInit<M, Opened> {
  protocol: GossipProtocol<M>
  codec: Codec<M, Opened>
  /** The libp2p protocol id. */
  name: string
  limits: DriverLimits
  registrar: Registrar
  log: Logger
  /** The protocol's state may have changed: an exchange went well, or did not. */
  onChange(well: boolean): void
}

/** One exchange that this peer starts. */
export interface ExchangeInit<M> {
  /** The partner's number, or NOBODY when it has none yet. */
  partner: number
  /** Writes the request, at the moment when it can be sent at once. */
  say(out: M): void
  connect(options: AbortOptions): Promise<Connection>
  signal: AbortSignal
}

/** What a driver has counted. */
export interface ExchangeCounts {
  initiated: number
  answered: number
  outcomes: Record<Outcome, number>
  refusals: Partial<Record<Refusal, number>>
  bytes: { sent: number; received: number }
}

/**
 * Runs a protocol core over libp2p streams: the one place where an exchange meets the network. It holds what makes that
 * hard: partners that do not answer, answer late, twice, too much or nonsense, and exchanges that overlap.
 *
 * Whatever the network brings, the core sees whole and proven messages only, one after the other.
 */
export class ExchangeDriver<M, Opened> {
  readonly counts: ExchangeCounts = {
    initiated: 0,
    answered: 0,
    outcomes: {
      answered: 0,
      busy: 0,
      unreachable: 0,
      timeout: 0,
      unsupported: 0,
      'too-long': 0,
      malformed: 0,
      aborted: 0
    },
    refusals: {},
    bytes: { sent: 0, received: 0 }
  }

  readonly streams: StreamPool
  private readonly init: DriverInit<M, Opened>
  private readonly allowance: Allowance
  private readonly served = new Set<MessageStream>()
  private readonly offences = new WeakMap<Connection, number>()
  /** The active thread's own buffers: its request must stay as it was sent until the answer has come. */
  private readonly request: M
  private readonly reply: M
  private readonly passiveRequest: M
  private readonly passiveReply: M
  private exchanges = 0
  /** Resolves when the exchange under way has ended: one at a time holds the core. */
  private turn: Promise<unknown> = Promise.resolve()
  private tidying: ReturnType<typeof setInterval> | undefined
  /** The partner of the exchange under way: its number must stay what it is. */
  partner = NOBODY

  constructor(init: DriverInit<M, Opened>) {
    const { limits, codec } = init
    this.init = init
    this.streams = new StreamPool(init.name, limits.maxMessageBytes, limits.streamTimeout / 2)
    this.allowance = new Allowance(limits.requestBurst, limits.requestRate)
    this.request = codec.createMessage()
    this.reply = codec.createMessage()
    this.passiveRequest = codec.createMessage()
    this.passiveReply = codec.createMessage()
  }

  async start(): Promise<void> {
    const { registrar, name, limits } = this.init
    const maxInboundStreams = limits.maxInboundStreams + SPARE_STREAMS
    await registrar.handle(name, (stream, connection) => this.serve(stream, connection), { maxInboundStreams })
    this.tidying = setInterval(() => this.tidy(), Math.min(limits.streamTimeout / TIDY_FRACTION, MAX_TIDY_PERIOD))
  }

  async stop(): Promise<void> {
    clearInterval(this.tidying)
    await this.init.registrar.unhandle(this.init.name)
    this.streams.closeAll()

    for (const stream of this.served) {
      stream.stream.abort(new Error('stopping'))
    }
  }

  /**
   * The active thread: one exchange. Connecting may overlap other exchanges; the core is held only from the request to
   * the answer.
   */
  async exchange(init: ExchangeInit<M>): Promise<Outcome> {
    const deadline = new Deadline(this.init.limits.dialTimeout, init.signal)
    let stream: MessageStream
    this.counts.initiated++

    try {
      const connection = await init.connect(deadline)
      stream = await this.streams.get(connection, deadline)
    } catch (err) {
      return this.inTurn(() => this.abandon(init.partner, err, init.signal))
    } finally {
      deadline.clear()
    }

    return this.inTurn(() => this.converse(stream, init))
  }

  /** One ending after the other: to the core, a failure to connect would else look like the end of what is under way. */
  private async inTurn(end: () => Outcome | Promise<Outcome>): Promise<Outcome> {
    const outcome = this.turn.then(end)
    this.turn = outcome
    return this.count(await outcome)
  }

  private async converse(stream: MessageStream, { partner, say, signal }: ExchangeInit<M>): Promise<Outcome> {
    const { protocol, codec, limits } = this.init
    const { stream: raw } = stream
    const cancel = () => raw.abort(signal.reason)
    const timer = setTimeout(() => raw.abort(timeoutError(limits.exchangeTimeout)), limits.exchangeTimeout)
    signal.addEventListener('abort', cancel)
    this.partner = partner

    try {
      signal.throwIfAborted()
      say(this.request)
      const exchange = this.nextExchange()
      await this.send(stream, encodeFrame('request', exchange, codec.encode(this.request)))
      const frame = await this.receive(stream)

      if (frame.exchange !== exchange || frame.kind === 'request') {
        throw new RefusalError('late', 'an answer to something else')
      }

      if (frame.kind === 'busy') {
        protocol.abandon(SELF, partner, 'busy')
        this.streams.release(stream)
        return 'busy'
      }

      const from = stream.connection.remotePeer
      const answer = await codec.open(frame.body, 'reply', from)
      protocol.absorb(SELF, partnerNumber(partner, codec.adopt(answer, from, this.reply)), this.request, this.reply)
      this.streams.release(stream)
      this.init.onChange(true)
      return 'answered'
    } catch (err) {
      this.streams.drop(stream, err instanceof Error ? err : new Error(String(err)))

      // whoever gives up a partner before its time has nothing to reproach it with
      if (err instanceof RefusalError && !signal.aborted) {
        this.refuse(err, stream.connection)
      }

      const why = this.abandon(partner, err, signal)

      if (why === 'timeout') {
        this.giveUp(stream.connection)
      }

      return why
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      this.partner = NOBODY
    }
  }

  private nextExchange(): number {
    this.exchanges = (this.exchanges + 1) >>> 0
    return this.exchanges
  }

  /** The other end may be gone without a word. A connection that only we use is not worth keeping to find out. */
  private giveUp(connection: Connection): void {
    if (connection.streams.every(stream => stream.protocol === this.init.name)) {
      connection.abort(new Error('no answer'))
    }
  }

  private abandon(partner: number, err: unknown, signal: AbortSignal): Failure {
    const why = signal.aborted ? 'aborted' : failureOf(err)
    this.init.log('exchange failed, %s: %s', why, err)
    this.init.protocol.abandon(SELF, partner, why)
    this.init.onChange(false)
    return why
  }

  private count(outcome: Outcome): Outcome {
    this.counts.outcomes[outcome]++
    return outcome
  }

  /** The passive thread: answers requests on a stream for as long as its peer keeps it. */
  private async serve(raw: Stream, connection: Connection): Promise<void> {
    const { limits } = this.init
    const stream = messageStream(connection, raw, limits.maxMessageBytes)
    const mine = [...this.served].filter(other => other.connection === connection)

    if (mine.length >= limits.maxInboundStreams) {
      this.refuse(new RefusalError('too-many-streams'), connection)
      raw.abort(new Error('too many streams'))
      return
    }

    this.served.add(stream)

    try {
      while (raw.status === 'open') {
        const frame = await this.receive(stream)
        stream.busy = true
        await this.answer(stream, frame)
        stream.busy = false
      }
    } catch (err) {
      const refusal = refusalOf(err)

      if (refusal != null) {
        this.refuse(refusal, connection)
      }

      // an end that has said all it wants closes its side; anything else is reset
      if (refusal == null && raw.remoteWriteStatus === 'closed') {
        await raw.close().catch(() => raw.abort(new Error('closing')))
      } else {
        raw.abort(err instanceof Error ? err : new Error(String(err)))
      }
    } finally {
      this.served.delete(stream)
    }
  }

  private async answer(stream: MessageStream, frame: Frame): Promise<void> {
    const { codec, protocol, limits } = this.init
    const from = stream.connection.remotePeer

    if (frame.kind !== 'request') {
      throw new RefusalError('malformed', `a ${frame.kind} where a request was due`)
    }

    let refused: Refusal | undefined
    let reply: Uint8Array | undefined

    if (this.allowance.take(from.toString(), performance.now())) {
      const request = await codec.open(frame.body, 'request', from)
      const number = codec.adopt(request, from, this.passiveRequest)

      if (protocol.respond(SELF, number, this.passiveRequest, this.passiveReply)) {
        reply = encodeFrame('reply', frame.exchange, codec.encode(this.passiveReply))
        this.counts.answered++
        this.init.onChange(true)
      } else {
        refused = 'busy'
      }
    } else {
      refused = 'too-often'
    }

    if (refused != null) {
      this.refuse(new RefusalError(refused), stream.connection)
    }

    const deadline = new Deadline(limits.exchangeTimeout)

    try {
      await this.send(stream, reply ?? encodeFrame('busy', frame.exchange), deadline)
    } catch (err) {
      throw err instanceof Error && err.name === 'TimeoutError' ? new RefusalError('stalled', 'does not read') : err
    } finally {
      deadline.clear()
    }
  }

  private async send(stream: MessageStream, bytes: Uint8Array, options?: AbortOptions): Promise<void> {
    this.counts.bytes.sent += bytes.byteLength
    await stream.messages.write(bytes, options)
  }

  private async receive(stream: MessageStream): Promise<Frame> {
    const bytes = await stream.messages.read()
    stream.lastUsed = performance.now()
    this.counts.bytes.received += bytes.byteLength
    return decodeFrame(bytes.subarray())
  }

  /** Counts a refusal; too many offences cost the connection. */
  private refuse(refusal: RefusalError, connection: Connection): void {
    const { reason } = refusal
    this.counts.refusals[reason] = (this.counts.refusals[reason] ?? 0) + 1
    this.init.log('refused %p: %s', connection.remotePeer, refusal.message)

    if (reason === 'busy' || reason === 'too-often' || reason === 'idle') {
      return
    }

    const offences = (this.offences.get(connection) ?? 0) + 1
    this.offences.set(connection, offences)

    if (offences >= this.init.limits.maxOffences) {
      connection.abort(new Error(`${offences} bad messages`))
    }
  }

  /** Now and then, however long a round takes: closes streams that bring nothing, and forgets who has long asked for nothing. */
  private tidy(): void {
    const now = performance.now()
    this.allowance.forgetIdle(now)

    for (const stream of this.served) {
      if (!stream.busy && now - stream.lastUsed > this.init.limits.streamTimeout) {
        this.refuse(new RefusalError('idle'), stream.connection)
        stream.stream.abort(new Error('idle'))
      }
    }
  }

  /** When the connection last carried an exchange in either direction, and whether it does now. */
  use(connection: Connection): { lastUsed: number; busy: boolean } {
    const streams = [...this.served].filter(stream => stream.connection === connection)
    const outgoing = this.streams.use(connection)

    if (outgoing != null) {
      streams.push(outgoing)
    }

    return {
      lastUsed: Math.max(0, ...streams.map(stream => stream.lastUsed)),
      busy: streams.some(stream => stream.busy)
    }
  }
}

/** A contact that had no number may have got one by its answer. */
function partnerNumber(partner: number, sender: number): number {
  return partner === NOBODY ? sender : partner
}

/** What went wrong on the active side. */
function failureOf(err: unknown): Failure {
  const name = err instanceof Error ? err.name : ''

  if (err instanceof RefusalError) {
    return err.reason === 'stalled' ? 'timeout' : err.reason === 'too-long' ? 'too-long' : 'malformed'
  }

  switch (name) {
    case 'TimeoutError':
    case 'AbortError':
      return 'timeout'
    case 'UnsupportedProtocolError':
      return 'unsupported'
    default:
      return lengthErrors.has(name) ? 'too-long' : 'unreachable'
  }
}

/** What of an error on the passive side is the sender's doing; a stream that ends is nobody's. */
function refusalOf(err: unknown): RefusalError | undefined {
  if (err instanceof RefusalError) {
    return err
  }

  return err instanceof Error && lengthErrors.has(err.name) ? new RefusalError('too-long', err.message) : undefined
}

/** Names of the errors of `@libp2p/utils` for a length prefix that is out of bounds, and for more bytes than asked for. */
const lengthErrors = new Set([
  'InvalidMessageLengthError',
  'InvalidDataLengthError',
  'InvalidDataLengthLengthError',
  'StreamBufferError'
])
