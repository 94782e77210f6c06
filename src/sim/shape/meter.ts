import { NOBODY } from '../../gossip/exchange.ts'
import type { Random } from '../../gossip/random.ts'
import type { OverlayProtocol } from '../../overlay/protocol.ts'
import type { World } from '../world.ts'
import { GreedyRoutes, type RouteMeasures } from './greedy-routes.ts'
import type { Placement } from './placement.ts'
import { TorusPoints } from './torus-points.ts'

/** How near the overlay is to the shape that the living should have, and what it is good for. */
export interface ShapeMeasures extends RouteMeasures {
  /** Nodes that live. */
  living: number
  /** Of the links that the living should have, each to the nearest living node in a direction, the share that they have not. */
  missingLinks: number
  /** Mean distance to the neighbours that nodes have, the dead among them. */
  meanDistance: number
  /** Share of these neighbours that are dead. */
  deadLinks: number
}

/** Measures the shape of an overlay on a torus by what is true, not by what nodes know. */
export class ShapeMeter {
  private readonly protocol: OverlayProtocol<number[]>
  private readonly placement: Placement
  private readonly world: World
  private readonly held: TorusPoints
  private readonly routes: GreedyRoutes

  constructor(protocol: OverlayProtocol<number[]>, placement: Placement, world: World) {
    this.protocol = protocol
    this.placement = placement
    this.world = world
    this.held = new TorusPoints(placement.size)
    this.routes = new GreedyRoutes(protocol, placement, world, this.held)
  }

  get stateBytes(): number {
    return this.held.stateBytes
  }

  /** @param random - what routes are drawn from */
  measure(random: Random): ShapeMeasures {
    this.held.look(this.world, this.placement.points)
    return { living: this.world.count, ...this.links(), ...this.routes.measure(random) }
  }

  private links(): Pick<ShapeMeasures, 'missingLinks' | 'meanDistance' | 'deadLinks'> {
    const { protocol, held, placement } = this
    const { places } = protocol
    const { living, count, alive } = this.world
    const { width } = placement.size
    let wanted = 0
    let missing = 0
    let had = 0
    let dead = 0
    let distance = 0

    for (let i = 0; i < count; i++) {
      const node = living[i]
      const point = placement.points[node]

      for (let direction = 0; direction < places.directions; direction++) {
        const neighbour = protocol.neighbour(node, direction)
        const nearest = held.reach(direction, point % width, Math.floor(point / width))
        const lives = neighbour !== NOBODY && alive[neighbour] === 1

        if (neighbour !== NOBODY) {
          had++
          dead += lives ? 0 : 1
          distance += places.distance(node, neighbour)
        }

        if (nearest !== Number.POSITIVE_INFINITY) {
          wanted++
          missing += lives && places.reach(direction, node, neighbour) === nearest ? 0 : 1
        }
      }
    }

    return { missingLinks: missing / wanted, meanDistance: distance / had, deadLinks: dead / had }
  }
}
