import { wholeNumber } from '../gossip/parameters.ts'
import { DEFAULT_MAX_PER_BLOCK, DEFAULT_STAMP_BITS, MAX_STAMP_BITS, MAX_VIEW_SIZE } from './constants.ts'

/** What identities must bring to be taken in; by default nothing, with every profile. */
export interface Admission {
  /**
   * Bits of work that an identity must have cost, this peer's own and those of others: b bits take 2^b hashes, on
   * average. From 0 (none) to 40; by default 0. All peers of a network must ask for the same.
   */
  stampBits: number
  /**
   * Most members of the view that share an address block (the /24 of IPv4, the /48 of IPv6, the last two labels of a
   * name); with defence ranking their successors count, too. From 0 (any number) to 200; by default 0.
   * A peer's own matter.
   */
  maxPerBlock: number
}

/**
 * Completes and checks what a user asked for.
 *
 * @throws ParameterError for a value that is no whole number in its range
 */
export function admissionOf(init: Partial<Admission>): Admission {
  return {
    stampBits: wholeNumber('stampBits', init.stampBits ?? DEFAULT_STAMP_BITS, 0, MAX_STAMP_BITS),
    maxPerBlock: wholeNumber('maxPerBlock', init.maxPerBlock ?? DEFAULT_MAX_PER_BLOCK, 0, MAX_VIEW_SIZE)
  }
}
