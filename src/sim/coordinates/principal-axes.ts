/** Steps in which an axis is found: more than enough for a picture. */
const STEPS = 200

/** Of points, the same numbers along the two directions in which they spread most. */
export interface Flat {
  x: Float64Array
  y: Float64Array
}

/**
 * Flattens points onto their first two principal axes, by power iteration on their covariance, without any drawing of lots.
 *
 * @param at - number `i` of point `node`
 */
export function flatten(points: number, dimensions: number, at: (point: number, i: number) => number): Flat {
  const centre = Array.from({ length: dimensions }, (_, i) => mean(points, point => at(point, i)))
  const covariance = centre.map((a, i) => centre.map((b, j) => mean(points, p => (at(p, i) - a) * (at(p, j) - b))))
  const first = principalAxis(covariance)
  const rest = covariance.map((row, i) => row.map((value, j) => value - first.spread * first.axis[i] * first.axis[j]))
  const second = principalAxis(rest)
  const along = (axis: number[]) =>
    Float64Array.from({ length: points }, (_, p) =>
      axis.reduce((sum, part, i) => sum + part * (at(p, i) - centre[i]), 0)
    )
  return { x: along(first.axis), y: along(second.axis) }
}

/** The direction of the largest spread, with its largest part positive. Zero where there is none. */
function principalAxis(covariance: number[][]): { axis: number[]; spread: number } {
  // hardly ever at a right angle to what is looked for
  let axis = covariance.map((_, i) => 1 / (i + 1))
  let spread = 0

  for (let step = 0; step < STEPS; step++) {
    const image = covariance.map(row => row.reduce((sum, value, i) => sum + value * axis[i], 0))
    spread = Math.hypot(...image)

    if (!(spread > 0)) {
      return { axis: covariance.map(() => 0), spread: 0 }
    }

    axis = image.map(value => value / spread)
  }

  const largest = axis.reduce((most, part) => (Math.abs(part) > Math.abs(most) ? part : most), 0)
  return { axis: axis.map(part => part * Math.sign(largest)), spread }
}

function mean(count: number, value: (i: number) => number): number {
  let sum = 0

  for (let i = 0; i < count; i++) {
    sum += value(i)
  }

  return sum / count
}
