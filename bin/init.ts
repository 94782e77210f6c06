import type { GossipPeerInit } from '../src/peer/index.ts'
import { MAX_VIEW_SIZE, MIN_VIEW_SIZE } from '../src/sampling/constants.ts'
import { ParameterError, PRESET_NAMES, samplingParameters } from '../src/sampling/parameters.ts'
import { PROFILE_NAMES, timingOf } from '../src/sampling/profiles.ts'
import { homeOf } from './config.ts'
import { isOption, type OptionName } from './options.ts'
import type { Settings } from './settings.ts'
import { UsageError } from './usage.ts'
import {
  announceAddress,
  duration,
  hostAndPort,
  listenAddress,
  memberAddress,
  oneOf,
  wholeNumber,
  yesOrNo
} from './values.ts'

/** The options that a newcomer had better share with the peer that it joins: those of the variant and its rhythm. */
const SHARED = ['profile', 'preset', 'view', 'healer', 'swapper', 'peer-selection', 'propagation', 'period'] as const

/**
 * How to set up the peer that the user asked for.
 *
 * @throws UsageError naming the first option that is wrong
 */
export function peerInit(settings: Settings): GossipPeerInit {
  const sampling = defined({
    bootstrap: settings.all('bootstrap', memberAddress),
    profile: settings.one('profile', oneOf(PROFILE_NAMES)),
    preset: settings.one('preset', oneOf(PRESET_NAMES)),
    view: settings.one('view', wholeNumber(MIN_VIEW_SIZE, MAX_VIEW_SIZE)),
    healer: settings.one('healer', wholeNumber(0)),
    swapper: settings.one('swapper', wholeNumber(0)),
    selection: settings.one('peer-selection', oneOf(['rand', 'tail'] as const)),
    propagation: settings.one('propagation', oneOf(['push', 'pushpull'] as const)),
    period: settings.one('period', duration),
    exchangeTimeout: settings.one('exchange-timeout', duration),
    dialTimeout: settings.one('dial-timeout', duration),
    maxConnections: settings.one('max-connections', wholeNumber(0)),
    seed: settings.one('seed', wholeNumber(0))
  })

  const init = defined({
    home: homeOf(settings),
    listen: settings.all('listen', listenAddress),
    announce: settings.all('announce', announceAddress),
    mdns: settings.one('mdns', yesOrNo),
    http: settings.one('http', hostAndPort),
    sampling
  })

  try {
    samplingParameters(sampling)
    timingOf(sampling)
  } catch (err) {
    throw usageOf(err, settings)
  }

  return init
}

/** The error of an impossible parameter in the words of the user; any other error as it is. */
export function usageOf(err: unknown, settings: Settings): unknown {
  if (!(err instanceof ParameterError)) {
    return err
  }

  // The parameter of an error can be a sum of two.
  const label = err.parameter
    .split(' + ')
    .map(parameter => settings.label(optionOf(parameter)))
    .join(' + ')

  return new UsageError(`${label}: ${err.message.replace(`${err.parameter}: `, '')}`)
}

/** Arguments that give a newcomer the same variant of the protocol. */
export function sharedArguments(settings: Settings): string[] {
  return SHARED.flatMap(name => settings.all(name, text => [`--${name}`, text])?.flat() ?? [])
}

function optionOf(parameter: string): OptionName {
  if (parameter === 'selection') {
    return 'peer-selection'
  }

  const name = parameter.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

  // Every parameter that can be wrong has an option; a new one without is still named.
  return isOption(name) ? name : (parameter as OptionName)
}

function defined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T
}
