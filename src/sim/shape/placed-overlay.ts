import { NOBODY } from '../../gossip/exchange.ts'
import type { PeerSource } from '../../gossip/peer-source.ts'
import type { Random } from '../../gossip/random.ts'
import { UNPROVEN_AGE } from '../../overlay/constants.ts'
import type { OverlayParameters } from '../../overlay/parameters.ts'
import { OverlayProtocol } from '../../overlay/protocol.ts'
import type { World } from '../world.ts'
import type { Placement } from './placement.ts'

/** What there is where no layer is below. */
const NO_SOURCE: PeerSource = { sample: () => NOBODY, members: () => 0 }

/**
 * The overlay of a population on a torus, with what its nodes begin with: the members that the layer below knows, or where
 * there is none random peers, as many as the view holds.
 */
export class PlacedOverlay extends OverlayProtocol<number[]> {
  private readonly placement: Placement
  private readonly world: World
  private readonly below: PeerSource | undefined
  private readonly chance: Random
  private readonly first: Int32Array

  constructor(
    parameters: OverlayParameters,
    placement: Placement,
    world: World,
    below: PeerSource | undefined,
    random: Random
  ) {
    const chance = random.fork()
    super({ nodes: world.slots, parameters, places: placement.places, source: below ?? NO_SOURCE, random })
    this.placement = placement
    this.world = world
    this.below = below
    this.chance = chance
    this.first = new Int32Array(parameters.view)
    this.begin(0, world.used)
  }

  override newcomers(first: number, end: number): void {
    this.placement.settle(first, end)
    super.newcomers(first, end)

    if (this.below === undefined) {
      this.begin(first, end)
    }
  }

  private begin(from: number, end: number): void {
    for (let node = from; node < end; node++) {
      const peers = this.peersFor(node)
      // a view is sorted by distance
      peers.sort((a, b) => this.places.distance(node, a) - this.places.distance(node, b))

      for (const peer of peers) {
        this.views.append(node, peer, this.below === undefined ? 0 : UNPROVEN_AGE)
      }
    }
  }

  private peersFor(node: number): number[] {
    const { below, first, world, chance } = this

    if (below !== undefined) {
      return Array.from(first.subarray(0, below.members(node, first)))
    }

    const { living, count } = world
    const peers = new Set<number>(count <= first.length + 1 ? living.subarray(0, count) : [])

    while (peers.size < Math.min(first.length, count)) {
      const peer = living[chance.below(count)]

      if (peer !== node) {
        peers.add(peer)
      }
    }

    peers.delete(node)
    // one that has died as it came is none of the living
    return [...peers].slice(0, first.length)
  }
}
