import type { SizedMessage } from '../driver.ts'

/** A request says nothing; the answer is where its sender is. */
export class CoordinateMessage implements SizedMessage {
  /** Position, height, error. */
  readonly coordinate: Float64Array

  /** @param width - numbers of a coordinate */
  constructor(width: number) {
    this.coordinate = new Float64Array(width)
  }

  get byteLength(): number {
    return this.coordinate.byteLength
  }
}
