import { ParameterError } from '../src/gossip/parameters.ts'
import { MAX_VIEW_SIZE, MIN_VIEW_SIZE } from '../src/sampling/constants.ts'
import { DEFENCE_NAMES, PRESET_NAMES, type SamplingOptions } from '../src/sampling/parameters.ts'
import { parseShare } from '../src/sim/faults.ts'
import { isOption, type OptionName, shapeOf, takesSeveral } from './options.ts'
import type { Settings } from './settings.ts'
import { UsageError } from './usage.ts'
import { oneOf, wholeNumber } from './values.ts'

/**
 * What the words of options mean: a reader for each parameter that they set, by the name that the library has for it. The
 * reader of a list is for one item of it.
 */
export type Readers<T> = { [Name in keyof T]?: (text: string) => Item<NonNullable<T[Name]>> }

type Item<T> = T extends ReadonlyArray<infer I> ? I : T

/** The variant of peer sampling, of a live peer as of a simulated one. */
export const VARIANT: Readers<SamplingOptions> = {
  preset: oneOf(PRESET_NAMES),
  view: wholeNumber(MIN_VIEW_SIZE, MAX_VIEW_SIZE),
  healer: wholeNumber(0),
  swapper: wholeNumber(0),
  selection: oneOf(['rand', 'tail'] as const),
  propagation: oneOf(['push', 'pushpull'] as const),
  defence: oneOf(DEFENCE_NAMES),
  statisticsShare: parseShare
}

/** The parameters that the options set, of those that there are readers for. */
export function valuesOf<T extends object>(settings: Settings, readers: Readers<T>): Partial<T> {
  const values = Object.entries(readers as Record<string, (text: string) => unknown>).map(([parameter, read]) => {
    const option = optionOf(parameter)
    const found = settings.all(option, read)
    return [parameter, takesSeveral(shapeOf(option)) ? found : found?.[0]]
  })

  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
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

  return new UsageError(`${label}: ${err.reason}`)
}

/** Options that are spelled in another way than their parameters. */
const SPELLED: Readonly<Record<string, OptionName>> = { selection: 'peer-selection', neighbourSelection: 'selection' }

/** The option that sets a parameter of the library. */
export function optionOf(parameter: string): OptionName {
  const name = SPELLED[parameter] ?? parameter.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

  // Every parameter that can be wrong has an option; a new one without is still named.
  return isOption(name) ? name : (parameter as OptionName)
}
