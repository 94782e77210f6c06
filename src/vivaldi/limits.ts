import type { ProtocolLimits } from '../live/driver.ts'
import type { QuestionLimits } from '../live/questions.ts'

/** The libp2p protocol id of a probe. */
export const PROTOCOL = '/gossip-peer/vivaldi/1.0.0'

/** The libp2p protocol id of the question how long a peer's round trip to another one is. */
export const MEASURE_PROTOCOL = '/gossip-peer/vivaldi-measure/1.0.0'

/** Under what a peer's coordinate is in its signed record. */
export const PROFILE = 'vivaldi'

/** Samples that a peer wants in a round: what other protocols do not bring it asks for itself. Our choice: peer sampling brings
 * one, aggregation another. */
export const SAMPLES_PER_ROUND = 2

/** Exchanges of one measurement, the shortest of which counts. Our choice: the first often waits for a stream. */
export const MEASUREMENT_PROBES = 4

/** Peers whose last round trips are remembered, and those that count as living because they were met lately, at most. */
export const MAX_KNOWN_PEERS = 1_024

/** Rounds for which a peer that was met counts as living. Our choice, as for a view whose members turn over. */
export const MET_LATELY = 60

/** What others may cost a peer. An answer is a signed record. */
export const LIMITS: ProtocolLimits = {
  maxMessageBytes: 4_096,
  maxInboundStreams: 2,
  requestBurst: 2 * MEASUREMENT_PROBES,
  maxOffences: 5
}

/**
 * What the questions of others for round trips may cost a peer. An answer takes it a connection and {@link MEASUREMENT_PROBES}
 * exchanges, and a third peer as many, who never asked: so whoever asks has a few at once, for a person who compares some peers, and
 * then one in five seconds. Our choice, as is that one is measured at a time for all who ask. The id of a peer has at most 42 bytes, an
 * answer has 11; each may have a field or two more one day. One stream beyond the burst hears that it is too much.
 */
export const MEASURE_LIMITS: QuestionLimits = {
  maxQuestionBytes: 64,
  maxAnswerBytes: 32,
  maxInboundStreams: 4,
  burst: 3,
  perSecond: 1 / 5
}
