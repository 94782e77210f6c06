import type { ProtocolLimits } from '../live/driver.ts'
import { MAX_AGGREGATES, MAX_INSTANCES } from './constants.ts'
import { IDENTITY_BYTES } from './identity.ts'

/** Cells that a live peer has room for: those of eight histograms of the finest kind. Our choice. */
export const MAX_CELLS = 2_048

/** Bytes of an aggregate beside its cells, at most: its identity, tags, lengths. */
const AGGREGATE_OVERHEAD = IDENTITY_BYTES + 16

/** Bytes of everything else, at most: numbers, tags, lengths. */
const OVERHEAD = 64

/** Longest message in bytes: all cells, and the most instances, with a tag and a share each. */
export const MAX_MESSAGE_BYTES = MAX_CELLS * 8 + MAX_AGGREGATES * AGGREGATE_OVERHEAD + MAX_INSTANCES * 12 + OVERHEAD

/** Times that a live peer repeats a request without an answer: real networks lose some. Our choice, by simulation. */
export const DEFAULT_LIVE_RETRIES = 5

/** What others may cost a peer. Our choice, as for peer sampling. */
export const LIMITS: ProtocolLimits = {
  maxMessageBytes: MAX_MESSAGE_BYTES,
  maxInboundStreams: 2,
  requestBurst: 8,
  maxOffences: 5
}

/** Peers that have a number: those met lately. Our choice. */
export const MAX_KNOWN_PEERS = 2_048

/** Peers known not to speak the protocol, and rounds for which they are not turned to. Our choice: some views of them, and
 * long enough to cost next to nothing. */
export const UNSUPPORTED_PEERS = 64
export const UNSUPPORTED_ROUNDS = 100
