import type { QuestionLimits } from '../live/questions.ts'

/** Begin of the libp2p protocol ids of exchanges and of routes. What follows tells overlays apart. */
export const PROTOCOL = '/gossip-peer/overlay/1.0.0'
export const ROUTE_PROTOCOL = '/gossip-peer/overlay/route/1.0.0'

/** Longest message of an exchange in bytes, and of a question or an answer on a route: the point, at most 256 bytes; and one
 * record more than {@link ROUTE_PEERS}. */
export const MAX_MESSAGE_BYTES = 65_536
export const MAX_QUESTION_BYTES = 512
export const MAX_ANSWER_BYTES = 16_384

/** Peers whose records are kept at hand: number of entries. Our choice, about 1 KiB each. */
export const MAX_KNOWN_PEERS = 2_048

/** Streams that one connection may hold open towards us. An honest peer needs one; a second one bridges a change. */
export const MAX_INBOUND_STREAMS = 2

/** Requests that one peer may send at once. Our choice: a newcomer may turn to the same one in each turn of its first round. */
export const REQUEST_BURST = 16

/** Bad messages of one peer after which its connection is closed. Our choice. */
export const MAX_OFFENCES = 5

/** Milliseconds between two rounds. */
export const MIN_PERIOD = 1
export const MAX_PERIOD = 3_600_000

/** Peers that an answer on a route names beside the answering one. Our choice: some to turn to when the first is gone. */
export const ROUTE_PEERS = 4

/** Questions of routes that one peer may ask at once, and in a second in the long run. Our choice. */
export const ROUTE_BURST = 32
export const ROUTES_PER_SECOND = 20

/** Questions of routes that one connection may have open at once. */
export const MAX_ROUTE_STREAMS = 8

/** What questions of routes may cost a peer. */
export const ROUTE_LIMITS: QuestionLimits = {
  maxQuestionBytes: MAX_QUESTION_BYTES,
  maxAnswerBytes: MAX_ANSWER_BYTES,
  maxInboundStreams: MAX_ROUTE_STREAMS,
  burst: ROUTE_BURST,
  perSecond: ROUTES_PER_SECOND
}

/** Hops of a route. Our choice: enough to cross a torus of 128 x 128 without a shortcut. */
export const DEFAULT_MAX_HOPS = 128
export const MAX_HOPS = 1_024

/** Peers that are asked in vain before a route is given up. Our choice. */
export const MAX_VAIN = 16
