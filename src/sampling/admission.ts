import { wholeNumber } from '../gossip/parameters.ts'
import { DEFAULT_STAMP_BITS, MAX_STAMP_BITS, MAX_VIEW_SIZE, WAN_MAX_PER_BLOCK } from './constants.ts'
import { type ProfileName, profileOf } from './profiles.ts'

/** What identities must bring to be taken in. Each value can be set alone; what is not set, the profile sets. */
export interface Admission {
  /**
   * Bits of work that an identity must have cost, this peer's own and those of others: b bits take 2^b hashes, on
   * average. From 0 (none) to 40; by default 0. All peers of a network must ask for the same.
   */
  stampBits: number
  /**
   * Most members of the view that share an address block (the /24 of IPv4, the /48 of IPv6, the last two labels of a
   * name); with defence ranking their successors count, too. From 0 (any number) to 200; by default 0, with the profile
   * `wan` 8. A peer's own matter.
   */
  maxPerBlock: number
}

/** On one machine and on a local network everybody is of one house: there is nobody to fend off, and one block. */
export const ADMISSION: Record<ProfileName, Admission> = {
  local: { stampBits: DEFAULT_STAMP_BITS, maxPerBlock: 0 },
  lan: { stampBits: DEFAULT_STAMP_BITS, maxPerBlock: 0 },
  wan: { stampBits: DEFAULT_STAMP_BITS, maxPerBlock: WAN_MAX_PER_BLOCK }
}

/**
 * The values of the profile, each replaced by what was given for it.
 *
 * @throws ParameterError for an unknown profile, or a value that is no whole number in its range
 */
export function admissionOf(init: Partial<Admission> & { profile?: ProfileName }): Admission {
  const { stampBits, maxPerBlock } = ADMISSION[profileOf(init)]

  return {
    stampBits: wholeNumber('stampBits', init.stampBits ?? stampBits, 0, MAX_STAMP_BITS),
    maxPerBlock: wholeNumber('maxPerBlock', init.maxPerBlock ?? maxPerBlock, 0, MAX_VIEW_SIZE)
  }
}
