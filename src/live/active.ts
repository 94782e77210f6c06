import type { AbortOptions, Connection, PeerId } from '@libp2p/interface'
import { type Failure, NOBODY, type Outcome } from '../gossip/exchange.ts'
import { Deadline, timeoutError } from './deadline.ts'
import type { DriverInit } from './driver.ts'
import type { Ledger } from './ledger.ts'
import { SELF } from './population.ts'
import { RefusalError } from './refusal.ts'
import { type FrameStream, StreamPool } from './streams.ts'

/**
 * An answer that was held for longer than these milliseconds and twice the round trip says little of that. Our choice: to check the
 * signatures of a message takes some, and so nobody can make itself nearer than a third of the way, less a little.
 */
const HELD_ANYWAY = 20

/** One exchange that this peer starts. */
export interface ExchangeInit<M> {
  /** The partner's number, or NOBODY when it has none yet. */
  partner: number
  /** Writes the request, at the moment when it can be sent at once. */
  say(out: M): void
  connect(options: AbortOptions): Promise<Connection>
  signal: AbortSignal
}

/** The active thread: starts exchanges, one of which holds the core at a time. */
export class ActiveThread<M, Opened> {
  readonly streams: StreamPool
  /** The partners of exchanges that are not over: their numbers must stay what they are. */
  private readonly partners: number[] = []
  private readonly init: DriverInit<M, Opened>
  private readonly ledger: Ledger
  /** The request must stay as it was sent until the answer has come. */
  private readonly request: M
  private readonly reply: M
  /** Connections on which the last answer did not come in time. */
  private readonly silent = new Set<Connection>()
  /** Resolves when the exchange under way has ended. */
  private turn: Promise<unknown> = Promise.resolve()

  constructor(init: DriverInit<M, Opened>, ledger: Ledger) {
    const { limits, codec, name } = init
    this.init = init
    this.ledger = ledger
    this.streams = new StreamPool(name, limits.maxMessageBytes, limits.streamTimeout / 2, ledger)
    this.request = codec.createMessage()
    this.reply = codec.createMessage()
  }

  /** Connecting may overlap other exchanges; the core is held only from the request to the answer. */
  async exchange(init: ExchangeInit<M>): Promise<Outcome> {
    this.partners.push(init.partner)

    try {
      return await this.run(init)
    } finally {
      this.partners.splice(this.partners.indexOf(init.partner), 1)
    }
  }

  /** Whether an exchange with the peer is not over yet. */
  isPartner(peer: number): boolean {
    return this.partners.includes(peer)
  }

  private async run(init: ExchangeInit<M>): Promise<Outcome> {
    const deadline = new Deadline(this.init.limits.dialTimeout, init.signal)
    let stream: FrameStream
    this.ledger.started()

    try {
      stream = await this.reach(init, deadline)
    } catch (err) {
      return this.inTurn(() => this.abandon(init.partner, err, init.signal))
    } finally {
      deadline.clear()
    }

    return this.inTurn(() => this.converse(stream, init))
  }

  private async reach({ connect, signal }: ExchangeInit<M>, deadline: Deadline): Promise<FrameStream> {
    const connection = await connect(deadline)

    try {
      return await this.streams.get(connection, deadline)
    } catch (err) {
      if (!signal.aborted && failureOf(err) === 'timeout') {
        this.giveUp(connection)
      }

      if (!(err instanceof Error) || err.name !== 'ConnectionClosedError') {
        throw err
      }

      // the other end has just closed it, or it lost its muxer: no fault of the partner's, who may be reached anew
      connection.abort(err)
      return await this.streams.get(await connect(deadline), deadline)
    }
  }

  /** One ending after the other: to the core, a failure to connect would else look like the end of what is under way. */
  private async inTurn(end: () => Outcome | Promise<Outcome>): Promise<Outcome> {
    const ended = this.turn.then(end)
    this.turn = ended.catch(() => {})
    const outcome = await ended
    this.ledger.ended(outcome)
    return outcome
  }

