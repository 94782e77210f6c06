import { type Logger, type Startable, serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import { TypedEventEmitter } from 'main-event'
import { Random } from '../gossip/random.ts'
import { exchangeStatistics } from '../live/exchange-statistics.ts'
import { GossipLayer, type LayerComponents } from '../live/layer.ts'
import { SELF } from '../live/population.ts'
import { UNDERLAY_CAPABILITY, type UnderlayComponents, underlayOf } from '../live/underlay.ts'
import { AggregationCodec } from './codec.ts'
import type {
  AggregateEstimate,
  AggregateResult,
  Aggregation,
  AggregationEvents,
  AggregationStatistics,
  NetworkSize,
  RegisterOptions,
  Registration,
  RegistrationStatus
} from './index.ts'
import { LIMITS } from './limits.ts'
import type { AggregationMessage } from './message.ts'
import { METRICS_PREFIX, registerMetrics } from './metrics.ts'
import { ObservedAggregation } from './observed.ts'
import type { AggregationParameters } from './parameters.ts'
import { Partners } from './partners.ts'
import { type Registered, Registrations } from './registrations.ts'
import { type AggregationSettingsInit, aggregationSettings, protocolOf, SIZE_NUMBER } from './settings.ts'
import type { Estimate } from './state.ts'

/** What the service needs of libp2p, and of peer sampling. */
export type AggregationComponents = LayerComponents & UnderlayComponents

/** Runs the aggregation core on a libp2p node. */
export class AggregationService extends TypedEventEmitter<AggregationEvents> implements Aggregation, Startable {
  readonly [Symbol.toStringTag] = '@gossip-peer/aggregation'
  readonly [serviceCapabilities]: string[] = ['@gossip-peer/aggregation']
  readonly [serviceDependencies]: string[] = [UNDERLAY_CAPABILITY]
  readonly parameters: AggregationParameters
  readonly protocol: string
  private readonly log: Logger
  private readonly core: ObservedAggregation
  private readonly partners: Partners
  private readonly registrations: Registrations
  private readonly layer: GossipLayer<AggregationMessage, AggregationMessage>
  /** When the last finished epoch ended, by `performance.now()`. */
  private finishedAt = 0

  constructor(components: AggregationComponents, init: AggregationSettingsInit) {
    super()
    const { parameters, period, seed } = aggregationSettings(init)
    const random = new Random(seed)
    const underlay = () => underlayOf(components)
    this.parameters = parameters
    this.protocol = protocolOf(parameters)
    this.log = components.logger.forComponent('gossip-peer:aggregation')
    this.partners = new Partners({
      underlay,
      random,
      isPartner: peer => this.layer.isPartner(peer),
      round: () => this.layer.rounds
    })
    this.registrations = new Registrations({
      protocol: () => this.core,
      onLeftOut: (registered, error) => this.onLeftOut(registered, error)
    })
    this.core = new ObservedAggregation({
      parameters,
      random: random.fork(),
      source: this.partners,
      values: (_node, number) => this.registrations.read(number),
      onFinished: epoch => this.onFinished(epoch)
    })
    this.layer = new GossipLayer({
      protocol: this.core,
      codec: new AggregationCodec({
        protocol: this.core,
        registrations: this.registrations,
        numberOf: from => this.partners.numberOf(from),
        onWrongEpoch: () => this.layer.leftOut('wrong-epoch')
      }),
      name: this.protocol,
      logName: 'gossip-peer:aggregation',
      metricsPrefix: METRICS_PREFIX,
      components,
      underlay,
      recordOf: peer => this.partners.recordOf(peer),
      limits: LIMITS,
      period,
      insists: true,
      random,
      onFailed: (partner, why) => this.partners.failed(partner, why)
    })

    if (components.metrics != null) {
      registerMetrics(components.metrics, this)
    }
  }

  isStarted(): boolean {
    return this.layer.isStarted()
  }

  start(): void {
    if (!this.isStarted()) {
      this.layer.start()
      this.core.welcome()
    }
  }

  async afterStart(): Promise<void> {
    await this.layer.afterStart()
  }

  async stop(): Promise<void> {
    await this.layer.stop()
  }

  register(name: string, { value, ...options }: RegisterOptions): Registration {
    return this.handleOf(this.registrations.add({ ...options, name }, value))
  }

  registered(): Registration[] {
    return [...this.registrations].map(one => this.handleOf(one))
  }

  private handleOf(registered: Registered): Registration {
    const statusOf = () => this.statusOf(registered)

    return {
      aggregate: registered.aggregate,
      get status() {
        return statusOf()
      },
      get error() {
        return registered.error
      },
      withdraw: () => this.registrations.remove(registered)
    }
  }

  result(name: string): AggregateResult | undefined {
    const registered = this.registrations.named(name)
    return registered && this.aged(this.core.result(SELF, registered.number))
  }

  estimate(name: string): AggregateEstimate | undefined {
    const registered = this.registrations.named(name)
    return registered && this.core.estimate(SELF, registered.number)
  }

  networkSize(): NetworkSize | undefined {
    // a count is a number, and always has a standard error
    return this.parameters.size
      ? (this.aged(this.core.result(SELF, SIZE_NUMBER)) as NetworkSize | undefined)
      : undefined
  }

  statistics(): AggregationStatistics {
    const epoch = this.core.epoch(SELF)

    return {
      ...exchangeStatistics(this.layer.counts),
      epoch: epoch < 0 ? undefined : epoch,
      round: this.core.round(SELF),
      epochRounds: this.parameters.epoch,
      rounds: this.layer.rounds,
      aggregates: this.registrations.size,
      knownPeers: this.partners.size,
      counts: { ...this.core.counts }
    }
  }

  private statusOf(registered: Registered): RegistrationStatus {
    if (!this.registrations.has(registered)) {
      return 'withdrawn'
    }

    if (this.core.epoch(SELF) >= 0 && registered.error != null) {
      return 'left-out'
    }

    return this.core.estimate(SELF, registered.number) == null ? 'waiting' : 'taking-part'
  }

  private aged(estimate: Estimate | undefined): AggregateResult | undefined {
    return estimate && { ...estimate, age: performance.now() - this.finishedAt }
  }

  /** The app is told when the turn is over: it may register and withdraw then. */
  private onFinished(epoch: number): void {
    this.finishedAt = performance.now()

    queueMicrotask(() => {
      const results = new Map<string, AggregateResult>()

      for (const { aggregate } of this.registrations) {
        const result = this.result(aggregate.name)

        if (result != null) {
          results.set(aggregate.name, result)
        }
      }

      this.safeDispatchEvent('epoch', { detail: { epoch, results, size: this.networkSize() } })
    })
  }

  private onLeftOut({ aggregate: { name } }: Registered, error: Error): void {
    this.log.error('takes no part in "%s" for an epoch - %e', name, error)
    queueMicrotask(() => this.safeDispatchEvent('left-out', { detail: { name, error } }))
  }
}
