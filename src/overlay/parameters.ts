import { oneOf, wholeNumber } from '../gossip/parameters.ts'
import { DEFAULT_PSI, DEFAULT_VIEW_SIZE, MAX_VIEW_SIZE, MIN_MESSAGE_SIZE, MIN_VIEW_SIZE } from './constants.ts'

/**
 * How neighbours are found.
 *
 * - `tman`: swap with one of the nearest what is nearest to it (T-Man, Vicinity)
 * - `closest`: ask one random peer a round and keep it if it is nearer (the textbook's simpler rule). For comparison: it takes
 *   some hundred times as long, and does not notice the dead
 */
export type OverlaySelection = 'tman' | 'closest'
export const OVERLAY_SELECTIONS: readonly OverlaySelection[] = ['tman', 'closest']

/** What a user may set of the exchange. */
export interface OverlayOptions {
  /** Descriptors in the view, from 5 to 100. Default: 20. */
  view?: number
  /** Descriptors in a message, the sender's own included, from 2 to 100. Default: as many as in the view. */
  message?: number
  /** Partners are drawn from so many of the nearest, from 1 to the size of the view. Default: 5. */
  psi?: number
  /** Default: `tman`. */
  selection?: OverlaySelection
}

/** The same, complete and checked. */
export type OverlayParameters = Required<OverlayOptions>

/** @throws ParameterError naming the first option that is impossible */
export function overlayParameters(options: OverlayOptions = {}): OverlayParameters {
  const view = wholeNumber('view', options.view ?? DEFAULT_VIEW_SIZE, MIN_VIEW_SIZE, MAX_VIEW_SIZE)

  return {
    view,
    message: wholeNumber('message', options.message ?? view, MIN_MESSAGE_SIZE, MAX_VIEW_SIZE),
    psi: wholeNumber('psi', options.psi ?? DEFAULT_PSI, 1, view),
    selection: oneOf('selection', options.selection ?? 'tman', OVERLAY_SELECTIONS)
  }
}
