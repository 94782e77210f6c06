/** Descriptors in the view, the c of the sources. Measured there and here: enough for a torus of any size that was tried. */
export const DEFAULT_VIEW_SIZE = 20

/** Smallest view: the four neighbours on a torus, and somebody to exchange with beside them. Largest: our choice. */
export const MIN_VIEW_SIZE = 5
export const MAX_VIEW_SIZE = 100

/** Descriptors in a message, the sender's own included (m). */
export const MIN_MESSAGE_SIZE = 2

/** Partners are drawn from so many of the nearest (psi). Measured: on 362 x 362 points 5 takes 25 rounds where 10 takes 28;
 * always the very nearest traps. */
export const DEFAULT_PSI = 5

/** Members of the random layer that are looked at in a round. Our choice: more than any view has by default. */
export const MAX_MEMBERS = 64

/**
 * A descriptor of so many rounds, or one from the random layer, may be of a dead peer: its peer is the next partner. Measured:
 * of living peers near by hardly one in a hundred gets as old.
 */
export const UNPROVEN_AGE = 5

/** They are looked for among so many times psi of the nearest. Measured: farther ones are dropped as they get old, and not to
 * look among these at all makes a torus with a dead quarter take twice as long to heal. */
export const UNPROVEN_RANKS = 2

/** Older descriptors are dropped, in rounds. Measured: none of a living peer near by gets to it. */
export const MAX_AGE = 10

/** One round in so many, of a node that gets no nearer to its place, goes to a neighbour that is farther than all others in the
 * view, where there is one, to each in turn: over the edge of a hole nobody else brings news. */
export const FAR_ROUNDS = 2

/** Exchanges that a newcomer starts in its first round at most, until it has spoken to all of its neighbours. Measured: with
 * 1 % of all nodes replaced in each round, 12 leave 1.1 % of the right links missing on 50 x 50 points and 3.1 % on 128 x 128,
 * 16 leave 1.1 and 1.6 %. */
export const WELCOME_TURNS = 16

/**
 * Failed contacts that a node does not take back from others, and for how many rounds: being nearest, they would return for
 * ever. Twice as long as their descriptors live. Measured: a cut that ended heals when this is over, and no sooner, as both sides
 * refuse each other; with 12 rounds a torus without a quarter of its nodes takes 1.5 times as long to heal, as the dead return.
 */
export const QUARANTINED_PEERS = 32
export const QUARANTINE_ROUNDS = 20

/** Partners that a node tries in a round while they cannot be reached. */
export const TRIES = 3

/** Dimensions of the space of latencies: as many as network coordinates have by default. */
export const DEFAULT_LATENCY_DIMENSIONS = 8
