import type { Logger, PeerId } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'
import type { Outcome } from '../gossip/exchange.ts'
import { Deadline } from '../live/deadline.ts'
import { isFailure } from '../live/gossip-round.ts'
import type { NetworkTiming } from '../live/network-timing.ts'
import { QuestionProtocol } from '../live/questions.ts'
import type { VerifiedRecord } from '../live/records.ts'
import type { Refusal } from '../live/refusal.ts'
import type { Underlay } from '../live/underlay.ts'
import { MAX_ROUND_TRIP } from './constants.ts'
import type { MeasureOptions } from './index.ts'
import { MEASURE_LIMITS, MEASURE_PROTOCOL, MEASUREMENT_PROBES } from './limits.ts'
import { type Measured, measurementCodec } from './measurement-codec.ts'

/** A round trip could not be measured. The message is one line. */
export class MeasurementError extends Error {
  override readonly name = 'MeasurementError'
}

export interface MeasurementsInit {
  /** This peer. */
  id: PeerId
  components: { registrar: Registrar; connectionManager: ConnectionManager }
  log: Logger
  underlay(): Underlay
  /** Makes an exchange with a peer, and sees it to its end. */
  exchange(peer: VerifiedRecord, signal: AbortSignal): Promise<Outcome>
  /** A question or an answer was refused. */
  onRefused(reason: Refusal): void
}

/** Measures round trips: those of this peer, for itself and for others, and by their word those of others. */
export class Measurements {
  private readonly init: MeasurementsInit
  private readonly questions: QuestionProtocol<PeerId, Measured>
  private controller = new AbortController()
  /** This peer measures for another one. */
  private isAsked = false

  constructor(init: MeasurementsInit) {
    this.init = init
    this.questions = new QuestionProtocol<PeerId, Measured>({
      ...init,
      name: MEASURE_PROTOCOL,
      limits: MEASURE_LIMITS,
      codec: measurementCodec,
      answer: (target, _asker, signal) => this.answer(target, signal),
      answerTimeout: timing => timing.exchangeTimeout + timeFor(timing)
    })
    this.controller.abort(notRunning())
  }

  start(): void {
    this.controller = new AbortController()
  }

  /** Others are answered when this peer takes part: a long wait must not keep the node from starting. */
  async afterStart(): Promise<void> {
    const answering = this.questions.start(this.controller.signal)

    if (this.init.underlay().takesPart) {
      await answering
    }
  }

  async stop(): Promise<void> {
    this.controller.abort(notRunning())
    await this.questions.stop()
  }

  /** Forgets who has not asked for long. */
  tidy(): void {
    this.questions.tidy()
  }

  /**
   * Measures the round trip between two peers, one of which may be this one.
   *
   * @throws MeasurementError, or the reason of the signal when it is aborted
   */
  async measure(peer: PeerId, { from = this.init.id, signal }: MeasureOptions = {}): Promise<number> {
    const { id } = this.init
    const stopped = this.controller.signal
    const until = signal == null ? stopped : AbortSignal.any([signal, stopped])
    until.throwIfAborted()

    if (peer.equals(from)) {
      throw new MeasurementError(`${peer} has no round trip to itself`)
    }

    // the way there and back takes as long from either end
    const other = from.equals(id) ? peer : from
    const record = this.find(other)

    if (record == null) {
      throw new MeasurementError(`${other} is not known here`)
    }

    return other.equals(peer) || peer.equals(id)
      ? await this.measureHere(record, until)
      : await this.ask(record, peer, until)
  }

  private async measureHere(record: VerifiedRecord, signal: AbortSignal): Promise<number> {
    const measured = await this.shortest(record, signal)
    signal.throwIfAborted()

    if (typeof measured !== 'number') {
      throw new MeasurementError(silence(record.key, measured))
    }

    return measured
  }

  /** The shortest round trip of a few exchanges, of those that there was time for, or how the last of them ended. */
  private async shortest(record: VerifiedRecord, signal: AbortSignal): Promise<number | Outcome> {
    const { underlay, exchange } = this.init
    let shortest = Infinity
    let outcome: Outcome = 'answered'
    const unwatch = underlay().watchRoundTrips((peer, roundTrip) => {
      if (peer.equals(record.id)) {
        shortest = Math.min(shortest, roundTrip)
      }
    })

    try {
      for (let probe = 0; probe < MEASUREMENT_PROBES && !isFailure(outcome) && !signal.aborted; probe++) {
        outcome = await exchange(record, signal)
      }
    } finally {
      unwatch()
    }

    return shortest < Infinity ? shortest : outcome
  }

  private async ask(from: VerifiedRecord, target: PeerId, signal: AbortSignal): Promise<number> {
    const reply = await this.questions.ask(from, target, signal)

    if (reply.outcome !== 'answered') {
      throw new MeasurementError(silence(from.key, reply.outcome))
    }

    switch (reply.answer) {
      case 'unknown':
        throw new MeasurementError(`${target} is not known to ${from.key}`)
      case 'unreachable':
        throw new MeasurementError(`${target} does not answer ${from.key}`)
      default:
        return reply.answer
    }
  }

  /** Measures for another peer, whom that must not serve to have this one dial whatever it names. */
  private async answer(target: PeerId, signal: AbortSignal): Promise<Measured | undefined> {
    const record = this.find(target)

    if (record == null || target.equals(this.init.id)) {
      return 'unknown'
    }

    if (this.isAsked) {
      return
    }

    const deadline = new Deadline(timeFor(this.init.underlay().timing), signal)
    this.isAsked = true

    try {
      const measured = await this.shortest(record, deadline.signal)
      return typeof measured === 'number' && measured <= MAX_ROUND_TRIP ? measured : 'unreachable'
    } finally {
      this.isAsked = false
      deadline.clear()
    }
  }

  private find(peer: PeerId): VerifiedRecord | undefined {
    return this.init.underlay().newest(peer.toString())
  }
}

/** Milliseconds that a measurement for another peer may take: the first exchange may have to connect, and a few take no longer
 * than two that just come in time. Our choice. */
function timeFor({ dialTimeout, exchangeTimeout }: NetworkTiming): number {
  return 2 * (dialTimeout + exchangeTimeout)
}

function notRunning(): MeasurementError {
  return new MeasurementError('network coordinates do not run here')
}

/** What to say of a peer of which no round trip was learned. */
function silence(key: string, outcome: Outcome): string {
  switch (outcome) {
    case 'answered':
      return `${key} answers, but its round trip cannot be told: too short for the clock here, or it holds requests too long`
    case 'busy':
      return `${key} is busy, or was asked too often: try again in some seconds`
    case 'malformed':
    case 'too-long':
      return `${key} answers what cannot be: ${outcome}`
    default:
      return `${key} does not answer: ${outcome}`
  }
}
