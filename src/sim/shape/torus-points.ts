import type { World } from '../world.ts'
import type { TorusSize } from './parameters.ts'

/**
 * Which points of a torus the living hold, and so who is nearest in truth: found by looking at one point after the other,
 * ever farther away, instead of at all nodes.
 */
export class TorusPoints {
  private readonly width: number
  private readonly height: number
  private readonly held: Uint8Array

  constructor({ width, height }: TorusSize) {
    this.width = width
    this.height = height
    this.held = new Uint8Array(width * height)
  }

  get stateBytes(): number {
    return this.held.byteLength
  }

  /**
   * Looks where the living are now.
   *
   * @param points - of each node, its point: x + width * y
   */
  look({ living, count }: World, points: Int32Array): void {
    this.held.fill(0)

    for (let i = 0; i < count; i++) {
      this.held[points[living[i]]] = 1
    }
  }

  /** How far the nearest of the living is in a direction of the torus, as `Places.reach` has it; `Infinity` if nobody is. */
  reach(direction: number, x: number, y: number): number {
    const isUpright = direction % 2 === 0
    const forward = direction < 2 ? 1 : -1
    const [length, breadth] = isUpright ? [this.height, this.width] : [this.width, this.height]
    // farther across one comes back from the other side
    const farthest = breadth >> 1

    for (let reach = 1; reach < length + farthest; reach++) {
      const last = Math.min(reach, length - 1)

      for (let along = Math.max((reach + 1) >> 1, reach - farthest); along <= last; along++) {
        const ahead = along * forward
        const across = reach - along
        const found = isUpright
          ? this.holds(x + across, y + ahead) || this.holds(x - across, y + ahead)
          : this.holds(x + ahead, y + across) || this.holds(x + ahead, y - across)

        if (found) {
          return reach
        }
      }
    }

    return Number.POSITIVE_INFINITY
  }

  /** How far the nearest of the living is from a point; `Infinity` if nobody lives. */
  distance(x: number, y: number): number {
    const { width, height } = this
    const farthest = (width >> 1) + (height >> 1)

    for (let distance = 0; distance <= farthest; distance++) {
      for (let dx = 0; dx <= distance; dx++) {
        const dy = distance - dx

        if (
          this.holds(x + dx, y + dy) ||
          this.holds(x + dx, y - dy) ||
          this.holds(x - dx, y + dy) ||
          this.holds(x - dx, y - dy)
        ) {
          return distance
        }
      }
    }

    return Number.POSITIVE_INFINITY
  }

  private holds(x: number, y: number): boolean {
    const { width, height } = this
    return this.held[around(y, height) * width + around(x, width)] === 1
  }
}

/** Comes in again on the other side, once or more. */
function around(value: number, length: number): number {
  const rest = value % length
  return rest < 0 ? rest + length : rest
}
