import { type Failure, NOBODY } from '../../src/gossip/exchange.ts'
import type { SimulatedProtocol, SizedMessage } from '../../src/sim/driver.ts'

/** What a driver has done with the protocol, in order. */
export interface Step {
  what: 'partner' | 'request' | 'introduction' | 'respond' | 'absorb' | Failure
  node: number
  /** The other end, where there is one. */
  peer: number
  /** As the protocol was told last. */
  time: number
}

/** The plainest protocol there is: it has nothing to say and writes down what is done with it. */
export class PlainProtocol implements SimulatedProtocol<SizedMessage> {
  readonly steps: Step[] = []
  readonly outsiders = new Set<number>()
  readonly busy = new Set<number>()
  /** Exchanges that nodes start in a round, where it is not one. */
  readonly keen = new Map<number, number>()
  tries = 1
  /** Whom a node talks to when somebody cannot be reached. */
  instead: (node: number, unreachable: number) => number = () => NOBODY
  private readonly choose: (node: number) => number
  private time = 0

  /** @param choose - whom a node talks to */
  constructor(choose: (node: number) => number) {
    this.choose = choose
  }

  createMessage(): SizedMessage {
    return { byteLength: 0 }
  }

  tick(time: number): void {
    this.time = time
  }

  partner(node: number): number {
    this.note('partner', node)
    return this.choose(node)
  }

  anotherPartner(node: number): number {
    return this.instead(node, this.steps[this.steps.length - 1].peer)
  }

  /** None where all nodes start as many, as with most protocols. */
  get turns(): ((node: number) => number) | undefined {
    return this.keen.size > 0 ? node => this.keen.get(node) ?? 1 : undefined
  }

  request(node: number, partner: number): void {
    this.note('request', node, partner)
  }

  requestIntroduction(node: number): void {
    this.note('introduction', node)
  }

  isMember(node: number): boolean {
    return !this.outsiders.has(node)
  }

  respond(node: number, from: number): boolean {
    this.note('respond', node, from)
    return !this.busy.has(node)
  }

  absorb(node: number, from: number): void {
    this.note('absorb', node, from)
  }

  abandon(node: number, partner: number, why: Failure): void {
    this.note(why, node, partner)
  }

  /** All steps of a kind. */
  all(what: Step['what']): Step[] {
    return this.steps.filter(step => step.what === what)
  }

  private note(what: Step['what'], node: number, peer = NOBODY): void {
    this.steps.push({ what, node, peer, time: this.time })
  }
}
