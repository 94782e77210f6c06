import { type Failure, NOBODY } from '../../gossip/exchange.ts'
import type { Random } from '../../gossip/random.ts'
import type { SamplingMessage } from '../../sampling/message.ts'
import type { PeerSamplingProtocol } from '../../sampling/protocol.ts'
import type { SimulatedProtocol } from '../driver.ts'
import type { World } from '../world.ts'

export type Attack = 'hub' | 'flood' | 'eclipse' | 'late' | 'cautious' | 'frame'
export const ATTACKS: readonly Attack[] = ['hub', 'flood', 'eclipse', 'late', 'cautious', 'frame']

export interface AttackParameters {
  attack: Attack
  attackers: number
  /** Exchanges that each attacker starts in a round. */
  flood: number
  /** Probability of an honest answer. */
  honesty: number
  /** Round after which it begins. */
  from: number
}

/** The protocol of a network in which some nodes collude: the last ones of those that are there at the start. */
export class Colluders implements SimulatedProtocol<SamplingMessage> {
  private readonly protocol: PeerSamplingProtocol
  private readonly world: World
  private readonly parameters: AttackParameters
  private readonly random: Random
  readonly first: number
  readonly end: number
  round = 0
  private readonly advertised: Int32Array
  private readonly attacking: Uint8Array

  constructor(
    protocol: PeerSamplingProtocol,
    world: World,
    nodes: number,
    parameters: AttackParameters,
    random: Random
  ) {
    this.protocol = protocol
    this.world = world
    this.parameters = parameters
    this.random = random
    this.end = nodes
    this.first = nodes - parameters.attackers
    this.attacking = new Uint8Array(nodes)
    this.advertised = new Int32Array(parameters.attackers)
    for (let i = 0; i < parameters.attackers; i++)
      this.advertised[i] = parameters.attack === 'frame' ? i : this.first + i
  }

  isAttacker(node: number): boolean {
    return node >= this.first && node < this.end
  }

  private get active(): boolean {
    return this.round > this.parameters.from
  }

  createMessage(): SamplingMessage {
    return this.protocol.createMessage()
  }
  tick(time: number): void {
    this.protocol.tick(time)
  }
  prefetch(nodes: Int32Array, from: number, to: number): void {
    this.protocol.prefetch(nodes, from, to)
  }
  isMember(node: number): boolean {
    return this.protocol.isMember(node)
  }
  get tries(): number {
    return this.protocol.tries
  }
  turns(node: number): number {
    return this.active && this.isAttacker(node) ? this.parameters.flood : 1
  }
  partner(node: number): number {
    if (!this.isAttacker(node)) return this.protocol.partner(node)
    if (this.active && this.random.fraction() >= this.parameters.honesty) {
      this.attacking[node] = 1
      return this.victim()
    }
    this.attacking[node] = 0
    return this.protocol.partner(node)
  }
  anotherPartner(node: number): number {
    return this.protocol.anotherPartner(node)
  }
  private victim(): number {
    if (this.parameters.attack === 'eclipse') return 0
    for (let i = 0; i < 64; i++) {
      const v = this.world.living[this.random.below(this.world.count)]
      if (!this.isAttacker(v)) return v
    }
    return NOBODY
  }
  private collude(node: number, out: SamplingMessage, asks: boolean): void {
    out.clear()
    if (asks) out.add(node, 0)
    const { advertised } = this
    const n = advertised.length
    const room = Math.min(out.peers.length - out.size, n)
    for (let i = 0; i < n && out.size < (asks ? room : room); i++) {
      const j = i + this.random.below(n - i)
      const p = advertised[j]
      advertised[j] = advertised[i]
      advertised[i] = p
      if (p !== node || !asks) out.add(p, 0)
    }
  }
  request(node: number, partner: number, out: SamplingMessage): void {
    if (this.isAttacker(node) && this.attacking[node] === 1) this.collude(node, out, true)
    else this.protocol.request(node, partner, out)
  }
  requestIntroduction(node: number, out: SamplingMessage): void {
    this.protocol.requestIntroduction(node, out)
  }
  respond(node: number, from: number, request: SamplingMessage, out: SamplingMessage): boolean {
    if (this.isAttacker(node) && this.active && (this.parameters.attack !== 'eclipse' || from === 0)) {
      if (this.random.fraction() >= this.parameters.honesty) {
        this.collude(node, out, false)
        return true
      }
    }
    return this.protocol.respond(node, from, request, out)
  }
  absorb(node: number, from: number, request: SamplingMessage, reply: SamplingMessage): void {
    if (this.isAttacker(node) && this.attacking[node] === 1) return
    this.protocol.absorb(node, from, request, reply)
  }
  abandon(node: number, partner: number, why: Failure): void {
    if (this.isAttacker(node) && this.attacking[node] === 1) return
    this.protocol.abandon(node, partner, why)
  }
}
