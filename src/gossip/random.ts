/** Draws made at a time, and the most that can be had ready at once: more than there are entries in two largest views. */
const BLOCK = 512

/**
 * The seeded source of every random choice in a protocol core and in the simulator: sfc32 (C. Doty-Humphrey, PractRand,
 * 2010), 128 bits of state, 32 bits a call. The same seed gives the same sequence on every machine and Node version.
 * Not for keys or secrets.
 */
export class Random {
  /**
   * Draws made ahead, a block at a time: a step of the generator waits for the one before it, while draws that lie ready
   * are read at once. For loops that draw often; see {@link prepare}.
   */
  readonly draws = new Uint32Array(BLOCK)
  /** Where the next draw lies. */
  private at: number
  /** Three words of state and a counter. */
  private readonly state: Int32Array

  /** @param seed - a whole number from 0 to 2^53 - 1 */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`seed: ${seed} is not a whole number from 0 to 2^53 - 1`)
    }

    this.state = Int32Array.of(seed | 0, Math.floor(seed / 2 ** 32) | 0, 0, 1)
    this.make(0)
    // the author's own seeding: a dozen calls spread the seed over the whole state
    this.at = 12
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    if (this.at === BLOCK) {
      this.refill()
    }

    return this.draws[this.at++]
  }

  /**
   * Sees to it that the next draws lie ready, the very ones that {@link next} would give, and says where in
   * {@link draws} they begin. They are still to be drawn: {@link skip} those that were used.
   *
   * @param count - up to 512
   */
  prepare(count: number): number {
    if (this.at + count > BLOCK) {
      this.refill()
    }

    return this.at
  }

  /** Passes over draws that were read where {@link prepare} said. */
  skip(count: number): void {
    this.at += count
  }

  /** The draw that lies at an index of {@link draws}, as {@link below} would give it. */
  drawn(at: number, n: number): number {
    return (this.draws[at] * (n * 2 ** -32)) | 0
  }

  private refill(): void {
    this.draws.copyWithin(0, this.at)
    this.make(BLOCK - this.at)
    this.at = 0
  }

  /** Fills the block from an index to its end. */
  private make(from: number): void {
    const { draws, state } = this
    let a = state[0]
    let b = state[1]
    let c = state[2]
    let counter = state[3]

    for (let i = from; i < BLOCK; i++) {
      const draw = (((a + b) | 0) + counter) | 0
      counter = (counter + 1) | 0
      a = b ^ (b >>> 9)
      b = (c + (c << 3)) | 0
      c = (((c << 21) | (c >>> 11)) + draw) | 0
      draws[i] = draw
    }

    state[0] = a
    state[1] = b
    state[2] = c
    state[3] = counter
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

  /** Puts the first `count` numbers in random order (Fisher and Yates). */
  shuffle(numbers: Int32Array, count = numbers.length): void {
    for (let i = count - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const number = numbers[i]
      numbers[i] = numbers[j]
      numbers[j] = number
    }
  }

  /** Another source, seeded from this one: for a part whose draws shall not shift those of the others. */
  fork(): Random {
    return new Random(this.next() * 2 ** 21 + (this.next() >>> 11))
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.next() / 2 ** 32
  }
}
