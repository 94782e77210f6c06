import { once } from 'node:events'
import { EXIT_FAILED } from './usage.ts'

/** Characters of a user's words that a message repeats. */
const MAX_SHOWN = 80

/** Characters that a terminal obeys, or does not show. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Data goes to stdout, messages to stderr; who stops reading them does not break the command. */

/**
 * A peer goes on without its terminal: that nobody reads any more is harmless. Any other failure to write is told once,
 * and the command then ends with 1.
 */
export function surviveOutput(): void {
  process.stderr.on('error', () => {})
  process.stdout.on('error', (err: NodeJS.ErrnoException) => {
    if (err.code !== 'EPIPE' && process.exitCode == null) {
      process.exitCode = EXIT_FAILED
      warn(`stdout: ${err.message}`)
    }
  })
}

/** Waits until a reader has taken all that was printed, or is gone. */
export async function flush(): Promise<void> {
  await new Promise(resolve => process.stdout.write('', resolve))
  // an error of stdout comes in the next turn
  await new Promise(setImmediate)
}

/** Prints a line of data. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

let waiting: Promise<void> | undefined

/** Waits while a reader is slow, until it has caught up or is gone: what is not printed yet need not pile up. */
export async function printed(): Promise<void> {
  if (process.stdout.writableNeedDrain) {
    const end = () => {
      waiting = undefined
    }
    waiting ??= once(process.stdout, 'drain').then(end, end)
  }

  await waiting
}

/** Prints a JSON document on a line of its own. */
export function printJson(document: unknown): void {
  // what JSON leaves as it is may be of somebody else, and stdout a terminal
  print(JSON.stringify(document).replace(UNSEEN, escaped))
}

/** Tells a person something, on one line. */
export function warn(message: string): void {
  process.stderr.write(`gossip-peer: ${oneLine(message)}\n`)
}

/** A message of somebody else, without its line breaks. */
export function oneLine(message: string): string {
  return message.trim().replace(/\s*\n\s*/g, ' ')
}

/** A text of somebody else: what might move the cursor of a terminal, or turn its line around, is shown instead of done. */
export function harmlessText(text: string): string {
  return text.replace(UNSEEN, escaped)
}

/** Words of the user in a message: as many as help to find them. */
export function shown(text: string): string {
  const characters = [...text]
  return `"${harmlessText(characters.length <= MAX_SHOWN ? text : `${characters.slice(0, MAX_SHOWN).join('')}...`)}"`
}

/** As JSON has it: each half of a pair of its own. */
function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
    .map(unit => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('')
}

/** Columns under their titles, as wide as they need to be; numbers are aligned at their ends. */
export function table(titles: string[], rows: string[][], align: 'left' | 'right' = 'left'): string[] {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map(row => row[i].length)))
  return [titles, ...rows].map(row =>
    row
      .map((cell, i) => (align === 'left' ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd()
  )
}

/** A time for people: the two largest units. */
export function span(milliseconds: number): string {
  if (milliseconds < 1_000) {
    return `${Math.round(milliseconds)} ms`
  }

  if (milliseconds < 60_000) {
    return `${Number((milliseconds / 1_000).toFixed(1))} s`
  }

  const minutes = Math.floor(milliseconds / 60_000)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)

  if (days > 0) {
    return `${days} d ${hours % 24} h`
  }

  return hours > 0
    ? `${hours} h ${minutes % 60} min`
    : `${minutes} min ${Math.floor((milliseconds % 60_000) / 1_000)} s`
}

/** A round-trip time for people: three digits. */
export function latency(milliseconds: number): string {
  return `${Number(milliseconds.toPrecision(3))} ms`
}

/** A share for people: `7.5 %`. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`
}

/** `1 member`, `2 members`. */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
