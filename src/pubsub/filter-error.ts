/**
 * Why something is no filter.
 *
 * - `malformed`: no filter in text or JSON form, or a value that no event can have
 * - `too-long`, `too-many`: beyond a limit of lengths, or of numbers of things
 * - `contradiction`: nothing can match it
 */
export type FilterDefect = 'malformed' | 'too-long' | 'too-many' | 'contradiction'

/** Something is no filter. The message is one line, and says where, and what was expected or cannot be. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
  readonly reason: FilterDefect
  /** Of a text: the character, counted from 1, where it goes wrong. */
  readonly column: number | undefined
  /** Of a text: the text, and below it the message at a mark under that column. */
  readonly pointer: string | undefined

  constructor(reason: FilterDefect, message: string, at?: { text: string; offset: number }) {
    const before = at === undefined ? [] : [...at.text.slice(0, at.offset)]
    const column = at === undefined ? undefined : before.length + 1
    super(column === undefined ? message : `column ${column}: ${message}`)
    this.reason = reason
    this.column = column
    this.pointer =
      at === undefined ? undefined : `${at.text.replace(/\s/g, ' ')}\n${' '.repeat(before.length)}^ ${message}`
  }
}

/** What is wrong with one part of a filter, before it is known where that stands. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError'
  readonly reason: FilterDefect

  constructor(reason: FilterDefect, message: string) {
    super(message)
    this.reason = reason
  }
}
