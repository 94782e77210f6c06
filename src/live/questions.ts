import type { AbortOptions, Connection, Logger, PeerId, Stream } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'
import type { Failure } from '../gossip/exchange.ts'
import { failureOf } from './active.ts'
import { Allowance } from './allowance.ts'
import { connect } from './connect.ts'
import { Deadline } from './deadline.ts'
import type { NetworkTiming } from './network-timing.ts'
import type { VerifiedRecord } from './records.ts'
import { type Refusal, RefusalError } from './refusal.ts'
import { boundedMessages, refuseLength } from './streams.ts'
import type { Underlay } from './underlay.ts'

/** How questions and answers are written. What cannot be read is refused, with a RefusalError. */
export interface QuestionCodec<Question, Answer, Opened> {
  encodeQuestion(question: Question): Uint8Array
  decodeQuestion(bytes: Uint8Array): Question
  /** @param answer - undefined: the peer was asked too often, or has no time */
  encodeAnswer(answer: Answer | undefined): Uint8Array
  /** What an answer of that peer says, when all of it is proven; undefined when that is busy. */
  openAnswer(bytes: Uint8Array, from: PeerId): Opened | undefined | Promise<Opened | undefined>
}

/** What others may cost a peer that answers, and it one that asks. */
export interface QuestionLimits {
  /** Longest question and longest answer in bytes. */
  maxQuestionBytes: number
  maxAnswerBytes: number
  /** Questions that one connection may have open at once. */
  maxInboundStreams: number
  /** Questions that one peer may ask at once, and in a second in the long run. */
  burst: number
  perSecond: number
}

export interface QuestionProtocolInit<Question, Answer, Opened> {
  /** The libp2p protocol id. */
  name: string
  components: { registrar: Registrar; connectionManager: ConnectionManager }
  log: Logger
  limits: QuestionLimits
  codec: QuestionCodec<Question, Answer, Opened>
  underlay(): Underlay
  /**
   * Finds the answer; undefined when this peer has no time for it.
   *
   * @param signal - aborted when nobody waits for the answer any more
   * @throws RefusalError for a question that cannot be
   */
  answer(question: Question, asker: PeerId, signal: AbortSignal): Answer | undefined | Promise<Answer | undefined>
  /** Milliseconds from question to answer, at most. Default: the network's for an exchange. */
  answerTimeout?(timing: NetworkTiming): number
  /** A question or an answer was refused. */
  onRefused(reason: Refusal): void
  /** A peer could not be asked, or did not answer in time. */
  onFailed?(key: string, why: 'unreachable' | 'timeout'): void
}

/** How a question ended at the side that asked it. */
export type Reply<Opened> =
  /** Milliseconds are from question to answer, over a stream that was open. */
  { outcome: 'answered'; answer: Opened; milliseconds: number } | { outcome: Failure }

/** One peer asks another one a question, on a stream of its own. */
export class QuestionProtocol<Question, Answer, Opened = Answer> {
  private readonly init: QuestionProtocolInit<Question, Answer, Opened>
  private readonly allowance: Allowance
  /** Streams that have brought a question, or will, each until it is done with. */
  private readonly answering = new Map<Stream, Promise<void>>()
  /** Resolves when others are answered, or never will be before the next start. */
  private started: Promise<void> = Promise.resolve()

  constructor(init: QuestionProtocolInit<Question, Answer, Opened>) {
    this.init = init
    this.allowance = new Allowance(init.limits.burst, init.limits.perSecond / 1_000)
  }

  /**
   * Answers from when this peer takes part, and resolves then.
   *
   * @param signal - to be aborted before {@link stop}
   */
  start(signal: AbortSignal): Promise<void> {
    const started = this.handle(signal)
    this.started = started.catch(err => this.init.log.error('cannot answer others on %s - %e', this.init.name, err))
    return started
  }

  private async handle(signal: AbortSignal): Promise<void> {
    const { components, name, limits, underlay } = this.init

    if ((await underlay().participation(signal)) && !signal.aborted) {
      await components.registrar.handle(name, this.onStream, { maxInboundStreams: limits.maxInboundStreams })
    }
  }

