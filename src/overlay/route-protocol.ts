import type { Logger, PeerId } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'
import { type QuestionCodec, QuestionProtocol } from '../live/questions.ts'
import type { VerifiedRecord } from '../live/records.ts'
import { type Refusal, RefusalError } from '../live/refusal.ts'
import type { Underlay } from '../live/underlay.ts'
import { ROUTE_LIMITS, ROUTE_PEERS } from './limits.ts'
import { RouteReply, RouteRequest } from './messages.ts'
import { openRecords } from './open-records.ts'
import type { Positions } from './positions.ts'

export interface RouteProtocolInit<P> {
  /** The libp2p protocol id. */
  name: string
  components: { registrar: Registrar; connectionManager: ConnectionManager }
  log: Logger
  positions: Positions<P>
  underlay(): Underlay
  /** The peers that this one knows nearest to the point, the nearest first. */
  nearest(point: P, count: number): VerifiedRecord[]
  /** A question or an answer was refused. */
  onRefused(reason: Refusal): void
  /** A peer could not be asked, or did not answer in time. */
  onFailed(key: string, why: 'unreachable' | 'timeout'): void
}

/** What a peer answers: what it says of itself now, and whom it knows. */
export interface Answer {
  peer: VerifiedRecord
  known: VerifiedRecord[]
}

/** The same, and how long it took in milliseconds, from question to answer. */
export interface TimedAnswer extends Answer {
  milliseconds: number
}

/** A point as the space writes it, and signed records. */
type Point = Uint8Array<ArrayBuffer>
type Envelopes = Uint8Array<ArrayBuffer>[]

/** One peer asks another one: whom do you know near to this point? */
export class RouteProtocol<P> implements QuestionCodec<Point, Envelopes, Answer> {
  private readonly init: RouteProtocolInit<P>
  private readonly questions: QuestionProtocol<Point, Envelopes, Answer>

  constructor(init: RouteProtocolInit<P>) {
    this.init = init
    this.questions = new QuestionProtocol<Point, Envelopes, Answer>({
      ...init,
      limits: ROUTE_LIMITS,
      codec: this,
      answer: (point, asker) => this.recordsFor(this.decodePoint(point), asker)
    })
  }

  /**
   * Answers from when this peer takes part, and resolves then.
   *
   * @param signal - to be aborted before {@link stop}
   */
  start(signal: AbortSignal): Promise<void> {
    return this.questions.start(signal)
  }

  async stop(): Promise<void> {
    await this.questions.stop()
  }

  /** Forgets who has not asked for long. */
  tidy(): void {
    this.questions.tidy()
  }

  /**
   * Asks a peer. One that does not answer well is counted, or reported, and has no answer.
   *
   * @throws the reason of the signal when it is aborted
   */
  async ask(peer: VerifiedRecord, point: Point, signal: AbortSignal): Promise<TimedAnswer | undefined> {
    const reply = await this.questions.ask(peer, point, signal)
    return reply.outcome === 'answered' ? { ...reply.answer, milliseconds: reply.milliseconds } : undefined
  }

  encodeQuestion(point: Point): Uint8Array {
    return RouteRequest.encode({ point })
  }

  decodeQuestion(bytes: Uint8Array): Point {
    try {
      return RouteRequest.decode(bytes).point
    } catch (err) {
      throw nowhere(err)
    }
  }

  encodeAnswer(records: Envelopes | undefined): Uint8Array {
    return RouteReply.encode({ busy: records == null, records: records ?? [] })
  }

  async openAnswer(bytes: Uint8Array, from: PeerId): Promise<Answer | undefined> {
    const reply = decodeReply(bytes)

    if (reply.busy) {
      return
    }

    const { underlay, positions } = this.init
    const [peer, ...known] = await openRecords(reply.records, from, underlay().records, positions)
    return { peer, known }
  }

  private recordsFor(point: P, asker: PeerId): Envelopes {
    const { nearest, underlay } = this.init
    const others = nearest(point, ROUTE_PEERS + 1).filter(({ id }) => !id.equals(asker))
    return [underlay().own.current, ...others.slice(0, ROUTE_PEERS)].map(({ envelope }) => envelope)
  }

  private decodePoint(point: Point): P {
    try {
      return this.init.positions.decode(point)
    } catch (err) {
      throw nowhere(err)
    }
  }
}

function nowhere(err: unknown): RefusalError {
  return new RefusalError('malformed', `a route to nowhere: ${err}`)
}

function decodeReply(bytes: Uint8Array): RouteReply {
  try {
    return RouteReply.decode(bytes, { limits: { records: ROUTE_PEERS + 1 } })
  } catch (err) {
    const tooMany = err instanceof Error && err.name === 'MaxLengthError'
    throw new RefusalError(tooMany ? 'too-many-descriptors' : 'malformed', String(err))
  }
}
