import type { Random } from '../../gossip/random.ts'
import { GreedySearch } from '../../overlay/greedy.ts'
import type { OverlayProtocol } from '../../overlay/protocol.ts'
import type { World } from '../world.ts'
import type { Placement } from './placement.ts'
import type { TorusPoints } from './torus-points.ts'

/** Routes that are tried in a measurement. Our choice: a share is then known to some hundredths. */
const ROUTES = 200

/** How greedy routes from random nodes to random points end. */
export interface RouteMeasures {
  /** Share of them that end at a living node than which none is nearer to the point. */
  routeSuccess: number
  /** Mean length of those that do. */
  routeHops: number
}

/** Routes over all that nodes know, of the random layer too. Whoever does not answer is passed over. */
export class GreedyRoutes {
  private readonly protocol: OverlayProtocol<number[]>
  private readonly placement: Placement
  private readonly world: World
  private readonly held: TorusPoints

  constructor(protocol: OverlayProtocol<number[]>, placement: Placement, world: World, held: TorusPoints) {
    this.protocol = protocol
    this.placement = placement
    this.world = world
    this.held = held
  }

  measure(random: Random): RouteMeasures {
    const { placement, held } = this
    const { living, count } = this.world
    const { width } = placement.size
    const routes = count === 0 ? 0 : ROUTES
    let arrived = 0
    let hops = 0

    for (let i = 0; i < routes; i++) {
      const from = living[random.below(count)]
      const point = placement.aim(random)
      const route = this.route(from)

      if (route.left === held.distance(point % width, Math.floor(point / width))) {
        arrived++
        hops += route.hops
      }
    }

    return { routeSuccess: arrived / routes, routeHops: hops / arrived }
  }

  /** Goes to the target as far as it gets: in so many hops, to that distance from it. */
  private route(from: number): { hops: number; left: number } {
    const { protocol, placement, world } = this
    const distance = (node: number) => placement.places.distance(node, placement.target)
    const knownTo = (node: number) => {
      const known: number[] = []
      protocol.forEachKnown(node, peer => known.push(peer))
      return known
    }
    const search = new GreedySearch<number>({ from: distance(from), known: knownTo(from), distance, key: node => node })

    for (let node = search.next(); node !== undefined; node = search.next()) {
      if (world.reaches(from, node)) {
        search.answered(node, knownTo(node))
      } else {
        search.silent()
      }
    }

    const { steps } = search
    return { hops: steps.length, left: steps.at(-1)?.distance ?? distance(from) }
  }
}
