import {
  AbortError,
  type ComponentLogger,
  type Counter,
  type Logger,
  type Metrics,
  type PeerId
} from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'
import type { GossipProtocol, Outcome } from '../gossip/exchange.ts'
import type { Random } from '../gossip/random.ts'
import { connect } from './connect.ts'
import { type Codec, driverLimits, ExchangeDriver, type ProtocolLimits } from './driver.ts'
import { type ExchangeMetrics, registerExchangeMetrics } from './exchange-metrics.ts'
import { gossipRound, isFailure, type PartnerFailure, type RoundProtocol } from './gossip-round.ts'
import { type ExchangeCounts, noCounts } from './ledger.ts'
import { SELF } from './population.ts'
import type { VerifiedRecord } from './records.ts'
import type { Refusal } from './refusal.ts'
import { FIRST_ROUND_WITHIN, PERIOD_JITTER, RoundTimer } from './rounds.ts'
import type { Underlay } from './underlay.ts'

/** Partners tried in one round when the first ones fail at once. Our choice. */
const PARTNERS_PER_ROUND = 3

/** What a layer needs of libp2p. */
export interface LayerComponents {
  registrar: Registrar
  connectionManager: ConnectionManager
  logger: ComponentLogger
  metrics?: Metrics
}

export interface GossipLayerInit<M, Opened> {
  protocol: GossipProtocol<M> & RoundProtocol
  codec: Codec<M, Opened>
  /** The libp2p protocol id. */
  name: string
  /** The name in the log, such as `gossip-peer:overlay`. */
  logName: string
  /** Begins the name of every metric, such as `gossip_peer_overlay`. */
  metricsPrefix: string
  components: LayerComponents
  /** What the layer lies on. Asked for when it starts, see `underlayOf`. */
  underlay(): Underlay
  /** What is known of a peer, by its number. */
  recordOf(peer: number): VerifiedRecord | undefined
  limits: ProtocolLimits
  /** Milliseconds between two rounds, on average. Default: those of the underlay. */
  period?: number
  /** Partners tried in one turn of a round, at most. Default: 3. */
  tries?: number
  /** Turns to another partner after a busy one, too: for a protocol in which each peer is to make one exchange a round.
   * Default: false. */
  insists?: boolean
  /** Draws the moments of the rounds. */
  random: Random
  /** A round begins. */
  onRound?(): void
  /** The protocol is about to speak or to be told something. */
  beforeTurn?(): void
  /** The protocol's state may have changed: an exchange with this peer went well, or one with nobody did not. */
  onChange?(met?: PeerId): void
  /** A partner did not answer, or badly. The protocol has been told. */
  onFailed?(partner: number, why: PartnerFailure): void
}

/**
 * Runs a protocol above peer sampling on a libp2p node: its exchanges, its rounds, and its share of the connections. It takes
 * part from when the underlay does, and leaves nothing behind when it stops. The service that has it calls {@link start},
 * {@link afterStart} and {@link stop} from its own methods of these names.
 */
export class GossipLayer<M, Opened> {
  private readonly init: GossipLayerInit<M, Opened>
  private readonly log: Logger
  private readonly metrics: ExchangeMetrics | undefined
  private readonly roundsCounter: Counter | undefined
  /** Made at the first start: before, the underlay need not be there. */
  private parts: LayerParts<M, Opened> | undefined
  private controller = new AbortController()
  private withdraw = () => {}
  /** Resolves when others are answered, or never will be before the next start. */
  private answering: Promise<boolean> = Promise.resolve(false)
  private roundCount = 0

  constructor(init: GossipLayerInit<M, Opened>) {
    const { components, logName, metricsPrefix } = init
    this.init = init
    this.log = components.logger.forComponent(logName)
    this.metrics = components.metrics && registerExchangeMetrics(components.metrics, metricsPrefix)
    this.roundsCounter = components.metrics?.registerCounter(`${metricsPrefix}_rounds_total`, {
      help: 'Rounds of this peer, one a period'
    })
    this.controller.abort()
  }

  /** @throws what `underlay` throws */
  start(): void {
    if (this.isStarted()) {
      return
    }

    this.parts ??= this.build(this.init.underlay())
    const { underlay, driver } = this.parts
    this.controller = new AbortController()
    this.withdraw = underlay.share(this.init.name, connection => driver.use(connection))
  }

