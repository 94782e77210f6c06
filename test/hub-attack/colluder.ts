import { type GossipProtocol, NOBODY } from '../../src/gossip/exchange.ts'
import { PeerTable } from '../../src/gossip/peer-table.ts'
import { Random } from '../../src/gossip/random.ts'
import { connect } from '../../src/live/connect.ts'
import { ExchangeDriver } from '../../src/live/driver.ts'
import { OwnRecord } from '../../src/live/own-record.ts'
import { SELF } from '../../src/live/population.ts'
import type { VerifiedRecord } from '../../src/live/records.ts'
import { PERIOD_JITTER, RoundTimer } from '../../src/live/rounds.ts'
import { type OpenedExchange, SamplingCodec } from '../../src/sampling/codec.ts'
import * as defaults from '../../src/sampling/constants.ts'
import type { SamplingMessage } from '../../src/sampling/message.ts'
import { samplingParameters } from '../../src/sampling/parameters.ts'
import { timingOf } from '../../src/sampling/profiles.ts'
import type { PeerSamplingComponents } from '../../src/sampling/service.ts'
import { createSamplingProtocol } from '../../src/sampling/variants.ts'
import type { Conspiracy } from './conspiracy.ts'

/**
 * An attacker of the hub attack (Jesi, Hales, van Steen, SASO 2007) on a real libp2p node: it is never busy, answers with
 * fresh descriptors of colluders only, and brings the same to random honest peers of its own accord.
 */
export class Colluder implements GossipProtocol<SamplingMessage> {
  private readonly conspiracy: Conspiracy
  private readonly components: PeerSamplingComponents
  private readonly period: number
  private readonly own: OwnRecord
  private readonly peers = new PeerTable<VerifiedRecord>(defaults.MAX_KNOWN_PEERS, () => true)
  private readonly codec: SamplingCodec
  private readonly driver: ExchangeDriver<SamplingMessage, OpenedExchange>
  private readonly timer: RoundTimer
  private readonly controller = new AbortController()

  constructor(components: PeerSamplingComponents, conspiracy: Conspiracy) {
    const { init, records, random } = conspiracy
    const { period, dialTimeout, exchangeTimeout, streamTimeout } = timingOf(init.honest)
    const log = components.logger.forComponent('hub-attack')
    const honest = createSamplingProtocol({
      nodes: 1,
      parameters: samplingParameters(init.honest),
      random: new Random(init.seed)
    })
    this.components = components
    this.conspiracy = conspiracy
    this.period = period
    this.own = new OwnRecord(components, records, Date.now, log)
    this.codec = new SamplingCodec({
      records,
      peers: this.peers,
      self: () => this.record,
      onNewerSelf: seq => this.own.exceed(seq),
      admission: { stampBits: 0, maxPerBlock: 0 },
      held: () => [],
      onLeftOut: () => {},
      createMessage: () => honest.createMessage()
    })
    this.driver = new ExchangeDriver({
      protocol: this,
      codec: this.codec,
      name: defaults.PROTOCOL,
      registrar: components.registrar,
      log,
      isIdle: () => true,
      beforeTurn: () => {},
      onChange: () => {},
      limits: {
        dialTimeout,
        exchangeTimeout,
        streamTimeout,
        maxMessageBytes: defaults.MAX_MESSAGE_BYTES,
        maxInboundStreams: defaults.MAX_INBOUND_STREAMS,
        requestBurst: Number.POSITIVE_INFINITY,
        requestRate: Number.POSITIVE_INFINITY,
        maxOffences: Number.POSITIVE_INFINITY
      }
    })
    this.timer = new RoundTimer(
      period,
      PERIOD_JITTER,
      () => random.fraction(),
      () => this.round()
    )
  }

  get record(): VerifiedRecord {
    return this.own.current
  }

  async start(): Promise<void> {
    await this.own.start()
    await this.driver.start()
    this.timer.start(this.period)
  }

  async stop(): Promise<void> {
    this.controller.abort()
    this.own.stop()
    await this.timer.stop()
    await this.driver.stop()
  }

  private async round(): Promise<void> {
    const { connectionManager } = this.components

    await Promise.all(
      this.conspiracy.targets().map(target =>
        this.driver.exchange({
          partner: NOBODY,
          say: out => this.request(SELF, NOBODY, out),
          connect: options => connect(connectionManager, target, options),
          signal: this.controller.signal
        })
      )
    )
  }

  partner(): number {
    return NOBODY
  }

  anotherPartner(): number {
    return NOBODY
  }

  /** Begins with itself: a request that does not is refused. */
  request(_node: number, _partner: number, out: SamplingMessage): void {
    const others = this.conspiracy.advertised().filter(({ key }) => key !== this.record.key)
    out.clear()
    out.add(SELF, 0)

    for (const record of others.slice(0, out.peers.length - 1)) {
      out.add(this.peers.set(record.key, record), 0)
    }
  }

  respond(node: number, from: number, request: SamplingMessage, out: SamplingMessage): boolean {
    this.learn(request)
    this.request(node, from, out)
    return true
  }

  absorb(_node: number, _from: number, _request: SamplingMessage, reply: SamplingMessage): void {
    this.learn(reply)
  }

  abandon(): void {}

  private learn({ peers, size }: SamplingMessage): void {
    for (const peer of peers.subarray(0, size)) {
      const record = this.peers.get(peer)

      if (record != null) {
        this.conspiracy.heardOf(record)
      }
    }
  }
}
