import { wholeNumber } from '../gossip/parameters.ts'
import {
  DEFAULT_MAX_AGE,
  DEFAULT_MAX_PAYLOAD_BYTES,
  MAX_MAX_AGE,
  MAX_PAYLOAD_BYTES,
  MAX_PERIOD,
  MIN_PERIOD
} from './limits.ts'

/** How {@link contentPubSub} is set up. Everything has a default. */
export interface ContentPubSubInit {
  /** Milliseconds between two rounds, on average, from 1 to 3,600,000. Default: those of peer sampling. */
  period?: number

  /** Bytes of a payload that is published or taken, from 0 to 1,048,576. What is longer others may refuse. Default: 65,536. */
  maxPayloadBytes?: number

  /**
   * Milliseconds for which an event is taken after it was published, or before it by this peer's clock, from 1 to 86,400,000. Clocks that differ by more
   * keep peers from taking each other's events. Default: 120,000.
   */
  maxAge?: number

  /** Milliseconds since 1970, by which events are dated. Default: the system's clock. */
  clock?: () => number
}

/** The same, complete and checked. */
export interface ContentPubSubSettings {
  period: number | undefined
  maxPayloadBytes: number
  maxAge: number
  clock: () => number
}

/** @throws ParameterError naming the first option that is impossible */
export function contentPubSubSettings(init: ContentPubSubInit): ContentPubSubSettings {
  const { period, maxPayloadBytes = DEFAULT_MAX_PAYLOAD_BYTES, maxAge = DEFAULT_MAX_AGE, clock = Date.now } = init
  return {
    period: period == null ? undefined : wholeNumber('period', period, MIN_PERIOD, MAX_PERIOD),
    maxPayloadBytes: wholeNumber('maxPayloadBytes', maxPayloadBytes, 0, MAX_PAYLOAD_BYTES),
    maxAge: wholeNumber('maxAge', maxAge, 1, MAX_MAX_AGE),
    clock
  }
}
