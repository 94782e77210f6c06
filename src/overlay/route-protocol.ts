import type { AbortOptions, Connection, Logger, PeerId, Stream } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'
import { failureOf } from '../live/active.ts'
import { Allowance } from '../live/allowance.ts'
import { connect } from '../live/connect.ts'
import { Deadline } from '../live/deadline.ts'
import type { VerifiedRecord } from '../live/records.ts'
import { type Refusal, RefusalError } from '../live/refusal.ts'
import { boundedMessages, refuseLength } from '../live/streams.ts'
import type { Underlay } from '../live/underlay.ts'
import {
  MAX_ANSWER_BYTES,
  MAX_QUESTION_BYTES,
  MAX_ROUTE_STREAMS,
  ROUTE_BURST,
  ROUTE_PEERS,
  ROUTES_PER_SECOND
} from './limits.ts'
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

/** One peer asks another one: whom do you know near to this point? */
export class RouteProtocol<P> {
  private readonly init: RouteProtocolInit<P>
  private readonly allowance = new Allowance(ROUTE_BURST, ROUTES_PER_SECOND / 1_000)
  private readonly streams = new Set<Stream>()

  constructor(init: RouteProtocolInit<P>) {
    this.init = init
  }

  /** Answers from now on. */
  async start(): Promise<void> {
    const { components, name } = this.init
    await components.registrar.handle(name, this.onStream, { maxInboundStreams: MAX_ROUTE_STREAMS })
  }

  async stop(): Promise<void> {
    const { components, name } = this.init
    await components.registrar.unhandle(name)

    for (const stream of this.streams) {
      stream.abort(new Error('stopping'))
    }
  }

  /** Forgets who has not asked for long. */
  tidy(): void {
    this.allowance.forgetIdle(performance.now())
  }

  /**
   * Asks a peer. One that does not answer well is counted, or reported, and has no answer.
   *
   * @throws the reason of the signal when it is aborted
   */
  async ask(
    peer: VerifiedRecord,
    point: Uint8Array<ArrayBuffer>,
    signal: AbortSignal
  ): Promise<TimedAnswer | undefined> {
    const { dialTimeout, exchangeTimeout } = this.init.underlay().timing
    const deadline = new Deadline(dialTimeout + exchangeTimeout, signal)

    try {
      return await this.talk(peer, point, deadline)
    } catch (err) {
      signal.throwIfAborted()
      this.init.log('no answer of %p on a route - %e', peer.id, err)
      this.blame(peer, err)
      return
    } finally {
      deadline.clear()
    }
  }

  /** A stream that is reset, as those beyond a limit are, says nothing against a peer that is there. */
  private blame({ id, key }: VerifiedRecord, err: unknown): void {
    if (err instanceof RefusalError) {
      this.init.onRefused(err.reason)
      return
    }

    const why = failureOf(err)
    const connections = this.init.components.connectionManager.getConnections(id)
    const isThere = connections.some(({ status }) => status === 'open')

    if (why === 'timeout' || (why === 'unreachable' && !isThere)) {
      this.init.onFailed(key, why)
    }
  }

  private async talk(
    peer: VerifiedRecord,
    point: Uint8Array<ArrayBuffer>,
    { signal }: AbortOptions
  ): Promise<TimedAnswer | undefined> {
    const { components, name } = this.init
    const connection = await connect(components.connectionManager, peer, { signal })
    const stream = await connection.newStream(name, { signal })

    try {
      const messages = boundedMessages(stream, MAX_ANSWER_BYTES)
      const asked = performance.now()
      await messages.write(RouteRequest.encode({ point }), { signal })
      const reply = decodeReply(await messages.read({ signal }).catch(refuseLength))
      const milliseconds = performance.now() - asked
      await stream.close({ signal })
      return reply.busy ? undefined : { ...(await this.open(reply.records, peer.id)), milliseconds }
    } catch (err) {
      stream.abort(asError(err))
      throw err
    }
  }

  private async open(envelopes: Uint8Array[], from: PeerId): Promise<Answer> {
    const { records } = this.init.underlay()
    const [peer, ...known] = await openRecords(envelopes, from, records, this.init.positions)
    return { peer, known }
  }

  private readonly onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    const { log, onRefused, underlay } = this.init
    const deadline = new Deadline(underlay().timing.exchangeTimeout)
    this.streams.add(stream)

    try {
      await this.answer(stream, connection, deadline)
    } catch (err) {
      log('could not answer %p on a route - %e', connection.remotePeer, err)
      stream.abort(asError(err))

      if (err instanceof RefusalError) {
        onRefused(err.reason)
      }
    } finally {
      this.streams.delete(stream)
      deadline.clear()
    }
  }

  private async answer(stream: Stream, { remotePeer }: Connection, { signal }: AbortOptions): Promise<void> {
    const messages = boundedMessages(stream, MAX_QUESTION_BYTES)
    const question = await messages.read({ signal }).catch(refuseLength)
    const busy = !this.allowance.take(remotePeer.toString(), performance.now())

    if (busy) {
      this.init.onRefused('too-often')
    }

    const records = busy ? [] : this.recordsFor(this.decodeRequest(question), remotePeer)
    await messages.write(RouteReply.encode({ busy, records }), { signal })
    await stream.close({ signal })
  }

  private recordsFor(point: P, asker: PeerId): Uint8Array<ArrayBuffer>[] {
    const { nearest, underlay } = this.init
    const others = nearest(point, ROUTE_PEERS + 1).filter(({ id }) => !id.equals(asker))
    return [underlay().own.current, ...others.slice(0, ROUTE_PEERS)].map(({ envelope }) => envelope)
  }

  private decodeRequest(bytes: Parameters<typeof RouteRequest.decode>[0]): P {
    try {
      return this.init.positions.decode(RouteRequest.decode(bytes).point)
    } catch (err) {
      throw new RefusalError('malformed', `a route to nowhere: ${err}`)
    }
  }
}

function decodeReply(bytes: Parameters<typeof RouteReply.decode>[0]): RouteReply {
  try {
    return RouteReply.decode(bytes, { limits: { records: ROUTE_PEERS + 1 } })
  } catch (err) {
    const tooMany = err instanceof Error && err.name === 'MaxLengthError'
    throw new RefusalError(tooMany ? 'too-many-descriptors' : 'malformed', String(err))
  }
}

function asError(err: unknown): Error {
  return err instanceof Error ? err : new Error(String(err))
}
