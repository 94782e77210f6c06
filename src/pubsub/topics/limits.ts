/** Under what the marks of a peer's topics are in its signed record. */
export const PROFILE = 'topics'

/** The libp2p protocols of gossipsub, newest first (libp2p specs, pubsub/gossipsub). */
export const GOSSIPSUB_PROTOCOLS = ['/meshsub/1.2.0', '/meshsub/1.1.0', '/meshsub/1.0.0']

/** Characters (UTF-16 units) of a topic, at most. Our choice. */
export const MAX_TOPIC_LENGTH = 128

/** Bytes of a payload, at most. Our choice: what is larger is better fetched by those who want it. */
export const MAX_PAYLOAD_BYTES = 65_536

/** Topics that a peer subscribes to, at most: their marks fill the 256 bytes that a profile may have. */
export const MAX_TOPICS = 64

/** Bytes of the mark of a topic in a record: the first ones of its SHA-256. Two topics of one mark cost a needless connection now and
 * then, and with four bytes hardly ever. */
export const MARK_BYTES = 4

/** Messages that wait for a slow consumer, by default and at most. Our choice. */
export const DEFAULT_QUEUE = 256
export const MAX_QUEUE = 65_536

/** Subscribers of a topic that a peer wants to be connected to, and to whom it keeps connections, at most: what gossipsub wants its
 * mesh to have (gossipsub 1.0, D and D_high). */
export const WANTED_SUBSCRIBERS = 6
export const KEPT_SUBSCRIBERS = 12

/** Connections that are kept for all topics together, at most. Our choice: half of those that a peer has by default, so that the rest
 * of gossip always finds room. */
export const MAX_KEPT = 50

/** Milliseconds between two looks for members, on average. Our choice: a second, as gossipsub's own heartbeat. */
export const DEFAULT_PERIOD = 1_000

/** Connections that are opened in one look, and that may be under way, at most. Our choice. */
export const DIALS_PER_LOOK = 3
export const MAX_DIALS = 8

/** Members that share a topic and are remembered, at most. Our choice: some for each of many topics. */
export const MAX_KNOWN = 256

/** Contacts with a member that came to nothing after which it is forgotten, unless it is in the view. The pause before the next contact
 * doubles, from the time that an exchange may take up to 2^5 of that. Our choice. */
export const MAX_TRIES = 4
export const MAX_DOUBLINGS = 5

/** Milliseconds for which members of a topic are looked for after something was published to it without a subscription
 * (gossipsub 1.0, fanout_ttl). */
export const FANOUT_TTL = 60_000

/** Bytes that wait for a peer that does not read, at most, before its stream is reset. Our choice: 64 of the longest messages. */
export const MAX_WAITING_BYTES = 4 * 1_024 * 1_024

/** Bytes that wait for a peer before a publisher waits for it, and for how many milliseconds at most. Our choice. */
export const MAX_UNSENT_BYTES = 256 * 1_024
export const SEND_PATIENCE = 1_000

/** What another peer's subscriptions may take, in bytes as gossipsub counts them: about 250 topics. Our choice. */
export const MAX_TOPIC_BYTES_PER_PEER = 256 * 1_024

/** Milliseconds that gossipsub may take to stop: a peer that does not read must not hold the node up. Our choice. */
export const STOP_PATIENCE = 1_500
