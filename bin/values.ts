import { isIP } from 'node:net'

// Each reader turns the words of a user into a value, or throws an Error that says what is wrong with them and what is
// right. Who calls it knows where the words came from and puts that in front.

/** Longest time that a timer of Node can wait, in milliseconds. */
const MAX_DURATION = 2 ** 31 - 1

const UNITS: Record<string, number> = { '': 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

export const DEFAULT_HTTP_HOST = '127.0.0.1'
export const DEFAULT_HTTP_PORT = 8900

/** A whole number within bounds. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return text => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN

    if (!Number.isSafeInteger(value) || value < min || value > max) {
      const tooLarge = value > max || (Number.isInteger(value) && !Number.isSafeInteger(value))
      const range = max === Number.MAX_SAFE_INTEGER && !tooLarge ? `of at least ${min}` : `from ${min} to ${max}`
      throw new Error(`"${text}" is not a whole number ${range}`)
    }

    return value
  }
}

/** A time in milliseconds: `500`, `500ms`, `2s`, `1.5m`. */
export function duration(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(|ms|s|m|h)$/.exec(text) ?? []
  const value = digits == null ? Number.NaN : Math.round(Number(digits) * UNITS[unit])

  if (!(value >= 1 && value <= MAX_DURATION)) {
    throw new Error(`"${text}" is not a time (examples: 500ms, 2s, 1m)`)
  }

  return value
}

/** A width and a height, both within bounds: `50x50`. */
export function widthAndHeight(min: number, max: number): (text: string) => { width: number; height: number } {
  return text => {
    const [, width, height] = (/^(\d+)x(\d+)$/.exec(text) ?? []).map(Number)

    if (!(Math.min(width, height) >= min && Math.max(width, height) <= max)) {
      throw new Error(`"${text}" is not a width and a height from ${min} to ${max} each (example: 50x50)`)
    }

    return { width, height }
  }
}

/** Numbers between commas: `12,7`. */
export function numbers(text: string): number[] {
  const values = text.split(',').map(decimal)

  if (!values.every(Number.isFinite)) {
    throw new Error(`"${text}" is not a point (example: 12,7)`)
  }

  return values
}

/** A number as people write it, 0.5 or 1e-3 but not 0x10, or NaN. */
export function decimal(text: string): number {
  return /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN
}

/** One of a few names. */
export function oneOf<T extends string>(names: readonly T[]): (text: string) => T {
  return text => {
    const name = names.find(candidate => candidate === text)

    if (name == null) {
      throw new Error(`"${text}" is none of ${names.join(', ')}`)
    }

    return name
  }
}

/** Where to serve HTTP: `8900`, `:8900`, `localhost:8900`, `[::1]:8900`; empty is the default. */
export function hostAndPort(text: string): { host: string; port: number } {
  if (text === '') {
    return { host: DEFAULT_HTTP_HOST, port: DEFAULT_HTTP_PORT }
  }

  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]:|([^:[\]]*):)?(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? (plain || DEFAULT_HTTP_HOST)
  const port = Number(digits)
  const isHost = bracketed == null ? /^[a-z\d](?:[a-z\d.-]*[a-z\d])?$/i.test(host) : isIP(bracketed) === 6

  if (digits == null || port > 65_535 || !isHost) {
    throw new Error(`"${text}" is not a host and a port (examples: 8900, 127.0.0.1:8900, [::1]:8900)`)
  }

  return { host, port }
}

/** A switch. */
export function yesOrNo(text: string): boolean {
  switch (text.toLowerCase()) {
    case 'true':
    case 'yes':
    case 'on':
    case '1':
      return true
    case 'false':
    case 'no':
    case 'off':
    case '0':
      return false
    default:
      throw new Error(`"${text}" is neither true nor false`)
  }
}

/** Words that are not empty. */
export function words(text: string): string {
  if (text.trim() === '') {
    throw new Error('needs a value')
  }

  return text
}
