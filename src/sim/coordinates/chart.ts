import type { Flat } from './principal-axes.ts'

/** Where the nodes of a run are in the end, in two dimensions. */
export interface CoordinateMap extends Flat {
  /** Both ends of links to the nearest that nodes know, in pairs, as indices of points; a link that both ends have is there once. */
  links: Int32Array
}

/** What there is to see of coordinates once a run is over. In JSON there is nothing of it: it is many thousands of numbers. */
export interface CoordinateChart {
  /** Relative errors that 0 %, 1 %, ... 100 % of the pairs do not exceed. */
  errors: Float64Array
  /** The same of positions by landmarks, where there are any. */
  landmarkErrors?: Float64Array
  /** Missing where there are more nodes than a picture shows. */
  map?: CoordinateMap
  toJSON(): undefined
}

/** Of errors in no order, those that each hundredth of them does not exceed. Sorts them. */
export function hundredths(errors: Float64Array): Float64Array {
  errors.sort()
  return Float64Array.from({ length: 101 }, (_, i) => errors[Math.round((i / 100) * (errors.length - 1))] ?? Number.NaN)
}
