import { Random } from '../../src/gossip/random.ts'
import { type OverlayOptions, overlayParameters } from '../../src/overlay/parameters.ts'
import { OverlayProtocol } from '../../src/overlay/protocol.ts'
import type { Space } from '../../src/overlay/space.ts'
import { torus } from '../../src/overlay/torus.ts'
import { ViewInvariants } from '../../src/sim/invariants.ts'
import { Network } from '../../src/sim/network.ts'
import { type NetworkOptions, networkParameters } from '../../src/sim/parameters.ts'

/** An overlay over peer sampling in a simulated network, compared with the truth. */
export class StackedOverlay {
  readonly network: Network
  readonly protocol: OverlayProtocol<number[]>
  private readonly invariants: ViewInvariants

  /** @param position - where each node is; it is asked of a newcomer as it comes */
  constructor(
    space: Space<number[]>,
    position: (node: number) => number[],
    options: OverlayOptions,
    network: NetworkOptions,
    seed: number
  ) {
    const random = new Random(seed)
    this.network = new Network(networkParameters({ view: 20, ...network }), random)
    const nodes = this.network.world.slots
    const places = space.places(nodes)

    for (let node = 0; node < nodes; node++) {
      places.set(node, space.check(position(node)))
    }

    this.protocol = new OverlayProtocol({
      nodes,
      parameters: overlayParameters(options),
      places,
      source: this.network.protocol,
      random: random.fork()
    })
    this.network.stack(this.protocol)
    this.invariants = new ViewInvariants(this.protocol.views)
  }

  get living(): number[] {
    const { world } = this.network
    return [...world.living.subarray(0, world.count)]
  }

  advance(rounds = 1): void {
    for (let i = 0; i < rounds; i++) {
      this.network.advance()
      this.invariants.check(Int32Array.from(this.living), this.network.world.used)
    }
  }

  /** Links in directions that do not lead to one of the nearest living that way. */
  wrongLinks(nodes = this.living): number {
    const { protocol, living } = this
    const { places } = protocol
    let wrong = 0

    for (const node of nodes) {
      for (let direction = 0; direction < places.directions; direction++) {
        const peer = protocol.neighbour(node, direction)
        const nearest = living.reduce((least, other) => Math.min(least, places.reach(direction, node, other)), Infinity)
        const reach = living.includes(peer) ? places.reach(direction, node, peer) : Infinity
        wrong += reach === nearest && (peer === -1 || living.includes(peer)) ? 0 : 1
      }
    }

    return wrong
  }

  /** Rounds until every link is right, or Infinity when so many do not do. */
  roundsToShape(most: number): number {
    for (let round = 1; round <= most; round++) {
      this.advance()

      if (this.wrongLinks() === 0) {
        return round
      }
    }

    return Number.POSITIVE_INFINITY
  }
}

/** A torus with one node on each point. */
export function torusOf(
  width: number,
  height: number,
  options: OverlayOptions,
  seed: number,
  network: NetworkOptions = {}
): StackedOverlay {
  const nodes = width * height
  const point = (node: number) => [node % width, Math.floor(node / width) % height]
  return new StackedOverlay(torus(width, height), point, options, { nodes, ...network }, seed)
}
