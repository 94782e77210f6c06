import type { GossipPeerInit } from '../src/peer/index.ts'
import { MAX_STAMP_BITS, MAX_VIEW_SIZE } from '../src/sampling/constants.ts'
import { defencesOf } from '../src/sampling/defences.ts'
import type { PeerSamplingInit } from '../src/sampling/index.ts'
import { samplingParameters } from '../src/sampling/parameters.ts'
import { PROFILE_NAMES, timingOf } from '../src/sampling/profiles.ts'
import { announceAddress, listenAddress, memberAddress } from './addresses.ts'
import { homeOf } from './config.ts'
import { type Readers, usageOf, VARIANT, valuesOf } from './parameters.ts'
import type { Settings } from './settings.ts'
import { duration, hostAndPort, oneOf, wholeNumber, yesOrNo } from './values.ts'

/** The options that a newcomer had better share with the peer that it joins: the variant, its rhythm, the price. */
const SHARED = [
  'profile',
  'preset',
  'view',
  'healer',
  'swapper',
  'peer-selection',
  'propagation',
  'defence',
  'statistics-share',
  'period',
  'stamp-bits'
] as const

/** What the words of the options mean that are about the node. */
const NODE: Readers<GossipPeerInit> = {
  listen: listenAddress,
  announce: announceAddress,
  mdns: yesOrNo,
  http: hostAndPort
}

/** And those that are about sampling. */
const SAMPLING: Readers<PeerSamplingInit> = {
  ...VARIANT,
  bootstrap: memberAddress,
  profile: oneOf(PROFILE_NAMES),
  period: duration,
  exchangeTimeout: duration,
  dialTimeout: duration,
  maxConnections: wholeNumber(0),
  stampBits: wholeNumber(0, MAX_STAMP_BITS),
  maxPerBlock: wholeNumber(0, MAX_VIEW_SIZE),
  seed: wholeNumber(0)
}

/**
 * How to set up the peer that the user asked for.
 *
 * @throws UsageError naming the first option that is wrong
 */
export function peerInit(settings: Settings): GossipPeerInit {
  const sampling = valuesOf(settings, SAMPLING)
  const home = homeOf(settings)
  const init = { ...valuesOf(settings, NODE), ...(home == null ? {} : { home }), sampling }

  try {
    samplingParameters(sampling)
    timingOf(sampling)
    defencesOf(sampling)
  } catch (err) {
    throw usageOf(err, settings)
  }

  return init
}

/** Arguments that give a newcomer the same variant of the protocol. */
export function sharedArguments(settings: Settings): string[] {
  return SHARED.flatMap(name => settings.all(name, text => [`--${name}`, text])?.flat() ?? [])
}
