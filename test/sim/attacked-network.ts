import { Random } from '../../src/gossip/random.ts'
import type { SamplingMessage } from '../../src/sampling/message.ts'
import { Colluders } from '../../src/sim/attack/colluders.ts'
import { DamageMeter } from '../../src/sim/attack/damage.ts'
import { type HubAttackOptions, hubAttack } from '../../src/sim/experiments/hub-attack.ts'
import { Network } from '../../src/sim/network.ts'

/** A message of a simulation, as it was when it was made. */
export interface Said {
  round: number
  by: number
  to: number
  isRequest: boolean
  /** The sender asks to be introduced, or introduces. */
  isIntroduction: boolean
  names: number[]
  ages: number[]
  /** Most names that the message could hold. */
  room: number
  /** The sender's view before. */
  view: number[]
  /** The answer was that the sender is busy. */
  isBusy: boolean
}

/** A network under attack, as the experiment runs it, and everything that is said in it. */
export class AttackedNetwork {
  readonly network: Network
  readonly meter: DamageMeter
  readonly said: Said[] = []
  colluders!: Colluders

  constructor(options: HubAttackOptions, seed = 1) {
    const random = new Random(seed)
    const parameters = hubAttack.parameters(options)
    this.network = new Network(parameters, random, (protocol, world) => {
      this.colluders = new Colluders(protocol, world, parameters.nodes, parameters, random.fork())
      return this.colluders
    })
    this.meter = new DamageMeter(this.network, this.colluders, parameters.attack === 'eclipse')
    this.listen(this.colluders)
  }

  /** Runs some rounds, and returns what was said in them. */
  advance(rounds: number): Said[] {
    const first = this.said.length

    for (let i = 0; i < rounds; i++) {
      this.colluders.beginRound(this.network.round + 1)
      this.network.advance()
      this.meter.drawSamples()
      this.network.check()
    }

    return this.said.slice(first)
  }

  isAttacker(node: number): boolean {
    return this.colluders.camps.isAttacker(node)
  }

  viewOf(node: number): number[] {
    const { views } = this.network.protocol
    return Array.from({ length: views.size(node) }, (_, i) => views.peer(node, i))
  }

  /** The living that are honest. */
  honest(): number[] {
    const { living, count } = this.network.world
    return [...living.subarray(0, count)].filter(node => !this.isAttacker(node))
  }

  private listen(colluders: Colluders): void {
    const { request, requestIntroduction, respond } = colluders
    const note = (by: number, to: number, message: SamplingMessage, more: Partial<Said>, view: number[]) => {
      const { peers, ages, size, joining } = message
      this.said.push({
        round: this.network.round,
        by,
        to,
        isRequest: true,
        isIntroduction: joining,
        names: [...peers.subarray(0, size)],
        ages: [...ages.subarray(0, size)],
        room: peers.length,
        view,
        isBusy: false,
        ...more
      })
    }

    colluders.request = (node, partner, out) => {
      const view = this.viewOf(node)
      request.call(colluders, node, partner, out)
      note(node, partner, out, {}, view)
    }
    colluders.requestIntroduction = (node, out) => {
      const view = this.viewOf(node)
      requestIntroduction.call(colluders, node, out)
      note(node, -1, out, {}, view)
    }
    colluders.respond = (node, from, message, out) => {
      const view = this.viewOf(node)
      const isAnswered = respond.call(colluders, node, from, message, out)
      note(node, from, out, { isRequest: false, isIntroduction: message.joining, isBusy: !isAnswered }, view)
      return isAnswered
    }
  }
}
