import { type Failure, type GossipProtocol, NOBODY } from '../gossip/exchange.ts'
import type { Random } from '../gossip/random.ts'
import type { World } from './world.ts'

/** A message that can tell its size. */
export interface SizedMessage {
  /** Bytes of its arrays. */
  readonly byteLength: number
}

/** How nodes that know nobody come into a protocol's network: peer sampling has it, what is above need not. */
export interface Entrance<M> {
  /** Instead of `request`, of a node that knows nobody, to a contact that it has from elsewhere. */
  requestIntroduction(node: number, out: M): void

  /** Whether the node is in the network, so that others can join through it. */
  isMember(node: number): boolean
}

/**
 * What a protocol needs beyond the exchange itself to be driven by the simulator. It has all of an {@link Entrance} or
 * nothing of it; where it has none, a node that has no partner does nothing in that round.
 */
export interface SimulatedProtocol<M extends SizedMessage> extends GossipProtocol<M>, Partial<Entrance<M>> {
  /** A message buffer for its longest message. */
  createMessage(): M

  /** Tells the time, in a unit of which one or more make a round. */
  tick?(time: number): void

  /** Nodes have just come, from this number to the one before `end`. Told before the round in which they begin. */
  newcomers?(first: number, end: number): void

  /** Bytes of its arrays. */
  readonly stateBytes?: number

  /** Exchanges that the node starts in a round, unless it comes to know nobody to talk to. Default: one. */
  turns?(node: number): number

  /** Partners that a node tries in a round, while one after the other cannot be reached. Default: one. */
  readonly tries?: number

  /** Brings the state of nodes that are about to start exchanges into the processor's cache. */
  prefetch?(nodes: Int32Array, from: number, to: number): void
}

/**
 * Begins a round of a node: whom it talks to, or NOBODY. Of the members that it tries, all but the last that cannot be
 * reached fail here.
 */
export function memberFor<M extends SizedMessage>(
  node: number,
  protocol: SimulatedProtocol<M>,
  world: World,
  counts: ExchangeCounts
): number {
  let member = protocol.partner(node)

  for (let left = (protocol.tries ?? 1) - 1; left > 0 && member !== NOBODY && !world.reaches(node, member); left--) {
    counts.started++
    counts.unreachable++
    protocol.abandon(node, member, 'unreachable')
    member = protocol.anotherPartner(node)
  }

  return member
}

/** Somebody from elsewhere through whom a node that knows nobody can join, or NOBODY, as where there is no entrance. */
export function contactFor<M extends SizedMessage>(
  node: number,
  protocol: SimulatedProtocol<M>,
  world: World,
  chance?: Random
): number {
  const { isMember } = protocol
  return isMember == null ? NOBODY : world.contact(node, candidate => isMember.call(protocol, candidate), chance)
}

/** How the exchanges of all nodes ended, since the run began. */
export interface ExchangeCounts {
  started: number
  answered: number
  busy: number
  /** The partner was dead or behind a cut. */
  unreachable: number
  /** The request or the answer got lost, or was late. */
  timeout: number
}

export function noExchanges(): ExchangeCounts {
  return { started: 0, answered: 0, busy: 0, unreachable: 0, timeout: 0 }
}

/** What a simulated exchange can fail of. */
export type SimulatedFailure = Failure & keyof ExchangeCounts

/** Runs a protocol for all nodes of a world, a round at a time. */
export interface Driver {
  readonly counts: ExchangeCounts
  /** Bytes of its own arrays. */
  readonly stateBytes: number

  /**
   * Runs one round. The nodes from `newcomers` on have just come.
   *
   * @param round - from 1 on, each one more than the last
   */
  run(round: number, newcomers: number): void
}
