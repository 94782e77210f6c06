import type { AggregationMessage } from '../../src/aggregation/message.ts'
import { type AggregationOptions, aggregationParameters } from '../../src/aggregation/parameters.ts'
import { AggregationProtocol } from '../../src/aggregation/protocol.ts'
import type { Values } from '../../src/aggregation/state.ts'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'

/** Changes what a liar says, in place. */
export type Lie = (message: AggregationMessage) => void

/** What befalls the messages of a crowd. */
export interface Troubles {
  /** Share of the messages that get lost. */
  loss?: number
  /** Nodes that lie, and how. */
  liars?: Map<number, Lie>
}

/** Nodes whose partners are uniform, driven in rounds of exchanges that do not overlap. */
export class Crowd {
  readonly nodes: number
  readonly protocol: AggregationProtocol
  /** Who has a turn, and can be talked to. */
  members: number[]
  private readonly random: Random
  private readonly troubles: Troubles
  private readonly messages: [AggregationMessage, AggregationMessage]

  constructor(nodes: number, options: AggregationOptions, values: Values, troubles: Troubles = {}, seed = 1) {
    this.nodes = nodes
    this.random = new Random(seed)
    this.troubles = troubles
    this.members = Array.from({ length: nodes }, (_, node) => node)
    this.protocol = new AggregationProtocol({
      nodes,
      parameters: aggregationParameters(options),
      random: this.random.fork(),
      source: { sample: node => this.sample(node), members: () => 0 },
      values
    })
    this.messages = [this.protocol.createMessage(), this.protocol.createMessage()]
  }

  run(rounds: number): void {
    for (let round = 0; round < rounds; round++) {
      const order = [...this.members]
      this.random.choose(order, order.length)

      for (const node of order) {
        this.exchange(node)
      }
    }
  }

  /** What each member's running epoch says of an aggregate. */
  estimates(aggregate = 0): number[] {
    return this.members.map(node => this.protocol.estimate(node, aggregate)?.value as number)
  }

  results(aggregate = 0): number[] {
    return this.members.map(node => this.protocol.result(node, aggregate)?.value as number)
  }

  private exchange(node: number): void {
    const { protocol, troubles } = this
    const [request, reply] = this.messages
    const partner = protocol.partner(node)

    if (partner === NOBODY) {
      return
    }

    protocol.request(node, partner, request)
    troubles.liars?.get(node)?.(request)

    const requestIsLost = this.loses()
    const replyIsLost = this.loses()

    if (!requestIsLost && !protocol.respond(partner, node, request, reply)) {
      protocol.abandon(node, partner, 'busy')
    } else if (requestIsLost || replyIsLost) {
      protocol.abandon(node, partner, 'timeout')
    } else {
      troubles.liars?.get(partner)?.(reply)
      protocol.absorb(node, partner, request, reply)
    }
  }

  private loses(): boolean {
    return this.random.fraction() < (this.troubles.loss ?? 0)
  }

  private sample(node: number): number {
    if (this.members.length < 2) {
      return NOBODY
    }

    for (;;) {
      const peer = this.members[this.random.below(this.members.length)]

      if (peer !== node) {
        return peer
      }
    }
  }
}

export function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function variance(values: number[]): number {
  const middle = mean(values)
  return mean(values.map(value => (value - middle) ** 2))
}
