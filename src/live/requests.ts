import type { Connection, Logger, Stream } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'
import type { Failure } from '../gossip/exchange.ts'
import { failureOf } from './active.ts'
import { Allowance } from './allowance.ts'
import { connect } from './connect.ts'
import type { ProtocolUse } from './connection-keeper.ts'
import { Deadline } from './deadline.ts'
import type { Ledger } from './ledger.ts'
import type { VerifiedRecord } from './records.ts'
import { RefusalError } from './refusal.ts'
import { FrameStream, StreamPool } from './streams.ts'
import type { Underlay } from './underlay.ts'

/** What others may cost a peer that answers requests. */
export interface RequestLimits {
  /** Longest request and longest answer in bytes. */
  maxBytes: number
  /** Streams that one connection may hold open towards us. */
  maxInboundStreams: number
  /** Requests that one peer may send at once, and in a second in the long run. */
  burst: number
  perSecond: number
}

export interface RequestProtocolInit {
  /** The libp2p protocol id. */
  name: string
  components: { registrar: Registrar; connectionManager: ConnectionManager }
  log: Logger
  limits: RequestLimits
  ledger: Ledger
  underlay(): Underlay
  /**
   * Answers a request; undefined when this peer has no time for it.
   *
   * @throws RefusalError, or rejects with it, for one that cannot be: it is counted, and costs the sender its stream
   */
  answer(request: Uint8Array, connection: Connection): Promise<Uint8Array | undefined>
}

/** How a request ended at the side that made it. */
export type RequestOutcome = { outcome: 'answered'; body: Uint8Array } | { outcome: Failure }

/** Streams are looked for that bring nothing in this fraction of the time that they are given. */
const TIDY_FRACTION = 4

/**
 * Requests and answers on streams that are kept, for what two peers tell each other often: no protocol core is behind it. A connection has one
 * such stream, and one request under way on it; who has more to say says it in one request.
 */
export class RequestProtocol {
  private readonly init: RequestProtocolInit
  private readonly allowance: Allowance
  /** Made at each start: before, the timing need not be known. */
  private outgoing: StreamPool
  private readonly incoming = new Set<FrameStream>()
  private tidying: ReturnType<typeof setInterval> | undefined
  private withdraw = () => {}
  /** Resolves when others are answered, or never will be before the next start. */
  private started: Promise<void> = Promise.resolve()
  private numbers = 0

  constructor(init: RequestProtocolInit) {
    const { limits } = init
    this.init = init
    this.allowance = new Allowance(limits.burst, limits.perSecond / 1_000)
    this.outgoing = this.pool(0)
  }

  private pool(maxIdle: number): StreamPool {
    const { name, limits, ledger } = this.init
    return new StreamPool(name, limits.maxBytes, maxIdle, ledger)
  }

  /**
   * Answers from when this peer takes part, and resolves then.
   *
   * @param signal - to be aborted before {@link stop}
   */
  start(signal: AbortSignal): Promise<void> {
    const { log, name, underlay } = this.init
    const { streamTimeout } = underlay().timing
    // one that has been idle for longer may just be closed by the other end
    this.outgoing = this.pool(streamTimeout / 2)
    this.withdraw = underlay().share(name, connection => this.use(connection))
    this.tidying = setInterval(() => this.tidy(), streamTimeout / TIDY_FRACTION)
    const started = this.handle(signal)
    this.started = started.catch(err => log.error('cannot answer others on %s - %e', name, err))
    return started
  }

  private async handle(signal: AbortSignal): Promise<void> {
    const { components, name, limits, underlay } = this.init

    if ((await underlay().participation(signal)) && !signal.aborted) {
      // one more, so that it is counted
      const maxInboundStreams = limits.maxInboundStreams + 1
      await components.registrar.handle(name, this.serve, { maxInboundStreams })
    }
  }

  async stop(): Promise<void> {
    const { components, name } = this.init
    clearInterval(this.tidying)
    await this.started
    await components.registrar.unhandle(name)
    this.outgoing.closeAll()

    for (const stream of this.incoming) {
      stream.abort('stopping')
    }

    this.withdraw()
  }

