import { type Admission, admissionOf } from './admission.ts'
import { type SamplingOptions, type SamplingParameters, samplingParameters } from './parameters.ts'
import { type ProfileName, type Timing, timingOf, variantOf } from './profiles.ts'

/** What can be set of a live peer. What is not set, the profile sets. */
export interface SamplingSettingsInit extends SamplingOptions, Partial<Timing>, Partial<Admission> {
  /** Sets period, timeouts, limits, defence and admission together. Default: `lan`. */
  profile?: ProfileName
}

/** All that a live peer goes by, complete and checked. */
export interface SamplingSettings {
  parameters: SamplingParameters
  timing: Timing
  admission: Admission
}

/**
 * Completes and checks what a user asked for.
 *
 * @throws ParameterError for an unknown profile, or an impossible variant, defence, timing or admission
 */
export function samplingSettings(init: SamplingSettingsInit = {}): SamplingSettings {
  return { parameters: samplingParameters(variantOf(init)), timing: timingOf(init), admission: admissionOf(init) }
}
