/** No peer: what {@link GossipProtocol.partner} answers when there is nobody to talk to. */
export const NOBODY = -1

/** Resolution, per period, of the time that drivers tell a protocol whose ages are time since creation. Our choice: in
 * whole periods, rounding errors add up as descriptors change hands. */
export const TICKS_PER_PERIOD = 16

/**
 * Why an exchange ended without an answer that could be used.
 *
 * - `busy`: the partner was in an exchange of its own
 * - `unreachable`: no connection, or it broke before the answer was complete
 * - `timeout`: no complete answer in time
 * - `unsupported`: the partner does not speak this protocol, or not this version of it
 * - `too-long`: the answer announced more bytes than the limit
 * - `malformed`: the answer was nonsense, or proved nothing of what it claimed
 * - `aborted`: this side gave up, because it stops or was told to
 */
export type Failure = 'busy' | 'unreachable' | 'timeout' | 'unsupported' | 'too-long' | 'malformed' | 'aborted'

/** How an exchange ended at the side that started it. */
export type Outcome = 'answered' | Failure

/**
 * A gossip protocol as a state machine, for a population of nodes: the active and the passive thread of the textbook
 * without their input and output. A live peer is a population of one, the simulator's population is a million.
 *
 * Nodes and peers are small integers. A node's own peer number is its node number. `M` is the protocol's message, a
 * buffer that its owner reuses: an implementation reads what came in, fills what is to go out, and keeps no reference.
 *
 * The driver promises:
 * - a `request` or any other opening of an exchange is followed by exactly one `absorb` or `abandon` of that partner
 *   before the node opens another one;
 * - `abandon` may also come without a `request`, when the partner could not even be reached;
 * - every peer number in a message that arrived is distinct and was proven to exist.
 *
 * Source: M. Jelasity et al., "Gossip-based peer sampling", ACM TOCS 25(3), 2007, figure 1.
 */
export interface GossipProtocol<M> {
  /** Begins a round of the node: whom to talk to, or {@link NOBODY}. */
  partner(node: number): number

  /** Whom to talk to in the same round, after a partner that could not be reached, or {@link NOBODY}. */
  anotherPartner(node: number): number

  /** Active thread: what to say to the partner. */
  request(node: number, partner: number, out: M): void

  /** Passive thread: answers into `out` and absorbs the request. False: the node is busy, and nothing changed. */
  respond(node: number, from: number, request: M, out: M): boolean

  /** Active thread: the answer came. */
  absorb(node: number, from: number, request: M, reply: M): void

  /** Active thread: the answer did not come. */
  abandon(node: number, partner: number, why: Failure): void
}
