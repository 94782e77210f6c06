/** Terms after which series and continued fraction are close enough, for any number of degrees of freedom here. */
const MAX_TERMS = 10_000
const PRECISION = 1e-12

/** Pearson's statistic of counts against equal chances, over the cells that count. */
export function chiSquare(counts: ArrayLike<number>, draws: number, cells: number): number {
  const expected = draws / cells
  let sum = 0

  for (let i = 0; i < counts.length; i++) {
    sum += counts[i] ** 2
  }

  // the sum of (count - expected)^2 / expected, with all counts together being the draws
  return sum / expected - draws
}

/** How likely so large a statistic is, or a larger one, where chances really are equal: Q(k / 2, x / 2). */
export function chiSquarePValue(statistic: number, degreesOfFreedom: number): number {
  return upperGamma(degreesOfFreedom / 2, statistic / 2)
}

/**
 * The regularised upper incomplete gamma function Q(a, x): by its series where that converges quickly, else by its
 * continued fraction (Abramowitz and Stegun, "Handbook of mathematical functions", 6.5.29 and 6.5.31).
 */
function upperGamma(a: number, x: number): number {
  if (Number.isNaN(x)) {
    return x
  }

  if (x <= 0) {
    return 1
  }

  const factor = Math.exp(a * Math.log(x) - x - logGamma(a))
  return x < a + 1 ? 1 - factor * lowerSeries(a, x) : factor * upperFraction(a, x)
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term

  for (let n = 1; n < MAX_TERMS && term > sum * PRECISION; n++) {
    term *= x / (a + n)
    sum += term
  }

  return sum
}

/** Evaluated from the front (Lentz, 1976). */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a
  let d = 1 / b
  let c = Number.MAX_VALUE
  let product = d

  for (let n = 1; n < MAX_TERMS; n++) {
    const an = n * (a - n)
    b += 2
    d = 1 / (an * d + b)
    c = b + an / c
    product *= c * d

    if (Math.abs(c * d - 1) < PRECISION) {
      break
    }
  }

  return product
}

/** ln of the gamma function: Stirling's series (Abramowitz and Stegun, 6.1.41), raised to where it is exact. */
function logGamma(a: number): number {
  let shift = 0
  let z = a

  while (z < 10) {
    shift += Math.log(z++)
  }

  const series = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1_260 * z ** 5)
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - shift
}
