import {
  AbortError,
  type AbortOptions,
  type Connection,
  type Logger,
  type Metrics,
  NotStartedError,
  type PeerId,
  type Startable,
  serviceCapabilities,
  serviceDependencies
} from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'
import { TypedEventEmitter } from 'main-event'
import { ParameterError, wholeNumber } from '../../gossip/parameters.ts'
import { Random } from '../../gossip/random.ts'
import type { Refusal } from '../../live/refusal.ts'
import { PERIOD_JITTER, RoundTimer } from '../../live/rounds.ts'
import { UNDERLAY_CAPABILITY, type Underlay, type UnderlayComponents, underlayOf } from '../../live/underlay.ts'
import { unlessAborted } from '../../live/unless-aborted.ts'
import { Fanout } from './fanout.ts'
import type { PublishResult, QueueOptions, TopicMessage, Topics, TopicsEvents, TopicsStatistics } from './index.ts'
import { DEFAULT_QUEUE, GOSSIPSUB_PROTOCOLS, MAX_QUEUE, PROFILE } from './limits.ts'
import { MemberSearch } from './member-search.ts'
import { Mesh, type MeshComponents } from './mesh.ts'
import { MessageQueue } from './message-queue.ts'
import { registerMetrics } from './metrics.ts'
import type { TopicsSettings } from './settings.ts'
import { type MessageHandler, Subscriptions } from './subscriptions.ts'
import { checkPayload, checkTopic, encodeMarks, markOf } from './topic.ts'

/** What the service needs of libp2p, and of peer sampling. */
export interface TopicsComponents extends MeshComponents, UnderlayComponents {
  connectionManager: ConnectionManager
  registrar: Registrar
  metrics?: Metrics
}

/** What runs from the first use of a topic on. */
interface Parts {
  underlay: Underlay
  mesh: Mesh
  search: MemberSearch
  timer: RoundTimer
  withdraw: Array<() => void>
}

/** Topics on a libp2p node. Until one is used, nothing runs and nobody is told. */
export class TopicsService extends TypedEventEmitter<TopicsEvents> implements Topics, Startable {
  readonly [Symbol.toStringTag] = '@gossip-peer/topics'
  readonly [serviceCapabilities]: string[] = ['@gossip-peer/topics']
  readonly [serviceDependencies]: string[] = [UNDERLAY_CAPABILITY]
  private readonly components: TopicsComponents
  private readonly period: number
  private readonly random: Random
  private readonly log: Logger
  private readonly subscriptions: Subscriptions
  private readonly fanout = new Fanout()
  /** Ends each subscription. */
  private readonly ends = new Set<() => void>()
  private readonly refusals: Partial<Record<Refusal, number>> = {}
  private readonly counts = { published: 0, received: 0, missed: 0, dialled: 0, failed: 0 }
  /** How many subscribers each topic had when that was last told. */
  private told = new Map<string, number>()
  private controller = new AbortController()
  private opening: Promise<Parts> | undefined
  private parts: Parts | undefined

  constructor(components: TopicsComponents, { period, seed }: TopicsSettings) {
    super()
    this.components = components
    this.period = period
    this.random = new Random(seed)
    this.log = components.logger.forComponent('gossip-peer:topics')
    this.subscriptions = new Subscriptions(this.log)
    this.controller.abort()

    if (components.metrics != null) {
      registerMetrics(components.metrics, this)
    }
  }

  isStarted(): boolean {
    return !this.controller.signal.aborted
  }

  /** @throws ParameterError without peer sampling */
  start(): void {
    if (!this.isStarted()) {
      underlayOf(this.components)
      this.controller = new AbortController()
    }
  }

  async stop(): Promise<void> {
    if (!this.isStarted()) {
      return
    }

    this.controller.abort(new AbortError('the service stops'))

    for (const end of [...this.ends]) {
      end()
    }

    const parts = await this.opening?.catch(() => undefined)
    this.opening = undefined
    this.parts = undefined
    this.fanout.clear()
    this.told.clear()

    if (parts != null) {
      await this.close(parts)
    }
  }

  get topics(): string[] {
    return this.subscriptions.topics
  }

  getSubscribers(topic: string): PeerId[] {
    checkTopic(topic)
    return this.parts?.mesh.subscribers(topic) ?? []
  }

  subscribe(topic: string, handler: MessageHandler, options?: AbortOptions): () => void
  subscribe(topic: string, options?: QueueOptions): MessageQueue
  subscribe(
    topic: string,
    wanted: MessageHandler | QueueOptions = {},
    options: AbortOptions = {}
  ): MessageQueue | (() => void) {
    checkTopic(topic)
    this.checkRuns()
    return typeof wanted === 'function' ? this.add(topic, wanted, options) : this.queue(topic, wanted)
  }

  async publish(topic: string, payload: Uint8Array, { signal }: AbortOptions = {}): Promise<PublishResult> {
    checkTopic(topic)
    // what is sent later must not change meanwhile
    const message = checkPayload(payload).slice()
    this.checkRuns()
    signal?.throwIfAborted()
    const stopped = this.controller.signal
    this.fanout.published(topic, performance.now())
    const { mesh, search } = await unlessAborted(this.open(), signal)

    await unlessAborted(search.reach(topic), signal)
    stopped.throwIfAborted()
    const recipients = await mesh.publish(topic, message, signal)
    this.counts.published++
    this.onSubscribers()
    return { recipients }
  }

