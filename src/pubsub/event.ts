import { MAX_EVENT_ATTRIBUTES, MAX_NAME_LENGTH, MAX_STRING_BYTES } from './constants.ts'

/** What an attribute may be. Numbers are finite, and never -0; strings are well-formed, and at most 1,024 bytes in UTF-8. */
export type Value = number | string | boolean

/** The attributes of an event and their values, checked by {@link checkEvent}. */
export type Event = ReadonlyMap<string, Value>

/**
 * Why something is no event.
 *
 * - `not-finite`: a number that is infinite or none
 * - `too-many-attributes`: more than 32
 * - `bad-name`: a name that is not 1 to 64 characters, a letter or `_` followed by letters, digits, `_`, `.` and `-`
 * - `too-long`: a string of more than 1,024 bytes in UTF-8
 * - `malformed`: neither a plain object nor a map, a value that is neither number nor string nor boolean, or a string with a
 *   surrogate that has lost its other half
 */
export type EventDefect = 'not-finite' | 'too-many-attributes' | 'bad-name' | 'too-long' | 'malformed'

/** Something is no event; nothing was done with it. */
export class EventError extends Error {
  override readonly name = 'EventError'
  readonly reason: EventDefect

  constructor(reason: EventDefect, message: string) {
    super(message)
    this.reason = reason
  }
}

/** What a name must be, in words. */
const NAMING = `1 to ${MAX_NAME_LENGTH} letters, digits, "_", "." and "-", with a letter or "_" in front`

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/

export function isName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && NAME.test(name)
}

/** Whether a well-formed string takes more bytes in UTF-8 than values may. */
export function isTooLong(text: string): boolean {
  if (text.length * 3 <= MAX_STRING_BYTES) {
    return false
  }

  return text.length > MAX_STRING_BYTES || utf8Length(text) > MAX_STRING_BYTES
}

/** Bytes of a well-formed string in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length

  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    const surrogate = unit >= 0xd800 && unit < 0xe000
    // the two halves of a pair take four bytes together
    bytes += unit < 0x80 ? 0 : unit < 0x800 || surrogate ? 1 : 2
  }

  return bytes
}

function checkValue(name: string, value: unknown): Value {
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) {
        throw new EventError('not-finite', `${name}: ${value} is not finite`)
      }

      return value + 0
    case 'string':
      if (value.length > MAX_STRING_BYTES) {
        throw new EventError('too-long', `${name}: more than ${MAX_STRING_BYTES} bytes`)
      }

      if (!value.isWellFormed()) {
        throw new EventError('malformed', `${name}: a string with half a surrogate pair`)
      }

      if (isTooLong(value)) {
        throw new EventError('too-long', `${name}: more than ${MAX_STRING_BYTES} bytes`)
      }

      return value
    case 'boolean':
      return value
    default:
      throw new EventError('malformed', `${name}: neither a number nor a string nor a boolean`)
  }
}

/** Objects as JSON and literals make them: of no class of their own. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false
  }

  const prototype: unknown = Object.getPrototypeOf(value)
  // of whatever realm
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/**
 * Takes a plain object, or a map, for an event.
 *
 * @throws EventError with the reason
 */
export function checkEvent(candidate: unknown): Event {
  const isMap = candidate instanceof Map

  if (!isMap && !isPlainObject(candidate)) {
    throw new EventError('malformed', 'neither a plain object nor a map')
  }

  const names: unknown[] = isMap ? [...candidate.keys()] : Object.keys(candidate)

  if (names.length > MAX_EVENT_ATTRIBUTES) {
    throw new EventError('too-many-attributes', `${names.length} attributes, more than ${MAX_EVENT_ATTRIBUTES}`)
  }

  const event = new Map<string, Value>()

  for (const name of names) {
    if (typeof name !== 'string' || !isName(name)) {
      throw new EventError('bad-name', `${describeName(name)} is no name of an attribute (${NAMING})`)
    }

    event.set(name, checkValue(name, isMap ? candidate.get(name) : candidate[name]))
  }

  return event
}

/** Short, and on one line, whatever it is. */
function describeName(name: unknown): string {
  return typeof name === 'string' ? JSON.stringify(name.slice(0, MAX_NAME_LENGTH)) : `a ${typeof name}`
}
