import type { QuestionLimits } from '../live/questions.ts'
import type { RequestLimits } from '../live/requests.ts'

/** The libp2p protocol ids: who asks for what, who asks for such an event, and events. */
export const PROTOCOL = '/gossip-peer/pubsub/1.0.0'
export const SEARCH_PROTOCOL = '/gossip-peer/pubsub/search/1.0.0'
export const EVENTS_PROTOCOL = '/gossip-peer/pubsub/events/1.0.0'

/** Subscriptions of one peer. Our choice: each makes exchanges of its own. */
export const MAX_SUBSCRIPTIONS = 64

/** Members that are kept at hand: number of entries. Our choice, about 2 KiB each. */
export const MAX_KNOWN_MEMBERS = 4_096
export const MAX_CACHED_SUBSCRIPTIONS = 8_192

/** Axes that are told apart, and how many of them only subscriptions of this peer can take: two filters of another one may name all the rest. */
export const MAX_AXES = 256
export const OWN_AXES = 128

/** A filter of 4,096 characters, three bytes each, with keys and signature. */
export const MAX_SUBSCRIPTION_BYTES = 13_312

/** Longest message about links in bytes. Offers that do not fit are left out. */
export const MAX_MESSAGE_BYTES = 131_072
export const MAX_INBOUND_STREAMS = 2

/** Requests about links that one peer may send at once: as many as two rounds of all its subscriptions. */
export const REQUEST_BURST = 4 * MAX_SUBSCRIPTIONS
export const REQUESTS_PER_PERIOD = 2 * MAX_SUBSCRIPTIONS

/** Bad messages of one peer after which its connection is closed. Our choice. */
export const MAX_OFFENCES = 5

/** Milliseconds between two rounds. */
export const MIN_PERIOD = 1
export const MAX_PERIOD = 3_600_000

/** Bytes of a payload, by default and at most. */
export const DEFAULT_MAX_PAYLOAD_BYTES = 65_536
export const MAX_PAYLOAD_BYTES = 1_048_576

/** Bytes of the attributes of an event with its signature, at most: 32 names and strings. */
export const MAX_HEAD_BYTES = 36_864

/** Milliseconds that an event may be old, or ahead of this peer's clock, by default and at most. */
export const DEFAULT_MAX_AGE = 120_000
export const MAX_MAX_AGE = 86_400_000

/** Events that wait for a handler, by default and at most. */
export const DEFAULT_QUEUE = 256
export const MAX_QUEUE = 65_536

/** Events that are kept for others who lack them: so many, and so many bytes in all. */
export const MAX_STORED_EVENTS = 4_096
export const MAX_STORED_BYTES = 16_777_216

/** Publishers whose last sequence numbers are remembered, and how many numbers back an event may come late. */
export const MAX_PUBLISHERS = 4_096
export const SEQUENCE_WINDOW = 4_096

/** What waits for one peer: so many events, notices and ids, and so many bytes. */
export const MAX_WAITING = 512
export const MAX_WAITING_BYTES = 2_097_152

/** Bytes of one batch beyond its first event, and things in it. */
export const MAX_BATCH_BYTES = 131_072
export const MAX_BATCH = 128

/** Milliseconds that a peer gives the tree before it asks for an event of which it was told, at least and at most. Our choice: a few hops. */
export const MIN_PATIENCE = 250
export const MAX_PATIENCE = 5_000

/** Things told that are waited for: more are not waited for, but left to gossip. */
export const MAX_TOLD = 1_024

/** Of these: that one peer was the first to tell of. */
export const MAX_TOLD_BY_PEER = 128

/** What batches of events may cost a peer. */
export const EVENTS_LIMITS: RequestLimits = {
  maxBytes: MAX_PAYLOAD_BYTES + MAX_HEAD_BYTES + MAX_BATCH_BYTES + 4_096,
  maxInboundStreams: 2,
  burst: 256,
  perSecond: 256
}

/** Hand-offs that one peer may send in a second, in the long run and at once: each new one costs a signature's check. */
export const EVENTS_PER_SECOND = 2_000
export const EVENTS_BURST = 4_000

/** What searches may cost a peer. */
export const SEARCH_LIMITS: QuestionLimits = {
  maxQuestionBytes: MAX_HEAD_BYTES,
  maxAnswerBytes: MAX_MESSAGE_BYTES,
  maxInboundStreams: 8,
  burst: 64,
  perSecond: 32
}

/** Searches for more entries that are under way at once when their events have one or two: more are not begun. */
export const MAX_SEARCHES = 16

/** Members that are told when a subscription ends. The others find out when they turn to it. Our choice. */
export const FAREWELLS = 8
