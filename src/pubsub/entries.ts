/** Numbers of an entry: lower and upper codes of four lanes and of four more, and the filter. */
const WIDTH = 5

/** The highest bit of each lane, which no code has: what is left of it after a subtraction says which was greater. */
const GUARDS = 0x80808080 | 0
/** One in each lane. */
const ONES = 0x01010101

/**
 * The filters of one place of an index: for each of them bounds in up to eight lanes, as codes of seven bits, four in a word. So
 * four comparisons are one subtraction, and a filter is 20 bytes in a row of them.
 */
export class Entries {
  size = 0
  private words = new Int32Array(WIDTH)

  /** @returns its position, which changes when others are removed */
  add(low: number, high: number, moreLow: number, moreHigh: number, reference: number): number {
    const at = this.size * WIDTH

    if (at === this.words.length) {
      const words = new Int32Array(Math.ceil(this.size * 1.5 + 1) * WIDTH)
      words.set(this.words)
      this.words = words
    }

    const { words } = this
    words[at] = low
    words[at + 1] = high | GUARDS
    words[at + 2] = moreLow
    words[at + 3] = moreHigh | GUARDS
    words[at + 4] = reference
    return this.size++
  }

  /**
   * Removes an entry, and moves the last one there.
   *
   * @returns what the one that was moved refers to
   */
  removeAt(position: number): number {
    const last = --this.size * WIDTH
    const { words } = this
    words.copyWithin(position * WIDTH, last, last + WIDTH)
    const moved = words[position * WIDTH + 4]

    if (words.length > 4 * WIDTH && this.size * WIDTH * 4 <= words.length) {
      this.words = words.slice(0, this.size * 2 * WIDTH)
    }

    return moved
  }

  /**
   * Finds the entries whose bounds hold codes: first those of which one code equals a bound, then those that are strictly within.
   * Writes where they refer to: the former to `unsure` and the latter to `sure`.
   *
   * @param codes - of four lanes, and `more` of the others: from 1 to 126
   * @param counts - how many there are in `sure` and in `unsure`; more are appended
   */
  find(codes: number, more: number, sure: Int32Array, unsure: Int32Array, counts: Int32Array): void {
    const { words } = this
    const end = this.size * WIDTH
    const guarded = codes | GUARDS
    const moreGuarded = more | GUARDS
    let sureCount = counts[0]
    let unsureCount = counts[1]

    for (let at = 0; at < end; at += WIDTH) {
      const above = (guarded - words[at]) | 0
      const below = (words[at + 1] - codes) | 0

      if ((above & below & GUARDS) === GUARDS) {
        const moreAbove = (moreGuarded - words[at + 2]) | 0
        const moreBelow = (words[at + 3] - more) | 0

        if ((moreAbove & moreBelow & GUARDS) === GUARDS) {
          const reference = words[at + 4]
          const strictly = (above - ONES) & (below - ONES) & (moreAbove - ONES) & (moreBelow - ONES) & GUARDS

          if (strictly === GUARDS && reference >= 0) {
            sure[sureCount++] = reference
          } else {
            unsure[unsureCount++] = reference
          }
        }
      }
    }

    counts[0] = sureCount
    counts[1] = unsureCount
  }
}
