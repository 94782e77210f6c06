/** View size c. The papers' figures use 30 (TOCS 2007, section 4); it also carries networks far beyond a million peers. */
export const DEFAULT_VIEW_SIZE = 30

/** Smallest view: an exchange swaps half of it. */
export const MIN_VIEW_SIZE = 2

/** Largest view. Our choice: a whole-view message stays below {@link MAX_MESSAGE_BYTES} with records of usual size. */
export const MAX_VIEW_SIZE = 200

/** Entries of a contact's view from which on it introduces a newcomer to others only, not to itself. Our choice: a
 * newcomer that loses one or two of its first members is still in the network. */
export const ENOUGH_TO_INTRODUCE = 3

/** Failed contacts that a live peer, or one with defence ranking, refuses to hear of from others. Our choice: twice the default view. */
export const QUARANTINED_PEERS = 64

/** Rounds for which it refuses. Our choice: about as long as dead links need to drain from a network (half of all peers
 * dead, default variant: 40 rounds), and shorter than the 60 within which a healed partition should grow together. */
export const QUARANTINE_ROUNDS = 40

/** Longest message in bytes. A default exchange takes about 3 KiB; the largest permitted view of records with many
 * addresses fits. */
export const MAX_MESSAGE_BYTES = 65_536

/** Longest signed record in bytes, and most addresses in it. Our choice: the usual record has 170 to 300 bytes. */
export const MAX_RECORD_BYTES = 2_048
export const MAX_RECORD_ADDRESSES = 16

/** Peers whose records a live peer keeps verified: number of entries. Our choice, about 1 KiB each. */
export const MAX_KNOWN_PEERS = 2_048

/** Contacts tried in one round when the first ones fail at once. Our choice. */
export const CONTACTS_PER_ROUND = 3

/** A round in so many goes to a long-remembered peer instead of a member of the view, so that the parts of a network
 * that was cut find each other again. Our choice: 5 % of the traffic. */
export const REUNION_EVERY = 20

/** Addresses remembered over restarts and partitions: those that lately answered, and those that no longer do. */
export const REMEMBERED_PEERS = 32
export const REMEMBERED_LOST_PEERS = 32

/** How long a lost peer is remembered, in milliseconds: 30 days. Our choice. */
export const LOST_PEER_LIFETIME = 30 * 24 * 60 * 60 * 1000

/** Requests that one peer may start with us per period in the long run, and at once. An honest one starts one per period
 * with one of its members; retries and jitter need some room. Our choice. */
export const REQUESTS_PER_PERIOD = 4
export const REQUEST_BURST = 8

/** Members announced to the app as discovered: as many as a view at once, then one in so many periods. Each stays in the
 * peer store for hours, and a crowd of invented peers must not fill it. Our choice. */
export const PERIODS_PER_DISCOVERY = 4

/** Bad messages of one peer after which its connection is closed. Our choice. */
export const MAX_OFFENCES = 5

/** Streams that one connection may hold open towards us. An honest peer needs one; a second one bridges a change. */
export const MAX_INBOUND_STREAMS = 2

/** How long a stream may bring no complete message before it is closed, in milliseconds. Our choice: a dozen periods of
 * the slowest profile. */
export const STREAM_TIMEOUT = 120_000

/** The memory is saved once in so many rounds, the first time in this one. Our choice: early enough that a peer killed in
 * its first minute finds its way back. */
export const SAVE_EVERY = 16
export const FIRST_SAVE = 3

/** Remembered peers tried in one attempt to enter, and contacts tried at once. Our choice. */
export const ENTRIES_TRIED = 8
export const PARALLEL_ENTRIES = 4

/** How often a contact that is busy is asked in one attempt to enter, and the pause between, in milliseconds (drawn from
 * a half to one and a half of it). Our choice: a peer is busy for one round trip. */
export const BUSY_TRIES = 5
export const BUSY_PAUSE = 100

/** Connections of the node beyond which the ones that nobody uses are closed, and down to which. */
export const DEFAULT_MAX_CONNECTIONS = 100
export const LOW_WATER = 0.8

/** Most bits of work that can be asked of an identity. Our choice: 40 take a week of a core (1.9 million hashes a second), and
 * that is longer than anybody waits. */
