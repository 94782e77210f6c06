import type { Random } from '../gossip/random.ts'
import type { SamplingMessage } from '../sampling/message.ts'
import type { PeerSamplingProtocol } from '../sampling/protocol.ts'
import { createSamplingProtocol } from '../sampling/variants.ts'
import { createDelays } from './delays.ts'
import type { Driver, SimulatedProtocol } from './driver.ts'
import { EventDriver } from './event-driver.ts'
import { ViewInvariants } from './invariants.ts'
import type { NetworkParameters } from './parameters.ts'
import { RoundDriver } from './round-driver.ts'
import { fillViews } from './start.ts'
import { World } from './world.ts'

/** A simulated network of peers that sample each other: the world, the protocol, and what drives it. */
export class Network {
  readonly world: World
  readonly protocol: PeerSamplingProtocol
  readonly driver: Driver
  /** The round that was run last. */
  round = 0
  private readonly invariants: ViewInvariants

  /**
   * @param random - what all draws of the run come from
   * @param played - what the nodes do, if some of them do not keep to the protocol
   */
  constructor(
    parameters: NetworkParameters,
    random: Random,
    played: (protocol: PeerSamplingProtocol, world: World) => SimulatedProtocol<SamplingMessage> = protocol => protocol
  ) {
    const { nodes, rounds, faults, sampling, start } = parameters
    // sources of their own, so that a change in one place does not shift the draws of all others
    const [ofWorld, ofProtocol, ofDriver, ofStart, ofDelays] = Array.from({ length: 5 }, () => random.fork())
    this.world = new World(nodes, faults, rounds, ofWorld)
    this.protocol = createSamplingProtocol({ nodes: this.world.slots, parameters: sampling, random: ofProtocol })
    fillViews(start, this.protocol.views, nodes, ofStart)
    this.protocol.takeViews(nodes)
    const drivenProtocol = played(this.protocol, this.world)
    this.driver =
      parameters.mode === 'rounds'
        ? new RoundDriver(drivenProtocol, this.world, ofDriver)
        : new EventDriver(
            drivenProtocol,
            this.world,
            ofDriver,
            parameters.timing,
            createDelays(parameters.delay, this.world.slots, ofDelays)
          )
    this.invariants = new ViewInvariants(this.protocol.views)
  }

  /** Bytes of all arrays that are kept, for each node that ever lives. */
  get bytesPerNode(): number {
    const { protocol, world, driver, invariants } = this
    return [protocol, world, driver, invariants].reduce((sum, { stateBytes }) => sum + stateBytes, 0) / world.slots
  }

  /** Runs the next round, and what comes before and after it. */
  advance(): void {
    this.round++
    const newcomers = this.world.beginRound(this.round)
    this.driver.run(this.round, newcomers)
    this.world.endRound(this.round)
  }

  /** @throws InvariantError when something is true that can never be */
  check(): void {
    const { living, count, used } = this.world
    this.invariants.check(living.subarray(0, count), used)
  }
}
