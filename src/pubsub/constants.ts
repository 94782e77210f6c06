/** Attributes of one event: twice what one filter may name, since filters of many kinds look at the same event. */
export const MAX_EVENT_ATTRIBUTES = 32

/** Attributes that one filter names. In more dimensions hardly two boxes overlap, and groups would have one member each. */
export const MAX_FILTER_ATTRIBUTES = 16

/** Characters of an attribute's name: names are sent with every event. */
export const MAX_NAME_LENGTH = 64

/** Bytes of a string in UTF-8: what is longer is content, and belongs in the payload. */
export const MAX_STRING_BYTES = 1_024

/** Characters of a filter's text, as written and as printed: a filter is sent to everybody who might be a neighbour. */
export const MAX_FILTER_LENGTH = 4_096

/** Members of one set: as many as of a text of that length can be of any use. */
export const MAX_SET_SIZE = 256

/** Boxes of one filter: each is a member of groups of its own. Sets that would make more are covered by fewer, wider boxes. */
export const MAX_BOXES = 64

/** Intervals of all boxes of one filter: what it costs others to know it. A set of 64 strings has as many, and with each string that is asked for besides
 * there are fewer boxes. Our choice: without it, 643 characters made 8,192 intervals, 280 KB and 10 ms at everybody who was told of them. */
export const MAX_INTERVALS = 512

/** Random points of its region at which a member looks who is next on the circle, in each exchange. More find smaller corners sooner, and keep
 * more links (Sub-2-Sub's own reproduction: 128; our measurements agree up to 10,000 members). */
export const POINTS = 128

/** The same for the partner of an exchange, whose region is looked at for what to tell it. Our choice: half as many cost half the time, and what
 * is missed is told by another. */
export const PARTNER_POINTS = 64

/** A link that was of use at some point stays for so many rounds. */
export const KEEP_ROUNDS = 10

/** Links to neighbours on the circle, at most: the least recently useful give way. */
export const MAX_RING_LINKS = 100

/** Links by interest: half to members that overlap, half to others. */
export const INTEREST_LINKS = 30

/** Descriptors in a message, at most, and how many of them are drawn from all that are known, for variety. */
export const MAX_OFFERS = 12
export const VARIETY = 3

/** Rounds after which a member that has not spoken for itself is no longer known. */
export const MAX_LINK_AGE = 25

/** Who knows a member already is told of it again when that is younger by so many rounds: else links of living members would age. */
export const RENEWAL = 4

/** One in so many exchanges is with a random member, lest groups that ask for other things fall apart. */
export const RANDOM_EXCHANGES = 10

/** Partners of other exchanges are the oldest of so many links. Measured: after a third of 60 members crashed, twice as many leave dead links half as often
 * fifteen rounds later as with two. */
export const OLDEST_OF = 4

/** Members that did not answer, and are not taken back from others for so many rounds. As long as their descriptors live. */
export const QUARANTINED_MEMBERS = 32
export const QUARANTINE_ROUNDS = 25

/** Members that a member hands an event to: the next on the circle, and others that divide the rest of the arc (fan-out of a tree). */
export const FANOUT = 8

/** Members through which an event enters, each responsible for the circle up to the next: one alone may be in a corner that nobody else knows.
 * Measured: to have each see to the next one's part, too, costs up to 0.7 duplicates a delivery, and gains nothing that witnesses do not find. */
export const ENTRIES = 3

/** Members, beside the one before it on the circle, that a receiver tells that it has the event. */
export const WITNESSES = 3

/** Rounds for which the ids of events are compared with those of partners, and how many of them a message holds. */
export const REPAIR_ROUNDS = 12

/** Rounds for which a member knows that it has had an event: else it would ask for it again of those that got it late, and tell others anew. */
export const REMEMBERED_ROUNDS = 3 * REPAIR_ROUNDS
export const MAX_COMPARED = 64

/** Events that a member remembers for that, at most. Our choice: somewhat more than the messages of all these rounds can name. */
export const MAX_RECENT = 1_024

/** Members asked in a row that name nobody nearer to an event, and in all, before a search for one that asks for it is given up. */
export const MAX_VAIN = 8
export const MAX_ASKED = 32

/** Members that one names who is asked for those near to an event. */
export const NAMED = 8
