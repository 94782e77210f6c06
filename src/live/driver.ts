import type { Connection, Logger, PeerId } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import type { GossipProtocol, Outcome } from '../gossip/exchange.ts'
import { ActiveThread, type ExchangeInit } from './active.ts'
import type { ProtocolUse } from './connection-keeper.ts'
import type { ExchangeMetrics } from './exchange-metrics.ts'
import { type ExchangeCounts, Ledger } from './ledger.ts'
import { harmless } from './listeners.ts'
import type { NetworkTiming } from './network-timing.ts'
import { PassiveThread } from './passive.ts'
import type { Refusal } from './refusal.ts'

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
   * Reads and verifies a message. At once where it can: an exchange then costs no turn of the event loop.
   *
   * @throws RefusalError
   */
  open(bytes: Uint8Array, kind: 'request' | 'reply', from: PeerId): Opened | Promise<Opened>
  /** Turns peers into numbers. Returns the sender's number, or NOBODY. */
  adopt(opened: Opened, from: PeerId, out: M): number
}

/** What a protocol lets others cost this peer, whatever the network. */
export interface ProtocolLimits {
  maxMessageBytes: number
  /** Streams that one connection may hold open towards us. */
  maxInboundStreams: number
  /** Requests that one peer may send at once. */
  requestBurst: number
  /** Requests that one peer may send in a period, in the long run. Default: those of the network. */
  requestsPerPeriod?: number
  /** Bad messages after which a connection is closed. */
  maxOffences: number
}

/** What others may cost this peer. */
export interface DriverLimits extends ProtocolLimits {
  /** Milliseconds that reaching a partner may take, its stream included. */
  dialTimeout: number
  /** Milliseconds that a partner may take to answer. */
  exchangeTimeout: number
  /** Milliseconds that a stream may lie idle. */
  streamTimeout: number
  /** Requests that one peer may send per millisecond in the long run. */
  requestRate: number
}

/** The limits of a protocol that runs in a network of that timing. */
export function driverLimits(limits: ProtocolLimits, timing: NetworkTiming): DriverLimits {
  const { period, requestsPerPeriod, dialTimeout, exchangeTimeout, streamTimeout } = timing
  return {
    ...limits,
    dialTimeout,
    exchangeTimeout,
    streamTimeout,
    requestRate: (limits.requestsPerPeriod ?? requestsPerPeriod) / period
  }
}

export interface DriverInit<M, Opened> {
  protocol: GossipProtocol<M>
  codec: Codec<M, Opened>
  /** The libp2p protocol id. */
  name: string
  limits: DriverLimits
  registrar: Registrar
  log: Logger
  metrics?: ExchangeMetrics
  /** Whether nobody uses the connection now, but for streams that gossip protocols keep open: it may then be cut. */
  isIdle(connection: Connection): boolean
  /** The protocol is about to speak or to be told something: when it is told the time. */
  beforeTurn(): void
  /**
   * The protocol's state may have changed: an exchange with this peer went well, or one with nobody did not. What this and
   * `onTimed` throw is logged, and changes nothing of the exchange.
   */
  onChange(met?: PeerId): void
  /**
   * An exchange that this peer started was answered, be it with busy: how many milliseconds the way took there and back, without
   * the time that the other end says it held the request. More than 0. When this is called, the answer has been taken.
   */
  onTimed?(peer: PeerId, roundTrip: number): void
}

/**
 * Runs a protocol core over libp2p streams: the one place where an exchange meets the network. It holds what makes that
 * hard: partners that do not answer, answer late, twice, too much or nonsense, and exchanges that overlap.
 *
 * Whatever the network brings, the core sees whole and proven messages only, one after the other.
 */
export class ExchangeDriver<M, Opened> {
  private readonly init: DriverInit<M, Opened>
  private readonly ledger: Ledger
  private readonly active: ActiveThread<M, Opened>
  private readonly passive: PassiveThread<M, Opened>
  private tidying: ReturnType<typeof setInterval> | undefined

  constructor(given: DriverInit<M, Opened>) {
    const { log, onChange, onTimed } = given
    const init = { ...given, onChange: harmless(log, onChange), onTimed: onTimed && harmless(log, onTimed) }
    this.init = init
    this.ledger = new Ledger(init.log, init.limits.maxOffences, init.metrics)
    this.active = new ActiveThread(init, this.ledger)
    this.passive = new PassiveThread(init, this.ledger)
  }

  async start(): Promise<void> {
    const { registrar, name, limits } = this.init
    const maxInboundStreams = limits.maxInboundStreams + SPARE_STREAMS
    await registrar.handle(name, (stream, connection) => this.passive.serve(stream, connection), { maxInboundStreams })
    const period = Math.min(limits.streamTimeout / TIDY_FRACTION, MAX_TIDY_PERIOD)
    this.tidying = setInterval(() => {
      this.passive.tidy()
      this.active.tidy()
    }, period)
  }

  async stop(): Promise<void> {
    clearInterval(this.tidying)
    await this.init.registrar.unhandle(this.init.name)
    this.active.streams.closeAll()
    this.passive.stop()
  }

  get counts(): ExchangeCounts {
    return this.ledger.counts
  }

  /** The codec has left a part out of a message that is otherwise taken. */
  leftOut(reason: Refusal): void {
    this.ledger.count(reason)
  }

  /** Whether an exchange with the peer is not over yet: its number must stay what it is. */
  isPartner(peer: number): boolean {
    return this.active.isPartner(peer)
  }

  /** Starts an exchange and sees it to its end, whatever that is; never rejects. */
  exchange(init: ExchangeInit<M>): Promise<Outcome> {
    return this.active.exchange(init)
  }

  /** When the connection last carried an exchange in either direction, and whether it does now. */
  use(connection: Connection): ProtocolUse {
    const outgoing = this.active.streams.find(connection)
    const streams = [...this.passive.find(connection), ...(outgoing == null ? [] : [outgoing])]

    return {
      lastUsed: Math.max(0, ...streams.map(stream => stream.lastUsed)),
      busy: streams.some(stream => stream.busy)
    }
  }
}