  /** Others are answered when this peer takes part, and rounds begin when it also listens. */
  async afterStart(): Promise<void> {
    if (this.parts == null || !this.isStarted()) {
      return
    }

    const { underlay, timer, period } = this.parts
    const { signal } = this.controller
    const answering = this.answer(this.parts, signal)
    this.answering = answering.catch(() => false)

    this.answering.then(async answers => {
      if (answers && (await underlay.listening(signal)) && !signal.aborted) {
        timer.start(Math.min(period, FIRST_ROUND_WITHIN))
      }
    })

    // a long wait must not keep the node from starting
    if (underlay.takesPart) {
      await answering
    } else {
      answering.catch(err => this.log.error('cannot answer others - %e', err))
    }
  }

  async stop(): Promise<void> {
    if (this.parts == null || !this.isStarted()) {
      return
    }

    this.controller.abort(new AbortError('the service stops'))
    await this.answering
    await this.parts.timer.stop()
    await this.parts.driver.stop()
    this.withdraw()
  }

  isStarted(): boolean {
    return !this.controller.signal.aborted
  }

  /** Rounds of this peer so far. */
  get rounds(): number {
    return this.roundCount
  }

  /** What has happened so far. */
  get counts(): ExchangeCounts {
    return this.parts?.driver.counts ?? noCounts()
  }

  /** Whether an exchange with the peer is not over yet: its number must stay what it is. */
  isPartner(peer: number): boolean {
    return this.parts?.driver.isPartner(peer) ?? false
  }

  /**
   * Makes an exchange out of turn, and sees it to its end.
   *
   * @param signal - gives it up
   * @returns how it ended: `aborted` also when the layer is not running
   */
  async exchange(partner: number, signal?: AbortSignal): Promise<Outcome> {
    const stopped = this.controller.signal

    if (this.parts == null || stopped.aborted) {
      return 'aborted'
    }

    const until = signal == null ? stopped : AbortSignal.any([signal, stopped])
    return await this.gossip(this.parts.driver, partner, until)
  }

  /** The codec has left a part out of a message that is otherwise taken. */
  leftOut(reason: Refusal): void {
    this.parts?.driver.leftOut(reason)
  }

  private build(underlay: Underlay): LayerParts<M, Opened> {
    const { protocol, codec, name, components, limits, random, beforeTurn, onChange } = this.init
    const period = this.init.period ?? underlay.timing.period
    const driver = new ExchangeDriver({
      protocol,
      codec,
      name,
      registrar: components.registrar,
      log: this.log,
      metrics: this.metrics,
      limits: driverLimits(limits, { ...underlay.timing, period }),
      isIdle: connection => underlay.isIdle(connection),
      beforeTurn: () => beforeTurn?.(),
      onChange: met => onChange?.(met),
      onTimed: (peer, roundTrip) => underlay.timed(peer, roundTrip)
    })
    const timer = new RoundTimer(
      period,
      PERIOD_JITTER,
      () => random.fraction(),
      // what an application brings may throw, and must not end the process
      () => this.round(driver, period).catch(err => this.log.error('a round failed - %e', err))
    )
    return { underlay, driver, timer, period }
  }

  private async answer({ underlay, driver }: LayerParts<M, Opened>, signal: AbortSignal): Promise<boolean> {
    const takesPart = await underlay.participation(signal)

    if (!takesPart || signal.aborted) {
      return false
    }

    await driver.start()
    return true
  }

  private async round(driver: ExchangeDriver<M, Opened>, period: number): Promise<void> {
    const { protocol, tries = PARTNERS_PER_ROUND, insists, onRound } = this.init
    const { signal } = this.controller
    const began = performance.now()
    this.roundCount++
    this.roundsCounter?.increment()
    onRound?.()
    const exchange = (partner: number) => this.gossip(driver, partner, signal)
    await gossipRound({ protocol, tries, insists, period, exchange }, began)
  }

  private async gossip(driver: ExchangeDriver<M, Opened>, partner: number, signal: AbortSignal): Promise<Outcome> {
    const { protocol, recordOf, components, onFailed } = this.init
    const record = recordOf(partner)

    const outcome = await driver.exchange({
      partner,
      say: out => protocol.request(SELF, partner, out),
      connect: async options => {
        if (record == null) {
          throw new Error(`nothing is known of peer ${partner}`)
        }

        return await connect(components.connectionManager, record, options)
      },
      signal
    })

    if (isFailure(outcome)) {
      onFailed?.(partner, outcome)
    }

    return outcome
  }
}

/** What a layer is made of, once there is something under it. */
interface LayerParts<M, Opened> {
  underlay: Underlay
  driver: ExchangeDriver<M, Opened>
  timer: RoundTimer
  period: number
}
