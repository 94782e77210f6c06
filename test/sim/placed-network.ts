import { Random } from '../../src/gossip/random.ts'
import { overlayParameters } from '../../src/overlay/parameters.ts'
import { type Faults, NO_FAULTS } from '../../src/sim/faults.ts'
import type { PlacementKind, TorusSize } from '../../src/sim/shape/parameters.ts'
import { PlacedOverlay } from '../../src/sim/shape/placed-overlay.ts'
import { Placement } from '../../src/sim/shape/placement.ts'
import { World } from '../../src/sim/world.ts'

/** Nodes on a torus whose views hold random peers, and of whom some may have died since. */
export interface PlacedNetwork {
  world: World
  placement: Placement
  overlay: PlacedOverlay
}

export interface PlacedInit {
  size: TorusSize
  kind?: PlacementKind
  nodes?: number
  view?: number
  /** How many of them die. */
  dead?: number
  faults?: Partial<Faults>
  seed?: number
}

export function placedNetwork({
  size,
  kind = 'random',
  nodes = size.width * size.height,
  view = 5,
  dead = 0,
  faults = {},
  seed = 1
}: PlacedInit): PlacedNetwork {
  const random = new Random(seed)
  const world = new World(nodes, { ...NO_FAULTS, ...faults }, 10, random.fork())
  const placement = new Placement(size, kind, world, random.fork())
  const overlay = new PlacedOverlay(overlayParameters({ view, psi: 1 }), placement, world, undefined, random.fork())

  for (let i = 0; i < dead && world.count > 0; i++) {
    world.kill(world.living[random.below(world.count)])
  }

  return { world, placement, overlay }
}

/** The living, in the order of their numbers. */
export function livingOf({ living, count }: World): number[] {
  return Array.from(living.subarray(0, count)).sort((a, b) => a - b)
}