  async stop(): Promise<void> {
    const { components, name } = this.init
    await this.started
    await components.registrar.unhandle(name)

    for (const stream of this.answering.keys()) {
      stream.abort(new Error('stopping'))
    }

    await Promise.all(this.answering.values())
  }

  /** Forgets who has not asked for long. */
  tidy(): void {
    this.allowance.forgetIdle(performance.now())
  }

  /**
   * Asks a peer. One that does not answer well is counted, or reported.
   *
   * @throws the reason of the signal when it is aborted
   */
  async ask(peer: VerifiedRecord, question: Question, signal: AbortSignal): Promise<Reply<Opened>> {
    const { log, name, underlay } = this.init
    const deadline = new Deadline(underlay().timing.dialTimeout + this.answerTimeout, signal)

    try {
      return await this.talk(peer, question, deadline)
    } catch (err) {
      signal.throwIfAborted()
      log('no answer of %p on %s - %e', peer.id, name, err)
      this.blame(peer, err)
      return { outcome: failureOf(err) }
    } finally {
      deadline.clear()
    }
  }

  private get answerTimeout(): number {
    const { answerTimeout, underlay } = this.init
    const { timing } = underlay()
    return answerTimeout?.(timing) ?? timing.exchangeTimeout
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
      this.init.onFailed?.(key, why)
    }
  }

  private async talk(peer: VerifiedRecord, question: Question, { signal }: AbortOptions): Promise<Reply<Opened>> {
    const { components, name, codec, limits } = this.init
    const connection = await connect(components.connectionManager, peer, { signal })
    const stream = await connection.newStream(name, { signal })

    try {
      const messages = boundedMessages(stream, limits.maxAnswerBytes)
      const asked = performance.now()
      await messages.write(codec.encodeQuestion(question), { signal })
      const bytes = await messages.read({ signal }).catch(refuseLength)
      const milliseconds = performance.now() - asked
      const answer = await codec.openAnswer(bytes.subarray(), peer.id)
      await stream.close({ signal })
      return answer == null ? { outcome: 'busy' } : { outcome: 'answered', answer, milliseconds }
    } catch (err) {
      stream.abort(asError(err))
      throw err
    }
  }

  private readonly onStream = (stream: Stream, connection: Connection): Promise<void> => {
    const served = this.serve(stream, connection).finally(() => this.answering.delete(stream))
    this.answering.set(stream, served)
    return served
  }

  private async serve(stream: Stream, connection: Connection): Promise<void> {
    const { log, name, onRefused } = this.init
    const gone = new AbortController()
    const deadline = new Deadline(this.answerTimeout, gone.signal)
    stream.addEventListener('close', () => gone.abort(new Error('nobody waits for the answer')), { once: true })

    try {
      await this.answer(stream, connection, deadline)
    } catch (err) {
      log('could not answer %p on %s - %e', connection.remotePeer, name, err)
      stream.abort(asError(err))

      if (err instanceof RefusalError) {
        onRefused(err.reason)
      }
    } finally {
      deadline.clear()
    }
  }

  private async answer(stream: Stream, { remotePeer }: Connection, { signal }: Deadline): Promise<void> {
    const { codec, limits } = this.init
    const messages = boundedMessages(stream, limits.maxQuestionBytes)
    const question = await messages.read({ signal }).catch(refuseLength)
    const answer = await this.answerTo(question.subarray(), remotePeer, signal)
    await messages.write(codec.encodeAnswer(answer), { signal })
    await stream.close({ signal })
  }

  private async answerTo(question: Uint8Array, asker: PeerId, signal: AbortSignal): Promise<Answer | undefined> {
    const { codec, answer, onRefused } = this.init

    if (!this.allowance.take(asker.toString(), performance.now())) {
      onRefused('too-often')
      return
    }

    const found = await answer(codec.decodeQuestion(question), asker, signal)

    if (found == null) {
      onRefused('busy')
    }

    return found
  }
}

function asError(err: unknown): Error {
  return err instanceof Error ? err : new Error(String(err))
}