  /** Whatever goes wrong here ends as an outcome. */
  private async converse(stream: FrameStream, { partner, say, signal }: ExchangeInit<M>): Promise<Outcome> {
    const { exchangeTimeout } = this.init.limits
    const cancel = () => stream.abort(signal.reason)
    const timer = setTimeout(() => stream.abort(timeoutError(exchangeTimeout)), exchangeTimeout)
    signal.addEventListener('abort', cancel)

    try {
      signal.throwIfAborted()
      return await this.ask(stream, partner, say)
    } catch (err) {
      return this.fail(stream, partner, err, signal)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
    }
  }

  private async ask(stream: FrameStream, partner: number, say: (out: M) => void): Promise<Outcome> {
    const { protocol, codec, onChange } = this.init
    const from = stream.connection.remotePeer
    const exchange = drawNumber()
    this.init.beforeTurn()
    say(this.request)
    const request = codec.encode(this.request)
    const began = performance.now()
    await stream.request(exchange, request)
    const frame = await stream.receive()
    this.silent.delete(stream.connection)
    // opening the answer takes time as well, and releasing the stream sets it anew
    const took = stream.lastUsed - began

    if (frame.exchange !== exchange || frame.kind === 'request') {
      throw new RefusalError('late', 'an answer to something else')
    }

    if (frame.kind === 'busy') {
      protocol.abandon(SELF, partner, 'busy')
      this.streams.release(stream)
      this.time(from, took, frame.held)
      return 'busy'
    }

    const opened = codec.open(frame.body, 'reply', from)
    const sender = codec.adopt(opened instanceof Promise ? await opened : opened, from, this.reply)
    this.init.beforeTurn()
    // a contact that had no number may have got one by its answer
    protocol.absorb(SELF, partner === NOBODY ? sender : partner, this.request, this.reply)
    this.streams.release(stream)
    onChange(from)
    this.time(from, took, frame.held)
    return 'answered'
  }

  /** Tells how long the way took there and back, all in milliseconds. What the other end says may be no time at all. */
  private time(peer: PeerId, took: number, held: number): void {
    const roundTrip = took - held

    if (roundTrip < 0) {
      this.ledger.count('held-too-long')
    } else if (roundTrip > 0 && held <= HELD_ANYWAY + 2 * roundTrip) {
      this.init.onTimed?.(peer, roundTrip)
    }
  }

  private fail(stream: FrameStream, partner: number, err: unknown, signal: AbortSignal): Failure {
    this.streams.drop(stream, err)

    // whoever gives up a partner before its time has nothing to reproach it with
    if (err instanceof RefusalError && !signal.aborted) {
      this.ledger.refuse(err, stream.connection)
    }

    const why = this.abandon(partner, err, signal)

    if (why === 'timeout') {
      this.giveUp(stream.connection)
    }

    return why
  }

  private abandon(partner: number, err: unknown, signal: AbortSignal): Failure {
    const why = signal.aborted ? 'aborted' : failureOf(err)
    this.init.log('exchange failed, %s: %s', why, err)
    this.init.protocol.abandon(SELF, partner, why)
    this.init.onChange()
    return why
  }

  /** The other end may be gone without a word. A connection that nobody else uses is not worth keeping to find out. */
  private giveUp(connection: Connection): void {
    this.silent.add(connection)
    this.tidy()
  }

  /** Cuts connections without an answer. While something else is under way on one, it is left to end, or to wait in vain as well. */
  tidy(): void {
    for (const connection of this.silent) {
      if (connection.status !== 'open') {
        this.silent.delete(connection)
      } else if (this.init.isIdle(connection)) {
        this.silent.delete(connection)
        connection.abort(new Error('no answer'))
      }
    }
  }
}

/** Numbers an exchange so that nobody can answer before it is asked. */
function drawNumber(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]
}

/** What an error of a stream, or on the way to it, means for an exchange. */
export function failureOf(err: unknown): Failure {
  if (err instanceof RefusalError) {
    return err.reason === 'too-long' ? 'too-long' : 'malformed'
  }

  switch (err instanceof Error ? err.name : '') {
    case 'TimeoutError':
    case 'AbortError':
      return 'timeout'
    case 'UnsupportedProtocolError':
      return 'unsupported'
    default:
      return 'unreachable'
  }
}