  /** Sends a request and sees it to its end, whatever that is; never rejects. */
  async request(peer: VerifiedRecord, body: Uint8Array, signal: AbortSignal): Promise<RequestOutcome> {
    const { components, log, ledger, underlay } = this.init
    const { dialTimeout, exchangeTimeout } = underlay().timing
    const deadline = new Deadline(dialTimeout + exchangeTimeout, signal)
    let stream: FrameStream | undefined
    let outcome: RequestOutcome
    ledger.started()

    try {
      const connection = await connect(components.connectionManager, peer, deadline)
      stream = await this.outgoing.get(connection, deadline)
      outcome = await this.talk(stream, body, deadline.signal)
      this.outgoing.release(stream)
    } catch (err) {
      log('request to %p failed - %e', peer.id, err)

      if (stream != null) {
        this.outgoing.drop(stream, err)
      }

      if (stream != null && err instanceof RefusalError) {
        ledger.refuse(err, stream.connection)
      }

      outcome = { outcome: signal.aborted ? 'aborted' : failureOf(err) }
    } finally {
      deadline.clear()
    }

    ledger.ended(outcome.outcome)
    return outcome
  }

  private async talk(stream: FrameStream, body: Uint8Array, signal: AbortSignal): Promise<RequestOutcome> {
    const cancel = () => stream.abort(signal.reason)
    const exchange = ++this.numbers >>> 0
    signal.addEventListener('abort', cancel)

    try {
      signal.throwIfAborted()
      await stream.request(exchange, body)
      const frame = await stream.receive()

      if (frame.exchange !== exchange || frame.kind === 'request') {
        throw new RefusalError('late', 'an answer to something else')
      }

      return frame.kind === 'busy' ? { outcome: 'busy' } : { outcome: 'answered', body: frame.body }
    } catch (err) {
      // a stream that was aborted says only that it was
      signal.throwIfAborted()
      throw err
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  private readonly serve = async (raw: Stream, connection: Connection): Promise<void> => {
    const { limits, ledger } = this.init
    const stream = new FrameStream(connection, raw, 'request', limits.maxBytes, ledger)

    if (this.incomingOf(connection).length >= limits.maxInboundStreams) {
      ledger.reject(new RefusalError('too-many-streams'), connection)
      stream.abort('too many streams')
      return
    }

    this.incoming.add(stream)

    try {
      while (raw.status === 'open') {
        await this.answerNext(stream)
      }
    } catch (err) {
      if (err instanceof RefusalError) {
        ledger.reject(err, connection)
        stream.abort(err)
      } else if (raw.remoteWriteStatus === 'closed') {
        await raw.close().catch(err => stream.abort(err))
      } else {
        stream.abort(err)
      }
    } finally {
      this.incoming.delete(stream)
    }
  }

  private async answerNext(stream: FrameStream): Promise<void> {
    const { ledger, underlay } = this.init
    const { kind, exchange, body } = await stream.receive()
    const { connection } = stream

    if (kind !== 'request') {
      throw new RefusalError('malformed', `a ${kind} where a request was due`)
    }

    stream.busy = true
    const mayAsk = this.allowance.take(connection.remotePeer.toString(), performance.now())
    const reply = mayAsk ? await this.init.answer(body, connection) : undefined

    if (reply == null) {
      ledger.reject(new RefusalError(mayAsk ? 'busy' : 'too-often'), connection)
    } else {
      ledger.answered()
    }

    const deadline = new Deadline(underlay().timing.exchangeTimeout)

    try {
      await stream.answer(exchange, reply, deadline)
    } catch (err) {
      throw err instanceof Error && err.name === 'TimeoutError' ? new RefusalError('stalled', 'does not read') : err
    } finally {
      deadline.clear()
    }

    stream.busy = false
  }

  private tidy(): void {
    const now = performance.now()
    const { ledger, underlay } = this.init
    const { streamTimeout } = underlay().timing
    this.allowance.forgetIdle(now)

    for (const stream of this.incoming) {
      if (!stream.busy && now - stream.lastUsed > streamTimeout) {
        ledger.refuse(new RefusalError('idle'), stream.connection)
        stream.abort('idle')
      }
    }
  }

  private incomingOf(connection: Connection): FrameStream[] {
    return [...this.incoming].filter(stream => stream.connection === connection)
  }

  private use(connection: Connection): ProtocolUse {
    const outgoing = this.outgoing.find(connection)
    const streams = [...this.incomingOf(connection), ...(outgoing == null ? [] : [outgoing])]
    return {
      lastUsed: Math.max(0, ...streams.map(({ lastUsed }) => lastUsed)),
      busy: streams.some(({ busy }) => busy)
    }
  }
}
