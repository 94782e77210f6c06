import { type PeerId, type Startable, serviceDependencies } from '@libp2p/interface'
import { type GossipProtocol, NOBODY } from '../../src/gossip/exchange.ts'
import { PeerTable } from '../../src/gossip/peer-table.ts'
import { Random } from '../../src/gossip/random.ts'
import type { Codec } from '../../src/live/driver.ts'
import { GossipLayer, type GossipLayerInit, type LayerComponents } from '../../src/live/layer.ts'
import type { VerifiedRecord } from '../../src/live/records.ts'
import { RefusalError } from '../../src/live/refusal.ts'
import { UNDERLAY_CAPABILITY, type Underlay, type UnderlayComponents, underlayOf } from '../../src/live/underlay.ts'

export const RUMOUR = '/test/rumour/1.0.0'

/** The largest number that anybody has named. */
export interface RumourMessage {
  value: number
}

type Layer = GossipLayerInit<RumourMessage, number>

export interface RumourInit
  extends Partial<Pick<Layer, 'period' | 'tries' | 'insists' | 'onRound' | 'onChange' | 'beforeTurn'>> {
  value: number
  /** Whom to talk to in a round: the first one, and the next when that fails. Default: a random member. */
  partners?(underlay: Underlay): Array<VerifiedRecord | undefined>
}

/** The plainest service above peer sampling: everybody learns the largest number that anybody has. */
export class Rumour implements GossipProtocol<RumourMessage>, Codec<RumourMessage, number>, Startable {
  readonly [Symbol.toStringTag] = 'rumour'
  readonly [serviceDependencies]: string[] = [UNDERLAY_CAPABILITY]
  readonly layer: GossipLayer<RumourMessage, number>
  /** Partners that failed, by their keys, with the reasons. */
  readonly failed: Array<[key: string, why: string]> = []
  value: number
  private readonly init: RumourInit
  private readonly components: UnderlayComponents
  private readonly peers = new PeerTable<VerifiedRecord | undefined>(100, peer => this.layer.isPartner(peer))
  private round: number[] = []

  constructor(components: LayerComponents & UnderlayComponents, init: RumourInit) {
    this.init = init
    this.value = init.value
    this.components = components
    this.layer = new GossipLayer({
      ...init,
      protocol: this,
      codec: this,
      name: RUMOUR,
      logName: 'test:rumour',
      metricsPrefix: 'test_rumour',
      components,
      underlay: () => underlayOf(components),
      recordOf: peer => this.peers.get(peer),
      limits: { maxMessageBytes: 100, maxInboundStreams: 2, requestBurst: 8, maxOffences: 5 },
      random: new Random(1),
      onFailed: (partner, why) => this.failed.push([this.peers.get(partner)?.key ?? 'nobody', why])
    })
  }

  start(): void {
    this.layer.start()
  }

  async afterStart(): Promise<void> {
    await this.layer.afterStart()
  }

  async stop(): Promise<void> {
    await this.layer.stop()
  }

  partner(): number {
    const underlay = underlayOf(this.components)
    const member = underlay.sample()
    const records = this.init.partners?.(underlay) ?? (member == null ? [] : [member])
    this.round = records.map(record => this.peers.set(record?.key ?? 'nobody', record))
    return this.anotherPartner()
  }

  anotherPartner(): number {
    return this.round.shift() ?? NOBODY
  }

  request(_node: number, _partner: number, out: RumourMessage): void {
    out.value = this.value
  }

  respond(_node: number, _from: number, request: RumourMessage, out: RumourMessage): boolean {
    out.value = this.value
    this.value = Math.max(this.value, request.value)
    return true
  }

  absorb(_node: number, _from: number, _request: RumourMessage, reply: RumourMessage): void {
    this.value = Math.max(this.value, reply.value)
  }

  abandon(): void {}

  createMessage(): RumourMessage {
    return { value: 0 }
  }

  encode({ value }: RumourMessage): Uint8Array {
    return new Uint8Array(Float64Array.of(value).buffer)
  }

  open(bytes: Uint8Array): number {
    const [value] = new Float64Array(bytes.slice().buffer)

    if (!Number.isFinite(value)) {
      throw new RefusalError('not-finite', `a rumour of ${value}`)
    }

    return value
  }

  adopt(value: number, from: PeerId, out: RumourMessage): number {
    out.value = value
    return this.peers.number(from.toString()) ?? NOBODY
  }
}

export function rumour(init: RumourInit): (components: LayerComponents & UnderlayComponents) => Rumour {
  return components => new Rumour(components, init)
}
