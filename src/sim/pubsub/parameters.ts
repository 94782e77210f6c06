import { oneOf, ParameterError, wholeNumber } from '../../gossip/parameters.ts'
import {
  describeNetwork,
  MAX_BYTES,
  type NetworkOptions,
  type NetworkParameters,
  networkParameters
} from '../parameters.ts'
import { slotsNeeded } from '../world.ts'

/** Rounds after which the page's aims hold. */
export const DEFAULT_PUBSUB_ROUNDS = 50

export const DEFAULT_ATTRIBUTES = 2
export const MAX_ATTRIBUTES = 8

/** One in a hundred subscriptions matches. */
export const DEFAULT_SELECTIVITY = 0.01

/** In each round. Our choice: enough to see a hundredth of them lost. */
export const DEFAULT_EVENTS = 100
export const MAX_EVENTS = 10_000

/** Where the centres of subscriptions are: anywhere, or mostly at a few popular values of each attribute. */
export type SubscriptionPlacement = 'uniform' | 'zipf'
export const SUBSCRIPTION_PLACEMENTS: readonly SubscriptionPlacement[] = ['uniform', 'zipf']

/** What a member takes beside its view, in bytes and nearly: links, the quarantine, its region, and what events leave of them. */
const BYTES_BESIDE_VIEWS = 6_000

/** What a user may set of the experiment. */
export interface PubSubOptions extends NetworkOptions {
  /** Dimensions of the space, 1 to 8. Default: 2. */
  attributes?: number
  /** Share of the space that one subscription covers, above 0 and up to 1. Default: 0.01. */
  selectivity?: number
  /** Default: `uniform`. */
  placement?: SubscriptionPlacement
  /** Published in each round, 1 to 10,000. Default: 100. */
  events?: number
}

export interface PubSubParameters extends NetworkParameters {
  attributes: number
  selectivity: number
  placement: SubscriptionPlacement
  events: number
}

/** @throws ParameterError naming the first option that is impossible */
export function pubSubParameters(options: PubSubOptions = {}): PubSubParameters {
  const network = networkParameters({ ...options, rounds: options.rounds ?? DEFAULT_PUBSUB_ROUNDS })
  const attributes = wholeNumber('attributes', options.attributes ?? DEFAULT_ATTRIBUTES, 1, MAX_ATTRIBUTES)
  const selectivity = options.selectivity ?? DEFAULT_SELECTIVITY

  if (!(selectivity > 0 && selectivity <= 1)) {
    throw new ParameterError('selectivity', `${selectivity} is not a share above 0, up to 1 (example: 0.01)`)
  }

  const placement = oneOf('placement', options.placement ?? 'uniform', SUBSCRIPTION_PLACEMENTS)
  const events = wholeNumber('events', options.events ?? DEFAULT_EVENTS, 1, MAX_EVENTS)
  const slots = slotsNeeded(network.nodes, network.faults, network.rounds)

  if (slots * (BYTES_BESIDE_VIEWS + network.sampling.view * 6) > MAX_BYTES) {
    throw new ParameterError('nodes', `${slots} subscriptions with their links take more than 4 GiB`)
  }

  return { ...network, attributes, selectivity, placement, events }
}

/** The parameters as a result shows them. */
export function describePubSub(parameters: PubSubParameters): Record<string, unknown> {
  const { attributes, selectivity, placement, events } = parameters
  return { ...describeNetwork(parameters), attributes, selectivity, placement, events }
}
