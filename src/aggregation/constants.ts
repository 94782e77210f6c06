/** Rounds of an epoch. TOCS 2005, section 4: 30 rounds bring the spread to 1e-8 of what it was. */
export const DEFAULT_EPOCH_ROUNDS = 30
export const MIN_EPOCH_ROUNDS = 4
export const MAX_EPOCH_ROUNDS = 1_000

/** Highest number of an epoch that anybody may claim: there must be room for the next ones. */
export const MAX_EPOCH = 2 ** 31 - 2 ** 16

/** Most aggregates in one exchange, and characters of a name. */
export const MAX_AGGREGATES = 32
export const MAX_NAME_LENGTH = 64

/** Bins of a histogram and of the one that a quantile is read from, when nothing is said, and most. Our choice. */
export const DEFAULT_BINS = 32
export const MAX_BINS = 256

/** Largest magnitude of a value without a declared range: its square and the differences of squares are finite. */
export const MAX_MAGNITUDE = 1e150

/** Instances by which the size is counted. Our choice: the middle half of them is eight. */
export const DEFAULT_INSTANCES = 16
export const MAX_INSTANCES = 64

/** This part of the instances is left out at either end before the size is taken. */
export const TRIMMED_INSTANCES = 0.25

/** Largest size that is told: what lies beyond is no count any more. */
export const MAX_SIZE = 2 ** 53

/** Times that an unanswered request is repeated. The paper: none. */
export const DEFAULT_RETRIES = 0
export const MAX_RETRIES = 64

/** Answers that a node keeps in case they are asked for again. Our choice, by simulation: of 200,000 exchanges at 10,000 nodes
 * with a tenth of all messages lost, about ten answers are forgotten too early with 8 of them kept, none with 12. */
export const ANSWERS_KEPT = 16

/** A request is late when its number is up to so many before that of an answer kept for the same peer. Our choice: a peer that
 * has begun anew, at a random number, is hardly ever taken for one that is late. */
export const LATE_BY = 1_024

/** Part of an epoch after which a node lets itself be drawn into the next one. Our choice: differences are a millionth by then. */
export const CONVERGED = 3 / 4

/** Last rounds of an epoch in which a node notes how far its partners' values are from its own. Our choice. */
export const SPREAD_ROUNDS = 4

/** What the spread that a node has noted loses from one exchange to the next. Our choice: somewhat faster than honest differences
 * fall (0.55), so that the latest ones count. */
export const SPREAD_DECAY = 0.5

/** Part of an epoch within which a newcomer that has waited for it still begins it when it hears of it. */
export const JUST_BEGUN = 1 / 4

/** Different peers that must claim a higher epoch before a node believes them. */
export const CLAIMS_BELIEVED = 3

/** Rounds in which a newcomer meets nobody who is in an epoch, before it begins the first one itself; with fewer claims than are
 * believed it waits as long, too. Our choice. */
export const ROUNDS_ALONE = 5

/** The same for one that meets nobody at all, and so may just not have found the network yet; or an epoch where that is shorter.
 * Our choice. */
export const ROUNDS_UNMET = 30

/** Epochs that a newcomer waits at most, whatever others say: a peer that tells everybody that its epoch has just begun, again
 * and again, would keep all newcomers waiting for ever. Our choice: an honest epoch is over in one, or a little more. */
export const EPOCHS_AWAITED = 2

/** Epochs in a row in which most of the peers that a node asks are in an earlier one, after which it goes back to them. */
export const EPOCHS_DESERTED = 2

/** Mode trimmed: in round t of an epoch (the first one is 0) a value moves by half of its range times this to the t at most. Our
 * choice: honest differences fall as 0.55 to the t. */
export const LIMIT_DECAY = 0.7
