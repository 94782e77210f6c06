/** A live peer's number in its own population of one. */
export const SELF = 0
