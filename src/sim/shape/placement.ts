import type { Random } from '../../gossip/random.ts'
import type { Places } from '../../overlay/places.ts'
import { torus } from '../../overlay/torus.ts'
import type { World } from '../world.ts'
import type { PlacementKind, TorusSize } from './parameters.ts'

/**
 * Where on the torus the nodes of a run are. Those who replace others take the points of these; whoever else joins gets a
 * random one.
 */
export class Placement {
  readonly size: TorusSize
  readonly places: Places<number[]>
  /** Of each node its point: x + width * y. */
  readonly points: Int32Array
  /** Number of a place that is nobody's: where a route is to lead. */
  readonly target: number
  private readonly world: World
  private readonly random: Random
  /** Who lived before the round. */
  private readonly lived: Uint8Array

  constructor(size: TorusSize, kind: PlacementKind, world: World, random: Random) {
    const { slots, used } = world
    this.size = size
    this.world = world
    this.random = random
    this.places = torus(size.width, size.height).places(slots + 1)
    this.points = new Int32Array(slots)
    this.target = slots
    this.lived = new Uint8Array(slots)

    if (kind === 'grid') {
      // in random order: neighbours by number must not be neighbours on the torus
      const points = Int32Array.from({ length: used }, (_, i) => i)
      random.shuffle(points)
      points.forEach((point, node) => {
        this.put(node, point)
      })
    } else {
      this.putAtRandom(0, used)
    }
  }

  /** Bytes of its arrays, without those of the places. */
  get stateBytes(): number {
    return this.points.byteLength + this.lived.byteLength
  }

  /** A round is about to begin. */
  beginRound(): void {
    this.lived.set(this.world.alive)
  }

  /** Finds points for those who have come since the round began: replacements come after others who join. */
  settle(first: number, end: number): void {
    const { lived, points, world } = this
    let next = end

    for (let node = 0; node < first && next > first; node++) {
      if (lived[node] === 1 && world.alive[node] === 0) {
        this.put(--next, points[node])
      }
    }

    this.putAtRandom(first, next)
  }

  /** Puts the target on a random point, and says on which. */
  aim(random: Random): number {
    const point = random.below(this.size.width * this.size.height)
    this.places.set(this.target, this.positionOf(point))
    return point
  }

  /** A part of the torus in its middle dies: about this share of it, and of its width and its height the same one. */
  makeHole(share: number): void {
    const { width, height } = this.size
    const { living, count } = this.world
    const [holeWidth, holeHeight] = [width, height].map(side => Math.max(1, Math.round(side * Math.sqrt(share))))
    const left = (width - holeWidth) >> 1
    const bottom = (height - holeHeight) >> 1

    for (const node of living.slice(0, count)) {
      const [x, y] = this.positionOf(this.points[node])

      if (x >= left && x < left + holeWidth && y >= bottom && y < bottom + holeHeight) {
        this.world.kill(node)
      }
    }
  }

  private putAtRandom(first: number, end: number): void {
    for (let node = first; node < end; node++) {
      this.put(node, this.random.below(this.size.width * this.size.height))
    }
  }

  private put(node: number, point: number): void {
    this.points[node] = point
    this.places.set(node, this.positionOf(point))
  }

  private positionOf(point: number): number[] {
    const { width } = this.size
    return [point % width, Math.floor(point / width)]
  }
}
