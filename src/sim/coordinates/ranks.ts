/**
 * The number that has a rank among others, 0 for the least (C. A. R. Hoare, "Algorithm 65: Find", 1961). Brings lower ones before
 * it, and higher ones behind.
 */
export function ranked(values: Float64Array, rank: number): number {
  let low = 0
  let high = values.length - 1

  while (low < high) {
    const pivot = values[(low + high) >> 1]
    let i = low
    let j = high

    while (i <= j) {
      while (values[i] < pivot) {
        i++
      }

      while (pivot < values[j]) {
        j--
      }

      if (i <= j) {
        const value = values[i]
        values[i++] = values[j]
        values[j--] = value
      }
    }

    if (rank <= j) {
      high = j
    } else if (rank >= i) {
      low = i
    } else {
      break
    }
  }

  return values[rank]
}

/** The least of some numbers that a share of them does not exceed, from 0 to 1; NaN of none. Changes their order. */
export function quantileOf(values: Float64Array, share: number): number {
  return values.length === 0 ? Number.NaN : ranked(values, Math.max(0, Math.ceil(share * values.length) - 1))
}
