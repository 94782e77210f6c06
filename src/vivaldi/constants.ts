/** Dimensions of the space, beside the height. Eight is what experience has come to (hashicorp/serf). */
export const DEFAULT_DIMENSIONS = 8
export const MAX_DIMENSIONS = 16

/** Longest round trip that is believed, in milliseconds (hashicorp/serf). */
export const MAX_ROUND_TRIP = 10_000

/** Farthest from the origin that a number of a position may be, in milliseconds: no one is twice the longest round trip off. */
export const MAX_POSITION = 2 * MAX_ROUND_TRIP

/** Least height in milliseconds: something is lost on every access link (hashicorp/serf). */
export const MIN_HEIGHT = 0.01

/** Largest error that a node has or claims. The error of one that knows nothing is 1. */
export const MAX_ERROR = 1.5
export const FIRST_ERROR = 1

/** Least error. Our choice: below that, a node would believe itself rather than its next hundred samples. */
export const MIN_ERROR = 0.02

/** How fast the error follows the samples, and as published the position too (Vivaldi, section 3.3). */
export const ERROR_GAIN = 0.25
export const POSITION_GAIN = 0.25

/** Samples over which a node's steps shrink to half of what they were, and the share that they never fall below. */
export const SETTLING_SAMPLES = 50
export const LEAST_STEP = 0.05

/** A sample of a near peer moves a node by up to so many times as much as one of a peer as far as is typical for it. */
export const MAX_NEARNESS = 3

/** Largest part of an error that one step corrects. */
export const MAX_STEP = 0.9

/** Deviations count up to so many times the node's error: what goes beyond is more likely a lie or an accident. */
export const MAX_DEVIATION = 3

/** And a step corrects a deviation of no more than the round trip itself: in the beginning, when every error is large, too. */
export const MAX_CORRECTION = 1

/** Samples over which the typical round trip and the usual error of a node are averaged. */
export const TYPICAL_SAMPLES = 100
export const USUAL_SAMPLES = 20

/** When its error is so many times what it usually is, the network has changed under a node: its steps grow again, to
 * those of one with so many samples. */
export const SURPRISE = 2
export const SAMPLES_AFTER_SURPRISE = 20

/** Distance from the origin, in typical round trips, at which gravity is as strong as a sample (hashicorp/serf has 150 s). */
export const GRAVITY_DISTANCE = 50

/** A move matters from this share of the typical round trip on, and a change of the error by this factor either way. */
export const MOVE_THAT_MATTERS = 0.05
export const CHANGE_THAT_MATTERS = 1.5
