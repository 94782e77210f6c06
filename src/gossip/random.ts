/**
 * The seeded source of every random choice in a protocol core and in the simulator: sfc32 (C. Doty-Humphrey, PractRand,
 * 2010), 128 bits of state, 32 bits a call. The same seed gives the same sequence on every machine and Node version.
 * Not for keys or secrets.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private counter: number

  /** @param seed - a whole number from 0 to 2^53 - 1 */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`seed: ${seed} is not a whole number from 0 to 2^53 - 1`)
    }

    this.a = seed | 0
    this.b = Math.floor(seed / 2 ** 32) | 0
    this.c = 0
    this.counter = 1

    // the author's own seeding: a dozen calls spread the seed over the whole state
    for (let i = 0; i < 12; i++) {
      this.next()
    }
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    const result = (((this.a + this.b) | 0) + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + result) | 0
    return result >>> 0
  }

  /** A whole number from 0 to n - 1, for n from 1 to 2^32. */
  below(n: number): number {
    return Math.floor((this.next() * n) / 2 ** 32)
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
