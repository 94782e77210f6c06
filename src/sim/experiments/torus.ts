import { Random } from '../../gossip/random.ts'
import { type Driver, type ExchangeCounts, noExchanges } from '../driver.ts'
import type { Experiment, Run } from '../experiment.ts'
import { ViewInvariants } from '../invariants.ts'
import { Network } from '../network.ts'
import { NETWORK_OPTIONS } from '../parameters.ts'
import { Atlas } from '../shape/atlas.ts'
import { type ShapeMeasures, ShapeMeter } from '../shape/meter.ts'
import { describeTorus, type TorusOptions, type TorusParameters, torusParameters } from '../shape/parameters.ts'
import { PlacedOverlay } from '../shape/placed-overlay.ts'
import { Placement } from '../shape/placement.ts'
import { silenced } from '../shape/silence.ts'
import { torusFigure } from './torus-figure.ts'

/** An overlay of two layers that arranges its nodes as a torus. */
export const torus: Experiment<TorusOptions, TorusParameters, ShapeMeasures> = {
  name: 'torus',
  description: 'Overlay construction: nodes that find their neighbours on a torus, and routes over it',
  options: [
    ...NETWORK_OPTIONS,
    'side',
    'torus',
    'message',
    'psi',
    'neighbourSelection',
    'randomView',
    'placement',
    'hole',
    'draw'
  ],
  measuresStart: true,
  parameters: torusParameters,
  describe: describeTorus,
  start: (parameters, random) => new TorusRun(parameters, random),
  figure: torusFigure
}

class TorusRun implements Run<ShapeMeasures> {
  readonly atlas = new Atlas()
  private readonly parameters: TorusParameters
  private readonly network: Network
  private readonly placement: Placement
  private readonly overlay: PlacedOverlay
  private readonly driver: Driver
  private readonly invariants: ViewInvariants
  private readonly meter: ShapeMeter
  /** Each round's routes are drawn from a source of their own: they are the same however often one measures. */
  private readonly seed: number

  constructor(parameters: TorusParameters, random: Random) {
    const { torus: size, placement, overlay, hasRandomLayer } = parameters
    this.parameters = parameters
    this.network = new Network(parameters, random, below => (hasRandomLayer ? below : silenced(below)))
    const { world, protocol: below } = this.network
    const [ofPlacement, ofOverlay] = [random.fork(), random.fork()]
    this.placement = new Placement(size, placement, world, ofPlacement)
    const layer = hasRandomLayer ? below : undefined
    this.overlay = new PlacedOverlay(overlay, this.placement, world, layer, ofOverlay)
    this.driver = this.network.stack(this.overlay)
    this.invariants = new ViewInvariants(this.overlay.views)
    this.meter = new ShapeMeter(this.overlay, this.placement, world)
    this.seed = random.next()
    this.endRound()
  }

  /** Of both layers. */
  get counts(): ExchangeCounts {
    const counts = noExchanges()

    for (const name of Object.keys(counts) as Array<keyof ExchangeCounts>) {
      counts[name] = this.network.driver.counts[name] + this.driver.counts[name]
    }

    return counts
  }

  get bytesPerNode(): number {
    const { network, placement, invariants, meter } = this
    const own = placement.stateBytes + invariants.stateBytes + meter.stateBytes
    return network.bytesPerNode + own / network.world.slots
  }

  advance(): void {
    this.placement.beginRound()
    this.network.advance()
    this.endRound()
  }

  private endRound(): void {
    const { overlay, placement, atlas } = this
    const { round, world } = this.network

    for (const hole of this.parameters.hole) {
      if (hole.round === round) {
        placement.makeHole(hole.share)
      }
    }

    if (this.parameters.draw.has(round)) {
      atlas.add(round, overlay, placement, world)
    }
  }

  check(): void {
    const { living, count, used } = this.network.world
    this.network.check()
    this.invariants.check(living.subarray(0, count), used)
  }

  measure(): ShapeMeasures {
    return this.meter.measure(new Random(this.seed + this.network.round))
  }
}
