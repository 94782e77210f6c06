/** Where filters begin or end to hold within one cell of an axis, in ascending order. */
export class Thresholds {
  size = 0
  private values = new Float64Array(4)
  private bits = new Int32Array(4)

  add(value: number, bit: number): void {
    const at = this.countUpTo(value)

    if (this.size === this.values.length) {
      const values = new Float64Array(2 * this.size)
      const bits = new Int32Array(2 * this.size)
      values.set(this.values)
      bits.set(this.bits)
      this.values = values
      this.bits = bits
    }

    this.values.copyWithin(at + 1, at, this.size)
    this.bits.copyWithin(at + 1, at, this.size)
    this.values[at] = value
    this.bits[at] = bit
    this.size++
  }

  /** Removes one that was added. */
  remove(value: number, bit: number): void {
    // of equal values it is one of the last
    let at = this.countUpTo(value) - 1

    while (this.bits[at] !== bit) {
      at--
    }

    this.values.copyWithin(at, at + 1, this.size)
    this.bits.copyWithin(at, at + 1, this.size)
    this.size--
  }

  /** How many are not above a value. */
  countUpTo(value: number): number {
    const { values } = this
    let low = 0
    let high = this.size

    while (low < high) {
      const middle = (low + high) >> 1

      if (values[middle] <= value) {
        low = middle + 1
      } else {
        high = middle
      }
    }

    return low
  }

  /** Turns the bits of some around, in a row of words from a place on. */
  flip(from: number, to: number, words: Int32Array, first: number): void {
    const { bits } = this

    for (let i = from; i < to; i++) {
      const bit = bits[i]
      words[first + (bit >> 5)] ^= 1 << (bit & 31)
    }
  }
}