export const MAX_STAMP_BITS = 40

/** Bits of work asked of an identity when nothing is said, with every profile. Our choice, because a default above 0 would
 * split each network whose peers were started with different profiles or versions, and because what a phone or a small
 * board can be made to wait for (some 18 bits) is nothing to an attacker with a graphics card. */
export const DEFAULT_STAMP_BITS = 0

/** Members of the view from one address block when nothing is said: any number. Our choice, because a full block lets nobody
 * in: where an honest network is mostly in one, newcomers would be known to nobody. */
export const DEFAULT_MAX_PER_BLOCK = 0

/** The user is told of a search for a stamp when it has taken so many milliseconds, and the log again in so many. Our
 * choice. */
export const STAMP_NEWS_AFTER = 200
export const STAMP_NEWS_EVERY = 10_000

/** The libp2p protocol of an exchange. The version changes when two ends could misunderstand each other. */
export const PROTOCOL = '/gossip-peer/sampling/1.0.0'

/** Defence statistics. Figures below without a source are our choice, by simulation: see docs/security.md. */

/** Sightings in half of the window: from one half to both of them count. The source's window has 1,024. */
export const SIGHTINGS_PER_HALF = 512

/** Sightings before a node judges by them, and replies between two looks at what is to be expected. */
export const MIN_SIGHTINGS = 60
export const REPLIES_PER_SURVEY = 4

/** A peer that was seen so often that chance does it with less than this probability is set aside, or suspected; and how
 * often it must have been seen at least. */
export const TOO_OFTEN = 1e-3
export const FEWEST_TO_SET_ASIDE = 2
export const SUSPICIOUS = 1e-7
export const FEWEST_TO_SUSPECT = 4

/** How many times as often as is to be expected it must have been seen, too: in a network of a dozen peers in-degrees
 * differ by more than chance, and are the same for long. */
export const ASIDE_RATIO = 2
export const SUSPECT_RATIO = 3

/** Standard deviation of the in-degrees of honest peers, as a part of the mean: 0.17 for the default variant in large
 * networks, more in those of a dozen. */
export const IN_DEGREE_SPREAD = 0.3

/** A message is unusual when its names were seen so many standard deviations, and so many times, more often than the usual
 * ones. */
export const UNUSUAL_DEVIATIONS = 3
export const UNUSUAL_EXCESS = 4

/** Names of a reply that count where statistics are an alarm only. Our choice: as many as the default variant's replies have.
 * Whole views, which the same peers send again and again while they change slowly, would make the same honest peers be seen
 * together time and again: with defence ranking four of a hundred nodes (of 1,000, in 300 rounds) then suspect somebody, with
 * this one of a hundred, as without a defence. */
export const NAMES_IN_ALARM = 15

/** The usual reply: this quantile of what replies weigh, followed in steps of this part of it. */
export const USUAL_QUANTILE = 0.4
export const USUAL_STEP = 0.1

/** Sightings that a name from a message that was not heeded counts for, and for how many rounds. */
export const TAINT_WEIGHT = 3
export const TAINT_ROUNDS = 300

/** Rounds for which a peer that is set aside is refused; a suspect at first, and at most: each offence doubles it. */
export const ASIDE_ROUNDS = 200
export const FIRST_SENTENCE = 60
export const LONGEST_SENTENCE = 3_840

/** A peer must be to be expected so often in half of the window that an in-degree is estimated: from then on chance makes a
 * single estimate err by a half of it at most. */
export const ENOUGH_TO_ESTIMATE = 4

/** Peers from earlier replies that a node keeps to find its way back by, how often it asks one of them, and from how many
 * replies it keeps one. */
export const RESERVED_PEERS = 16
export const ROUNDS_PER_RESERVE = 16
export const REPLIES_PER_RESERVE = 8

/** View size with defence ranking: the smallest of those tried that holds against a tenth of 10,000 peers. */
export const RANKING_VIEW_SIZE = 50

/** Defence ranking: rounds for which a peer holds its place in the view, unless a better one is heard of. Our choice. In
 * as many rounds its successor is found, and the longer the search the fewer colluders are the best of all that were heard
 * of; but the slower do samples change. */
export const RANKING_LIFETIME = 100
