/**
 * The seeded source of every random choice in a protocol core and in the simulator: sfc32 (C. Doty-Humphrey, PractRand,
 * 2010), 128 bits of state, 32 bits a call. The same seed gives the same sequence on every machine and Node version.
 * Not for keys or secrets.
 */
export class Random {
  /** Three words of state and a counter. In a typed array: as fields of the object they take twice as long. */
  private readonly state: Int32Array

  /** @param seed - a whole number from 0 to 2^53 - 1 */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`seed: ${seed} is not a whole number from 0 to 2^53 - 1`)
    }

    this.state = Int32Array.of(seed | 0, Math.floor(seed / 2 ** 32) | 0, 0, 1)

    // the author's own seeding: a dozen calls spread the seed over the whole state
    for (let i = 0; i < 12; i++) {
      this.next()
    }
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    const { state } = this
    const b = state[1]
    const c = state[2]
    const result = (((state[0] + b) | 0) + state[3]) | 0
    state[3] = state[3] + 1
    state[0] = b ^ (b >>> 9)
    state[1] = c + (c << 3)
    state[2] = ((c << 21) | (c >>> 11)) + result
    return result >>> 0
  }

  /** A whole number from 0 to n - 1, for n from 1 to 2^31. */
  below(n: number): number {
    return (this.next() * (n * 2 ** -32)) | 0
  }

  /** Brings `count` of the items, chosen at random and in random order, to the front. */
  choose<T>(items: T[], count: number): void {
    for (let i = 0; i < Math.min(count, items.length); i++) {
      const j = i + this.below(items.length - i)
      const item = items[i]
      items[i] = items[j]
      items[j] = item
    }
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.next() / 2 ** 32
  }
}
