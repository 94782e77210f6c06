import { NOBODY } from '../../gossip/exchange.ts'
import type { OverlayProtocol } from '../../overlay/protocol.ts'
import type { World } from '../world.ts'
import type { TorusSize } from './parameters.ts'
import type { Placement } from './placement.ts'

/** Who was where on the torus after a round, and who was whose neighbour. */
export interface TorusMap extends TorusSize {
  round: number
  /** Points of the living: x + width * y. */
  nodes: Int32Array
  /** Points at both ends of each link to a living neighbour, in pairs; a link that both ends have is there once. */
  links: Int32Array
}

/** The maps of a run, for a picture. In JSON there is nothing of them: they are many thousands of numbers. */
export class Atlas {
  readonly maps: TorusMap[] = []

  toJSON(): undefined {
    return undefined
  }

  add(round: number, protocol: OverlayProtocol<number[]>, { points, size }: Placement, world: World): void {
    const living = world.living.subarray(0, world.count)
    const drawn = new Set<number>()

    for (const node of living) {
      for (let direction = 0; direction < protocol.places.directions; direction++) {
        const neighbour = protocol.neighbour(node, direction)

        if (neighbour !== NOBODY && world.alive[neighbour] === 1) {
          drawn.add(Math.min(node, neighbour) * world.slots + Math.max(node, neighbour))
        }
      }
    }

    this.maps.push({
      ...size,
      round,
      nodes: living.map(node => points[node]),
      links: Int32Array.from(
        [...drawn].flatMap(link => [points[Math.floor(link / world.slots)], points[link % world.slots]])
      )
    })
  }
}
