import { oneOf, ParameterError, wholeNumber } from '../gossip/parameters.ts'
import { DEFAULT_VIEW_SIZE, MAX_VIEW_SIZE, MIN_VIEW_SIZE, RANKING_VIEW_SIZE } from './constants.ts'

/** Which member of its view a node starts an exchange with: a random one, or the oldest entry. */
export type PeerSelection = 'rand' | 'tail'

/** Whether only the partner learns (`push`) or both ends do (`pushpull`). */
export type Propagation = 'push' | 'pushpull'

/** The exchange: that of the generic framework, or the own one of Cyclon, Newscast, or the defence ranking. */
export type ExchangeKind = 'generic' | 'cyclon' | 'newscast' | 'ranking'

/** What keeps colluding peers from filling every view: nothing, the statistics of whom one hears of, or ranking. */
export type Defence = 'none' | 'statistics' | 'ranking'

/** Names of published variants; see {@link PRESETS}. */
export type Preset = 'default' | 'swapper' | 'healer' | 'blind' | 'cyclon' | 'newscast'

/** A peer sampling variant, complete and checked. */
export interface SamplingParameters {
  /** c, the most descriptors that a view holds. */
  view: number
  /** H, how many of the oldest descriptors an exchange drops; H + S <= c/2. */
  healer: number
  /** S, how many of the descriptors just sent an exchange drops; H + S <= c/2. */
  swapper: number
  selection: PeerSelection
  propagation: Propagation
  exchange: ExchangeKind
  defence: Defence
  /** With defence statistics: the share of own exchanges whose answers are counted only. */
  statisticsShare: number
}

/** What a user may set of a variant. Everything else follows from the preset and the view size. */
export interface SamplingOptions {
  /**
   * A published variant to start from. Default: `default` (H = 1, S = c/2 - 1, tail, pushpull). Defence ranking has an
   * exchange of its own, whatever the preset.
   */
  preset?: Preset
  /** View size c, from 2 to 200. Default: 30; with defence ranking 50. */
  view?: number
  /** H, from 0 to c/2. */
  healer?: number
  /** S, from 0 to c/2 - H. */
  swapper?: number
  selection?: PeerSelection
  propagation?: Propagation
  /** Against peers that try to be in every view. Default: none; a live peer's profile may set another one. */
  defence?: Defence
  /**
   * With defence statistics: the share of the answers to own exchanges that are counted only, and change no view; 0 to 1.
   * Default: 0, since all of them are counted in any case, and nobody but the node itself knows what they are used for.
   */
  statisticsShare?: number
}

interface Variant {
  exchange: ExchangeKind
  selection: PeerSelection
  /** H and S for a view of which half has `half` entries. */
  healer(half: number): number
  swapper(half: number): number
}

/** TOCS 2007, section 3; CYCLON (Voulgaris et al., 2005); Newscast (Jelasity et al., 2003). */
const PRESETS: Record<Preset, Variant> = {
  default: { exchange: 'generic', selection: 'tail', healer: () => 1, swapper: half => half - 1 },
  swapper: { exchange: 'generic', selection: 'tail', healer: () => 0, swapper: half => half },
  healer: { exchange: 'generic', selection: 'tail', healer: half => half, swapper: () => 0 },
  blind: { exchange: 'generic', selection: 'rand', healer: () => 0, swapper: () => 0 },
  cyclon: { exchange: 'cyclon', selection: 'tail', healer: () => 0, swapper: half => half },
  newscast: { exchange: 'newscast', selection: 'rand', healer: half => half, swapper: () => 0 }
}

/** What says how exchanges are made. */
export const EXCHANGE_OPTIONS = ['preset', 'healer', 'swapper', 'selection', 'propagation'] as const

/** The names of the defences. */
export const DEFENCE_NAMES: readonly Defence[] = ['none', 'statistics', 'ranking']

/** The names of the presets. */
export const PRESET_NAMES = Object.keys(PRESETS) as Preset[]

/**
 * Completes and checks what a user asked for. With only one of `healer` and `swapper` given, the other one fills what
 * is left of c/2.
 *
 * @throws ParameterError naming the first parameter that is impossible
 */
export function samplingParameters(options: SamplingOptions = {}): SamplingParameters {
  const variant = PRESETS[oneOf('preset', options.preset ?? 'default', PRESET_NAMES)]
  const defence = oneOf('defence', options.defence ?? 'none', DEFENCE_NAMES)
  const usualView = defence === 'ranking' ? RANKING_VIEW_SIZE : DEFAULT_VIEW_SIZE
  const view = wholeNumber('view', options.view ?? usualView, MIN_VIEW_SIZE, MAX_VIEW_SIZE)
  const half = Math.floor(view / 2)
  const statisticsShare = options.statisticsShare ?? 0

  if (!(statisticsShare >= 0 && statisticsShare <= 1)) {
    throw new ParameterError('statisticsShare', `${statisticsShare} is not a share from 0 to 1`)
  }

  if (statisticsShare > 0 && defence !== 'statistics') {
    throw new ParameterError('statisticsShare', `the defence is ${defence}, which gathers nothing to defend itself by`)
  }

  const owner =
    defence === 'ranking' ? 'defence ranking' : variant.exchange === 'generic' ? undefined : `preset ${options.preset}`

  if (owner != null) {
    for (const name of ['healer', 'swapper', 'selection', 'propagation'] as const) {
      if (options[name] != null) {
        throw new ParameterError(name, `the ${owner} has its own exchange and takes none`)
      }
    }
  }

  if (defence === 'ranking') {
    return {
      view,
      healer: 0,
      swapper: 0,
      selection: 'tail',
      propagation: 'pushpull',
      exchange: 'ranking',
      defence,
      statisticsShare
    }
  }

  if (options.healer != null) {
    wholeNumber('healer', options.healer, 0, half)
  }

  if (options.swapper != null) {
    wholeNumber('swapper', options.swapper, 0, half)
  }

  const healer = options.healer ?? Math.min(variant.healer(half), half - (options.swapper ?? 0))
  const swapper = options.swapper ?? Math.min(options.healer == null ? variant.swapper(half) : half, half - healer)

  if (healer + swapper > half) {
    throw new ParameterError(
      'healer + swapper',
      `${healer} + ${swapper} is more than half of the view of ${view}, which is ${half}`
    )
  }

  if (defence === 'statistics' && options.propagation === 'push') {
    throw new ParameterError('propagation', 'with push there are no answers, of which the defence statistics learns')
  }

  return {
    view,
    healer,
    swapper,
    selection: oneOf('selection', options.selection ?? variant.selection, ['rand', 'tail']),
    propagation: oneOf('propagation', options.propagation ?? 'pushpull', ['push', 'pushpull']),
    exchange: variant.exchange,
    defence,
    statisticsShare
  }
}
