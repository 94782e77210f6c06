import { ParameterError } from '../gossip/parameters.ts'
import { Profiles as Message } from './messages.ts'
import { RefusalError } from './refusal.ts'

/** What a peer is by each protocol above peer sampling: under the protocol's name whatever that puts there. */
export type Profiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>

export const NO_PROFILES: Profiles = new Map()

/** Profiles of one record, characters (UTF-16 units) of a name, and bytes of a value, at most. Our choice: a position, a
 * few interests or a coordinate with its errors fit. */
export const MAX_PROFILES = 8
export const MAX_PROFILE_NAME = 64
export const MAX_PROFILE_VALUE = 256

/** The profiles with one of them set, or removed by `undefined`. The same map when that changes nothing. */
export function withProfile(profiles: Profiles, name: string, value: Uint8Array | undefined): Profiles {
  const shown = profiles.get(name)

  if (value == null ? shown == null : shown != null && isEqual(shown, value)) {
    return profiles
  }

  const changed = new Map(profiles)

  if (value == null) {
    changed.delete(name)
  } else {
    changed.set(name, value.slice())
  }

  return changed
}

/**
 * Checks what this peer is to say of itself.
 *
 * @param maxBytes - most that all profiles may take in the record
 * @throws ParameterError
 */
export function checkProfiles(profiles: Profiles, maxBytes: number): void {
  const defect = defectOf([...profiles].map(([name, value]) => ({ name, value })))

  if (defect != null) {
    throw new ParameterError('profile', defect)
  }

  const { byteLength } = encodeProfiles(profiles)

  if (byteLength > maxBytes) {
    throw new ParameterError('profile', `profiles of ${byteLength} bytes together, more than ${maxBytes}`)
  }
}

/** What goes behind the fields of a peer record: nothing for no profiles. */
export function encodeProfiles(profiles: Profiles): Uint8Array {
  return Message.encode({ profiles: [...profiles].map(([name, value]) => ({ name, value })) })
}

/**
 * Reads the profiles out of the payload of a record, whose length bounds what that costs.
 *
 * @throws RefusalError `bad-record`
 */
export function decodeProfiles(payload: Uint8Array): Profiles {
  const { profiles } = decode(payload)

  if (profiles.length === 0) {
    return NO_PROFILES
  }

  const defect = defectOf(profiles)

  if (defect != null) {
    throw new RefusalError('bad-record', defect)
  }

  return new Map(profiles.map(({ name, value }) => [name, value]))
}

function decode(payload: Uint8Array): Message {
  try {
    return Message.decode(payload)
  } catch (err) {
    throw new RefusalError('bad-record', `profiles that cannot be read: ${err}`)
  }
}

/** What is wrong with the profiles, if anything. */
function defectOf(profiles: ReadonlyArray<{ name: string; value: Uint8Array }>): string | undefined {
  if (profiles.length > MAX_PROFILES) {
    return `${profiles.length} profiles, more than ${MAX_PROFILES}`
  }

  for (const { name, value } of profiles) {
    if (name.length === 0 || name.length > MAX_PROFILE_NAME) {
      return `a profile whose name has ${name.length} characters, not 1 to ${MAX_PROFILE_NAME}`
    }

    if (value.byteLength > MAX_PROFILE_VALUE) {
      return `a profile of ${value.byteLength} bytes, more than ${MAX_PROFILE_VALUE}`
    }
  }

  return new Set(profiles.map(({ name }) => name)).size < profiles.length ? 'a profile that is there twice' : undefined
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i])
}
