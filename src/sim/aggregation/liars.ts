import type { Range } from '../../aggregation/aggregate.ts'
import { fill } from '../../aggregation/functions.ts'
import type { AggregationMessage } from '../../aggregation/message.ts'
import type { AggregationProtocol } from '../../aggregation/protocol.ts'
import type { Failure } from '../../gossip/exchange.ts'
import type { Random } from '../../gossip/random.ts'
import type { SimulatedProtocol } from '../driver.ts'

/**
 * A population of which some nodes are stubborn: whatever they hear, they say in every exchange of an epoch that their
 * value is the highest of the range. In all else they keep to the protocol, as the others do.
 */
export class Liars implements SimulatedProtocol<AggregationMessage> {
  private readonly protocol: AggregationProtocol
  /** 1: the node lies. */
  private readonly lies: Uint8Array
  /** What they say, as cells. */
  private readonly claim: Float64Array

  /**
   * @param nodes - nodes at the start; liars are drawn from all of them but node 0
   * @param liars - how many
   */
  constructor(protocol: AggregationProtocol, nodes: number, liars: number, random: Random) {
    const { schema } = protocol
    const [aggregate] = protocol.parameters.aggregates
    const drawn = Int32Array.from({ length: nodes - 1 }, (_, i) => i + 1)
    this.protocol = protocol
    this.lies = new Uint8Array(protocol.nodes)
    this.claim = new Float64Array(schema.capacity)
    fill(aggregate, (aggregate.range as Range).to, this.claim, schema.first[0])
    random.shuffle(drawn)

    for (const node of drawn.subarray(0, liars)) {
      this.lies[node] = 1
    }
  }

  get stateBytes(): number {
    return this.protocol.stateBytes + this.lies.byteLength
  }

  isLiar(node: number): boolean {
    return this.lies[node] === 1
  }

  request(node: number, partner: number, out: AggregationMessage): void {
    this.protocol.request(node, partner, out)
    this.lie(node, out)
  }

  respond(node: number, from: number, request: AggregationMessage, out: AggregationMessage): boolean {
    const hasAnswered = this.protocol.respond(node, from, request, out)
    this.lie(node, out)
    return hasAnswered
  }

  partner(node: number): number {
    return this.protocol.partner(node)
  }

  anotherPartner(node: number): number {
    return this.protocol.anotherPartner(node)
  }

  absorb(node: number, from: number, request: AggregationMessage, reply: AggregationMessage): void {
    this.protocol.absorb(node, from, request, reply)
  }

  abandon(node: number, partner: number, why: Failure): void {
    this.protocol.abandon(node, partner, why)
  }

  createMessage(): AggregationMessage {
    return this.protocol.createMessage()
  }

  newcomers(first: number, end: number): void {
    this.protocol.newcomers(first, end)
  }

  private lie(node: number, out: AggregationMessage): void {
    if (this.lies[node] === 1) {
      out.cells.set(this.claim)
    }
  }
}
