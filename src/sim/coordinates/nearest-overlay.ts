import type { PeerSource } from '../../gossip/peer-source.ts'
import type { Random } from '../../gossip/random.ts'
import { latency } from '../../overlay/euclidean.ts'
import { overlayParameters } from '../../overlay/parameters.ts'
import { OverlayProtocol } from '../../overlay/protocol.ts'
import type { Vivaldi } from '../../vivaldi/vivaldi.ts'
import type { World } from '../world.ts'
import type { CoordinateLiars } from './liars.ts'

/** An overlay over the coordinates that nodes show: its views come to hold the peers that are nearest by them. */
export class NearestOverlay extends OverlayProtocol<number[]> {
  private readonly vivaldi: Vivaldi
  private readonly world: World
  private readonly liars: CoordinateLiars | undefined
  private readonly position: number[]

  constructor(vivaldi: Vivaldi, world: World, source: PeerSource, liars: CoordinateLiars | undefined, random: Random) {
    const { dimensions } = vivaldi.parameters
    const places = latency(dimensions).places(world.slots)
    super({ nodes: world.slots, parameters: overlayParameters(), places, source, random })
    this.vivaldi = vivaldi
    this.world = world
    this.liars = liars
    this.position = new Array(vivaldi.width).fill(0)
    this.look()
  }

  /** All nodes are now where they show themselves to be. */
  look(): void {
    const { world, vivaldi, liars, position, places } = this
    const { rows, stride, width } = vivaldi

    for (let node = 0; node < world.used; node++) {
      if (liars?.has(node)) {
        liars.claim(position)
      } else {
        for (let i = 0; i < width; i++) {
          position[i] = rows[node * stride + i]
        }
      }

      places.set(node, position)
    }
  }

  /**
   * Writes the living peers of the node's view that are nearest to it by their coordinates to the beginning of `out`.
   *
   * @returns how many there are
   */
  nearest(node: number, out: Int32Array): number {
    const { views, places, world } = this
    const known = Array.from({ length: views.size(node) }, (_, i) => views.peer(node, i))
      .filter(peer => world.alive[peer] === 1)
      .map(peer => ({ peer, distance: places.distance(node, peer) }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, out.length)

    for (const [i, { peer }] of known.entries()) {
      out[i] = peer
    }

    return known.length
  }
}