  statistics(): TopicsStatistics {
    const { published, received, missed, dialled, failed } = this.counts
    const current = this.parts?.search.counts ?? { dialled: 0, failed: 0 }
    return {
      published,
      received,
      missed,
      dials: { dialled: dialled + current.dialled, failed: failed + current.failed },
      refusals: { ...this.refusals }
    }
  }

  private queue(topic: string, { signal, queue: capacity = DEFAULT_QUEUE }: QueueOptions): MessageQueue {
    wholeNumber('queue', capacity, 1, MAX_QUEUE)
    let end = () => {}
    const queue = new MessageQueue(capacity, () => end())
    const take = (message: TopicMessage) => {
      this.counts.missed += queue.push(message)
    }
    end = this.add(topic, take, { signal }, () => queue.end())
    return queue
  }

  /** @param onEnd - called when the subscription ends, whoever ends it */
  private add(topic: string, handler: MessageHandler, { signal }: AbortOptions, onEnd = () => {}): () => void {
    const remove = this.subscriptions.add(topic, handler)
    const end = () => {
      if (this.ends.delete(end)) {
        signal?.removeEventListener('abort', end)
        remove()
        onEnd()
        this.update()
      }
    }
    this.ends.add(end)

    if (signal?.aborted === true) {
      end()
    } else {
      signal?.addEventListener('abort', end)
      this.update()
    }

    return end
  }

  /** Lets the mesh and the own record follow the subscriptions. */
  private update(): void {
    const { signal } = this.controller

    if (signal.aborted) {
      return
    }

    this.open()
      .then(parts => signal.aborted || this.apply(parts))
      .catch(err => signal.aborted || this.log.error('topics are not to be had - %e', err))
  }

  private apply({ mesh, search, underlay }: Parts): void {
    const { topics } = this
    mesh.subscribe(topics)
    // who finds this peer by its record finds gossipsub there
    underlay.own.show(PROFILE, topics.length === 0 ? undefined : encodeMarks(topics.map(markOf)))
    search.look()
    this.onSubscribers()
  }

  private open(): Promise<Parts> {
    this.opening ??= this.bringUp(this.controller.signal).catch(err => {
      this.opening = undefined
      throw err
    })
    return this.opening
  }

  private async bringUp(signal: AbortSignal): Promise<Parts> {
    const { components, log, random, period } = this
    const underlay = underlayOf(components)

    if (!(await underlay.participation(signal))) {
      throw new AbortError('the service stops')
    }

    const onRefused = (reason: Refusal) => {
      this.refusals[reason] = (this.refusals[reason] ?? 0) + 1
    }
    const mesh = new Mesh({
      components,
      log,
      onMessage: message => this.onMessage(message),
      onRefused,
      onSubscribers: () => this.onSubscribers()
    })
    const search = new MemberSearch({
      underlay,
      connectionManager: components.connectionManager,
      mesh,
      random: random.fork(),
      log,
      topics: () => this.sought(),
      onRefused
    })
    const use = (connection: Connection) => ({ lastUsed: 0, busy: search.isKept(connection.remotePeer) })
    const withdraw = GOSSIPSUB_PROTOCOLS.map(protocol => underlay.share(protocol, use))
    const timer = new RoundTimer(
      period,
      PERIOD_JITTER,
      () => random.fraction(),
      async () => this.look(search)
    )
    const parts = { underlay, mesh, search, timer, withdraw }
    await mesh.start()

    if (signal.aborted) {
      await this.close(parts)
      throw signal.reason
    }

    timer.start(period)
    this.parts = parts
    return parts
  }

  private async close({ underlay, mesh, search, timer, withdraw }: Parts): Promise<void> {
    await timer.stop()
    await search.stop()
    await mesh.stop()
    underlay.own.show(PROFILE, undefined)
    this.counts.dialled += search.counts.dialled
    this.counts.failed += search.counts.failed

    for (const end of withdraw) {
      end()
    }
  }

  private look(search: MemberSearch): void {
    try {
      search.look()
    } catch (err) {
      this.log.error('a look for members failed - %e', err)
    }
  }

  /** The topics that members are looked for: those with subscriptions, and those that something was published to lately. */
  private sought(): string[] {
    return [...new Set([...this.topics, ...this.fanout.topics(performance.now())])]
  }

  private onMessage(message: TopicMessage): void {
    this.counts.received++
    this.subscriptions.tell(message)
  }

  /** Somebody may have subscribed, or gone: keeps connections accordingly, and tells of it. */
  private onSubscribers(): void {
    const { parts } = this

    if (parts == null) {
      return
    }

    parts.search.keep()
    const before = this.told
    this.told = new Map(this.sought().map(topic => [topic, parts.mesh.subscribers(topic).length]))

    for (const [topic, subscribers] of this.told) {
      if (subscribers !== (before.get(topic) ?? 0)) {
        this.safeDispatchEvent('subscribers:change', { detail: { topic, subscribers } })
      }
    }
  }

  /**
   * @throws NotStartedError when the service does not run
   * @throws ParameterError when gossipsub runs here by another service: two would be in each other's way
   */
  private checkRuns(): void {
    if (!this.isStarted()) {
      throw new NotStartedError('topics do not run here')
    }

    const speaks = this.components.registrar.getProtocols()

    if (this.opening == null && GOSSIPSUB_PROTOCOLS.some(protocol => speaks.includes(protocol))) {
      throw new ParameterError('services', 'gossipsub runs in this node by another service, where topics() has its own')
    }
  }
}
