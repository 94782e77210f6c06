import { MAX_EPOCH_ROUNDS, MIN_EPOCH_ROUNDS } from '../src/aggregation/constants.ts'
import type { AggregationInit } from '../src/aggregation/index.ts'
import { checkRegistrations } from '../src/aggregation/registrations.ts'
import { ParameterError } from '../src/gossip/parameters.ts'
import { MAX_TORUS_SIDE, MIN_TORUS_SIDE, torus } from '../src/overlay/torus.ts'
import type { GossipPeerInit } from '../src/peer/index.ts'
import { MAX_STAMP_BITS, MAX_VIEW_SIZE } from '../src/sampling/constants.ts'
import type { PeerSamplingInit } from '../src/sampling/index.ts'
import { PROFILE_NAMES } from '../src/sampling/profiles.ts'
import { samplingSettings } from '../src/sampling/settings.ts'
import { MAX_DIMENSIONS } from '../src/vivaldi/constants.ts'
import type { VivaldiInit } from '../src/vivaldi/index.ts'
import { announceAddress, listenAddress, memberAddress } from './addresses.ts'
import { homeOf } from './config.ts'
import { shapeOf } from './options.ts'
import { ownValue } from './own-value.ts'
import { type Readers, usageOf, VARIANT, valuesOf } from './parameters.ts'
import type { Settings } from './settings.ts'
import { UsageError } from './usage.ts'
import { duration, hostAndPort, numbers, oneOf, wholeNumber, widthAndHeight, yesOrNo } from './values.ts'

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
  'stamp-bits',
  'torus',
  'epoch',
  'dimensions',
  'proximity'
] as const

/** What the words of the options mean that are about the node. */
const NODE: Readers<GossipPeerInit> = {
  listen: listenAddress,
  announce: announceAddress,
  mdns: yesOrNo,
  proximity: yesOrNo,
  http: hostAndPort
}

/** Those that are about aggregation. */
const AGGREGATION: Readers<AggregationInit> = {
  epoch: wholeNumber(MIN_EPOCH_ROUNDS, MAX_EPOCH_ROUNDS)
}

/** Those that are about coordinates. */
const VIVALDI: Readers<VivaldiInit> = {
  dimensions: wholeNumber(1, MAX_DIMENSIONS)
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
  const aggregation = valuesOf(settings, AGGREGATION)
  const home = homeOf(settings)
  const init: GossipPeerInit = {
    ...valuesOf(settings, NODE),
    ...(home == null ? {} : { home }),
    sampling,
    aggregation,
    vivaldi: valuesOf(settings, VIVALDI),
    ...torusOf(settings),
    ...valuesToAdd(settings, aggregation)
  }

  try {
    samplingSettings(sampling)
    checkTorus(init.torus)
  } catch (err) {
    throw usageOf(err, settings)
  }

  return init
}

/** A place on a torus, if there is to be one. */
function torusOf(settings: Settings): Pick<GossipPeerInit, 'torus'> {
  const size = settings.one('torus', widthAndHeight(MIN_TORUS_SIDE, MAX_TORUS_SIDE))
  const position = settings.one('position', numbers)

  if (size == null) {
    if (position != null) {
      throw new UsageError(`${settings.label('position')}: on which torus? (add --torus 50x50)`)
    }

    return {}
  }

  return { torus: { ...size, ...(position == null ? {} : { position }) } }
}

function checkTorus(init: GossipPeerInit['torus']): void {
  if (init != null) {
    const space = torus(init.width as number, init.height as number)

    if (init.position != null) {
      space.check(init.position)
    }
  }
}

/** What the peer adds to aggregates. */
function valuesToAdd(settings: Settings, aggregation: AggregationInit): Pick<GossipPeerInit, 'values'> {
  const given = settings.all('value', ownValue) ?? []
  const values = Object.fromEntries(given.map(({ name, ...options }) => [name, options]))

  for (const { name } of given) {
    if (given.filter(other => other.name === name).length > 1) {
      throw new UsageError(`${settings.label('value')}: "${name}" is there twice`)
    }
  }

  try {
    checkRegistrations(aggregation, values)
  } catch (err) {
    throw err instanceof ParameterError ? new UsageError(`${settings.label('value')}: ${err.reason}`) : err
  }

  return given.length === 0 ? {} : { values }
}

/** Arguments that give a newcomer the same variant of the protocol. */
export function sharedArguments(settings: Settings): string[] {
  return SHARED.flatMap(name => settings.all(name, text => argument(name, text))?.flat() ?? [])
}

/** A flag takes no word behind it, and what is off is off without being said. */
function argument(name: (typeof SHARED)[number], text: string): string[] {
  return shapeOf(name).kind === 'flag' ? (yesOrNo(text) ? [`--${name}`] : []) : [`--${name}`, text]
}
