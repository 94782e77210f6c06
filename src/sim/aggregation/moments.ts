/** The sum of numbers, exact to rounding however many there are (A. Neumaier, 1974). */
export class ExactSum {
  private sum = 0
  private lost = 0

  add(value: number): void {
    const sum = this.sum + value
    this.lost += Math.abs(this.sum) >= Math.abs(value) ? this.sum - sum + value : value - sum + this.sum
    this.sum = sum
  }

  get value(): number {
    return this.sum + this.lost
  }
}

/** Of all numbers together: the variance is their mean squared distance from the mean. Of none, both are NaN. */
export interface Moments {
  mean: number
  variance: number
}

/** In two passes: squares of values whose differences are a billionth of them would leave nothing of these. */
export function momentsOf(values: Float64Array): Moments {
  const sum = new ExactSum()
  const squares = new ExactSum()

  for (const value of values) {
    sum.add(value)
  }

  const mean = sum.value / values.length

  for (const value of values) {
    squares.add((value - mean) ** 2)
  }

  return { mean, variance: squares.value / values.length }
}

/** The middle one, or the mean of the two that are; NaN of none. Puts them in order. */
export function medianOf(values: Float64Array): number {
  values.sort()
  const half = values.length >> 1
  return values.length % 2 === 1 ? values[half] : (values[half - 1] + values[half]) / 2
}
