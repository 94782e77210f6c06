import type { Event } from './event.ts'

/**
 * The numeric axes that an attribute may lie on, by the type of its value. A string lies on two kinds: one orders strings by how they
 * begin, the other by how they end. Marks are such as no name holds.
 */
export type Mark = '' | ':text' | ':reversed' | ':truth'

/** Bytes of a string that a double holds, in order. */
export const LEAD = 6

/** The greatest number that a string may be. */
export const MAX_LEAD = 256 ** LEAD - 1

/** Of so many sixes of its bytes the numbers are told, from either end: longer beginnings than of 24 bytes are not told apart. */
export const CHUNKS = 4

/**
 * Six bytes of a string in UTF-8 as one number, the first ones by default: of two strings the later one by code points never has the lower number, if
 * all bytes before these are the same.
 *
 * @param fill - what stands for bytes that the string does not have. With 255, the number of the last string that begins like this
 * @param chunk - which six
 */
export function lead(text: string, fill: 0 | 255 = 0, chunk = 0): number {
  let number = 0
  let bytes = -LEAD * chunk

  for (let i = 0; i < text.length && bytes < LEAD; i++) {
    const point = text.codePointAt(i) as number
    i += point > 0xffff ? 1 : 0
    ;[number, bytes] = append(number, bytes, point)
  }

  return pad(number, bytes, fill)
}

/** The same of the string read backwards, code point by code point. */
export function reversedLead(text: string, fill: 0 | 255 = 0, chunk = 0): number {
  let number = 0
  let bytes = -LEAD * chunk

  for (let i = text.length - 1; i >= 0 && bytes < LEAD; i--) {
    const unit = text.charCodeAt(i)
    i -= unit >= 0xdc00 && unit < 0xe000 ? 1 : 0
    ;[number, bytes] = append(number, bytes, text.codePointAt(i) as number)
  }

  return pad(number, bytes, fill)
}

/** Appends the bytes of a code point in UTF-8: those before byte 0 are passed over, and so are those for which there is no room. */
function append(number: number, bytes: number, point: number): [number, number] {
  if (point < 0x80) {
    return bytes < 0 ? [number, bytes + 1] : [number * 256 + point, bytes + 1]
  }

  const length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  let longer = number
  let count = bytes

  for (let left = length - 1; left >= 0 && count < LEAD; left--) {
    if (count >= 0) {
      const first = left === length - 1
      longer =
        longer * 256 +
        (first ? ((0xf00 >> length) & 0xff) + (point >> (6 * left)) : 0x80 + ((point >> (6 * left)) & 0x3f))
    }

    count++
  }

  return [longer, count]
}

function pad(number: number, bytes: number, fill: 0 | 255): number {
  const scale = 256 ** (LEAD - Math.max(0, bytes))
  return number * scale + (fill === 0 ? 0 : scale - 1)
}

/** The axis of six bytes of a string attribute, from its beginning or its end. */
export function chunkAxis(name: string, mark: ':text' | ':reversed', chunk: number): string {
  return `${name}${mark}${chunk === 0 ? '' : chunk * LEAD}`
}

/** Where an event lies: a number for each axis that it has. */
export function toPoint(event: Event): Map<string, number> {
  const point = new Map<string, number>()
  const set = (name: string, mark: Mark, at: number) => point.set(name + mark, at)

  for (const [name, value] of event) {
    switch (typeof value) {
      case 'number':
        set(name, '', value)
        break
      case 'boolean':
        set(name, ':truth', Number(value))
        break
      case 'string':
        for (let chunk = 0; chunk < CHUNKS; chunk++) {
          point.set(chunkAxis(name, ':text', chunk), lead(value, 0, chunk))
          point.set(chunkAxis(name, ':reversed', chunk), reversedLead(value, 0, chunk))
        }

        break
    }
  }

  return point
}
