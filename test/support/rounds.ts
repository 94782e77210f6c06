import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import type { PeerSamplingProtocol } from '../../src/sampling/protocol.ts'

/**
 * The plainest driver there is: in each round every living node starts one exchange, in random order, and nothing is
 * ever lost or late. What the published figures assume.
 */
export class Rounds {
  readonly protocol: PeerSamplingProtocol
  readonly random: Random
  readonly dead = new Set<number>()
  /** Those that start nothing themselves, and answer whatever is asked with busy, or with an empty message. */
  readonly busy = new Set<number>()
  readonly mute = new Set<number>()
  /** Exchanges whose answer said something, in all rounds so far. */
  answered = 0
  private readonly order: number[]
  private round = 0

  constructor(protocol: PeerSamplingProtocol, seed: number) {
    this.protocol = protocol
    this.random = new Random(seed)
    this.order = Array.from({ length: protocol.nodes }, (_, node) => node)
  }

  /** Fills every view with random others. */
  startAtRandom(): this {
    const { nodes, views } = this.protocol

    for (let node = 0; node < nodes; node++) {
      while (views.size(node) < Math.min(views.capacity, nodes - 1)) {
        const peer = this.random.below(nodes)

        if (peer !== node && views.indexOf(node, peer) === -1) {
          views.append(node, peer, 0)
        }
      }
    }

    return this
  }

  run(rounds: number): this {
    const { protocol } = this
    const request = protocol.createMessage()
    const reply = protocol.createMessage()

    for (let round = 0; round < rounds; round++) {
      protocol.tick(++this.round)

      for (let i = this.order.length - 1; i > 0; i--) {
        const j = this.random.below(i + 1)
        ;[this.order[i], this.order[j]] = [this.order[j], this.order[i]]
      }

      for (const node of this.order) {
        if (this.dead.has(node) || this.busy.has(node) || this.mute.has(node)) {
          continue
        }

        const partner = protocol.partner(node)

        if (partner === NOBODY) {
          continue
        }

        if (this.dead.has(partner)) {
          protocol.abandon(node, partner, 'unreachable')
          continue
        }

        protocol.request(node, partner, request)

        if (this.busy.has(partner)) {
          protocol.abandon(node, partner, 'busy')
          continue
        }

        protocol.respond(partner, node, request, reply)

        if (this.mute.has(partner)) {
          reply.clear()
        } else {
          this.answered++
        }

        protocol.absorb(node, partner, request, reply)
      }
    }

    return this
  }

  /** Lets a node enter through a contact. */
  introduce(node: number, contact: number): void {
    const request = this.protocol.createMessage()
    const reply = this.protocol.createMessage()
    this.protocol.requestIntroduction(node, request)
    this.protocol.respond(contact, node, request, reply)
    this.protocol.absorb(node, contact, request, reply)
  }

  inDegrees(): number[] {
    const degrees = new Array<number>(this.protocol.nodes).fill(0)

    for (let node = 0; node < this.protocol.nodes; node++) {
      for (let i = 0; i < this.protocol.views.size(node); i++) {
        degrees[this.protocol.views.peer(node, i)]++
      }
    }

    return degrees
  }

  /** Share of the links of the living that lead to the dead. */
  deadLinks(): number {
    let links = 0
    let dead = 0

    for (let node = 0; node < this.protocol.nodes; node++) {
      if (this.dead.has(node)) {
        continue
      }

      for (let i = 0; i < this.protocol.views.size(node); i++) {
        links++
        dead += this.dead.has(this.protocol.views.peer(node, i)) ? 1 : 0
      }
    }

    return dead / links
  }
}

export function standardDeviation(values: number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}
