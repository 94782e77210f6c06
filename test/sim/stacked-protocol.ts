import { NOBODY } from '../../src/gossip/exchange.ts'
import type { PeerSource } from '../../src/gossip/peer-source.ts'
import type { SimulatedProtocol, SizedMessage } from '../../src/sim/driver.ts'

/** A protocol above peer sampling: its nodes talk to peers that they are handed, and it writes down who to whom. */
export class StackedProtocol implements SimulatedProtocol<SizedMessage> {
  /** Who talked to whom, as `node>partner`. */
  readonly talks: string[] = []
  /** What it was told of newcomers. */
  readonly welcomed: Array<[first: number, end: number]> = []
  readonly stateBytes: number
  private readonly peers: Pick<PeerSource, 'sample'>
  /** What is to be done at each turn, before anything else. */
  private readonly look: (node: number) => void

  constructor(peers: Pick<PeerSource, 'sample'>, stateBytes = 0, look: (node: number) => void = () => {}) {
    this.peers = peers
    this.stateBytes = stateBytes
    this.look = look
  }

  createMessage(): SizedMessage {
    return { byteLength: 0 }
  }

  newcomers(first: number, end: number): void {
    this.welcomed.push([first, end])
  }

  partner(node: number): number {
    this.look(node)
    return this.peers.sample(node)
  }

  anotherPartner(): number {
    return NOBODY
  }

  request(): void {}

  respond(node: number, from: number): boolean {
    this.talks.push(`${from}>${node}`)
    return true
  }

  absorb(): void {}

  abandon(): void {}
}
