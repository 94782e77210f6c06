import { oneOf, wholeNumber } from '../gossip/parameters.ts'
import { DEFAULT_DIMENSIONS, MAX_DIMENSIONS } from './constants.ts'
import { FILTERS, type Filter } from './filter.ts'

/**
 * How a sample moves a node.
 *
 * - `relative`: so that relative errors get small, in steps that shrink as the node settles, and no single peer's claim counts
 *   for much
 * - `published`: as in the paper of 2004. For comparison
 */
export type Rule = 'relative' | 'published'
export const RULES: readonly Rule[] = ['relative', 'published']

/** What a user may set of coordinates. Peers whose dimensions differ, or of which one has heights, do not understand each other. */
export interface VivaldiOptions {
  /** Dimensions beside the height, from 1 to 16. Default: 8. */
  dimensions?: number
  /** Whether a coordinate has a height: the part of every round trip that is the peer's own access link. Default: true. */
  height?: boolean
  /** What is taken of the last round trips to the same peer. Default: `quartile`. */
  filter?: Filter
  /** Default: `relative`. */
  rule?: Rule
}

/** The same, complete and checked. */
export type VivaldiParameters = Required<VivaldiOptions>

/** @throws ParameterError naming the first option that is impossible */
export function vivaldiParameters(options: VivaldiOptions = {}): VivaldiParameters {
  return {
    dimensions: wholeNumber('dimensions', options.dimensions ?? DEFAULT_DIMENSIONS, 1, MAX_DIMENSIONS),
    height: options.height ?? true,
    filter: oneOf('filter', options.filter ?? 'quartile', FILTERS),
    rule: oneOf('rule', options.rule ?? 'relative', RULES)
  }
}
