import { type Failure, NOBODY } from '../../gossip/exchange.ts'
import type { Random } from '../../gossip/random.ts'
import type { SamplingMessage } from '../../sampling/message.ts'
import type { PeerSamplingProtocol } from '../../sampling/protocol.ts'
import type { SimulatedProtocol } from '../driver.ts'
import type { World } from '../world.ts'
import { Advertising } from './advertising.ts'
import { Camps } from './camps.ts'
import type { AttackParameters } from './parameters.ts'

/** Whom an eclipse is of. */
export const VICTIM = 0

/**
 * A network of which some nodes collude (the hub attack: G. P. Jesi, D. Hales, M. van Steen, "Identifying malicious peers
 * before it's too late", SASO 2007). Honest nodes, and attackers for as long as they behave, run the protocol as it is.
 *
 * An attacker learns nothing from an exchange in which it attacks, and waits for nothing: it is never busy.
 */
export class Colluders implements SimulatedProtocol<SamplingMessage> {
  readonly camps: Camps
  /** Answers that honest nodes have got. */
  answers = 0
  private readonly protocol: PeerSamplingProtocol
  private readonly world: World
  private readonly parameters: AttackParameters
  private readonly random: Random
  private readonly advertising: Advertising
  private hasBegun = false
  /** 1: the exchange that the node started last is one to attack by. */
  private readonly isAttack: Uint8Array
  /** Exchanges that each node has started since the attack began, where they take turns with honest ones. */
  private readonly started: Int32Array

  /** @param nodes - nodes at the start */
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
    this.camps = new Camps(world, nodes, parameters.attackers, random)
    this.advertising = new Advertising(parameters.attack, world, this.camps, random)
    this.isAttack = new Uint8Array(nodes)
    this.started = new Int32Array(nodes)
  }

  get stateBytes(): number {
    return this.isAttack.byteLength + this.started.byteLength
  }

  /** Tells the round that is about to be run. */
  beginRound(round: number): void {
    this.hasBegun = round > this.parameters.attackFrom
  }

  /** Attackers that are honest with most keep up an exchange of that kind a round. */
  turns(node: number): number {
    const { attack, flood } = this.parameters
    return this.attacks(node) ? flood + (attack === 'eclipse' ? 1 : 0) : 1
  }

  partner(node: number): number {
    const victim = this.attacks(node) && this.isTurnToAttack(node) ? this.victim() : NOBODY

    if (victim === NOBODY) {
      this.behave(node)
      return this.protocol.partner(node)
    }

    this.isAttack[node] = 1
    return victim
  }

  anotherPartner(node: number): number {
    return this.isAttacking(node) ? this.victim() : this.protocol.anotherPartner(node)
  }

  request(node: number, partner: number, out: SamplingMessage): void {
    if (this.isAttacking(node)) {
      this.advertising.fillRequest(node, out)
    } else {
      this.protocol.request(node, partner, out)
    }
  }

  requestIntroduction(node: number, out: SamplingMessage): void {
    this.behave(node)
    this.protocol.requestIntroduction(node, out)
  }

  respond(node: number, from: number, request: SamplingMessage, out: SamplingMessage): boolean {
    if (this.attacks(node) && this.isToBeFooled(from)) {
      this.advertising.fillReply(out)
      return true
    }

    return this.protocol.respond(node, from, request, out)
  }

  absorb(node: number, from: number, request: SamplingMessage, reply: SamplingMessage): void {
    if (this.isAttacking(node)) {
      return
    }

    if (!this.camps.isAttacker(node)) {
      this.answers++
    }

    this.protocol.absorb(node, from, request, reply)
  }

  abandon(node: number, partner: number, why: Failure): void {
    if (!this.isAttacking(node)) {
      this.protocol.abandon(node, partner, why)
    }
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

  private attacks(node: number): boolean {
    return this.hasBegun && this.camps.isAttacker(node) && this.hasVictims()
  }

  private hasVictims(): boolean {
    return this.parameters.attack !== 'eclipse' || this.world.alive[VICTIM] === 1
  }

  private isAttacking(node: number): boolean {
    return node < this.isAttack.length && this.isAttack[node] === 1
  }

  private behave(node: number): void {
    if (this.camps.isAttacker(node)) {
      this.isAttack[node] = 0
    }
  }

  private isTurnToAttack(node: number): boolean {
    return this.parameters.attack === 'eclipse'
      ? this.started[node]++ % this.turns(node) !== 0
      : this.random.fraction() >= this.parameters.honesty
  }

  private victim(): number {
    return this.parameters.attack === 'eclipse' ? VICTIM : this.camps.randomHonest()
  }

  private isToBeFooled(peer: number): boolean {
    return this.parameters.attack === 'eclipse' ? peer === VICTIM : this.random.fraction() >= this.parameters.honesty
  }
}
