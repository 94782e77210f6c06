import type { Random } from '../gossip/random.ts'
import type { SamplingMessage } from '../sampling/message.ts'
import type { PeerSamplingProtocol } from '../sampling/protocol.ts'
import { createSamplingProtocol } from '../sampling/variants.ts'
import { createDelays } from './delays.ts'
import type { Driver, SimulatedProtocol, SizedMessage } from './driver.ts'
import { EventDriver } from './event-driver.ts'
import { ViewInvariants } from './invariants.ts'
import { LatencyMatrix } from './latency/latency-matrix.ts'
import { createRoundTrips, type RoundTrips } from './latency/round-trips.ts'
import type { NetworkParameters } from './parameters.ts'
import { RoundDriver } from './round-driver.ts'
import { fillViews } from './start.ts'
import { World } from './world.ts'

/** A protocol and what drives it, whatever its messages are. */
interface Layer {
  protocol: Pick<SimulatedProtocol<never>, 'newcomers'>
  driver: Driver
}

/**
 * A simulated network of peers that sample each other: the world, the protocol, and what drives it; and further protocols
 * above it, see {@link stack}.
 */
export class Network {
  readonly world: World
  readonly protocol: PeerSamplingProtocol
  /** What drives peer sampling. */
  readonly driver: Driver
  /** Round-trip times between the nodes, the same for all protocols; none where delays are drawn from a distribution. */
  readonly roundTrips: RoundTrips | undefined
  /** The round that was run last. */
  round = 0
  private readonly invariants: ViewInvariants
  private readonly parameters: NetworkParameters
  private readonly random: Random
  /** Peer sampling, and what is stacked on it, in order. */
  private readonly layers: Layer[]
  /** All that keep arrays. */
  private readonly keepers: Array<{ readonly stateBytes?: number }>

  /**
   * @param random - what all draws of the run come from
   * @param played - what the nodes do, if some of them do not keep to the protocol
   * @param roundTrips - round-trip times between all slots of the world. By events, messages take half of them, whatever
   * the parameters say of delays; by rounds, they are there to be asked. Default: those of the matrix in the parameters,
   * if there is one
   */
  constructor(
    parameters: NetworkParameters,
    random: Random,
    played: (protocol: PeerSamplingProtocol, world: World) => SimulatedProtocol<SamplingMessage> = protocol => protocol,
    roundTrips?: RoundTrips
  ) {
    const { nodes, rounds, faults, sampling, start, delay } = parameters
    this.parameters = parameters
    this.random = random
    // sources of their own, so that a change in one place does not shift the draws of all others
    const [ofWorld, ofProtocol, ofDriver, ofStart, ofDelays] = Array.from({ length: 5 }, () => random.fork())
    this.world = new World(nodes, faults, rounds, ofWorld)
    this.protocol = createSamplingProtocol({ nodes: this.world.slots, parameters: sampling, random: ofProtocol })
    fillViews(start, this.protocol.views, nodes, ofStart)
    this.protocol.takeViews(nodes)
    this.roundTrips =
      roundTrips ?? (delay instanceof LatencyMatrix ? createRoundTrips(delay, this.world.slots, ofDelays) : undefined)
    const drivenProtocol = played(this.protocol, this.world)
    this.driver = this.drive(drivenProtocol, ofDriver, ofDelays)
    this.invariants = new ViewInvariants(this.protocol.views)
    this.layers = [{ protocol: drivenProtocol, driver: this.driver }]
    this.keepers = [this.protocol, this.world, this.driver, this.invariants, this.roundTrips ?? {}]
  }

  /**
   * Puts a protocol above those that there are: the same nodes in the same world, faults included, with turns, losses
   * and drawn delays of its own, and the same round-trip times. Nothing that the others draw changes by it. In each round all nodes have had their turns in the
   * protocols below before the first one has its turn in this one.
   *
   * Its population has a node for each slot of the world.
   *
   * @returns what drives it, from now on with each {@link advance}
   * @throws Error once the first round was run
   */
  stack<M extends SizedMessage>(protocol: SimulatedProtocol<M>): Driver {
    if (this.round > 0) {
      throw new Error('a protocol can be stacked on others before the first round only')
    }

    const [ofDriver, ofDelays, ofChance] = Array.from({ length: 3 }, () => this.random.fork())
    const driver = this.drive(protocol, ofDriver, ofDelays, ofChance)
    this.layers.push({ protocol, driver })
    this.keepers.push(protocol, driver)
    return driver
  }

  private drive<M extends SizedMessage>(
    protocol: SimulatedProtocol<M>,
    ofDriver: Random,
    ofDelays: Random,
    ofChance?: Random
  ): Driver {
    const { parameters, world } = this

    if (parameters.mode === 'rounds') {
      return new RoundDriver(protocol, world, ofDriver, ofChance)
    }

    const delays = createDelays(this.roundTrips ?? parameters.delay, ofDelays)
    return new EventDriver(protocol, world, ofDriver, parameters.timing, delays, ofChance)
  }

  /** Bytes of all arrays that are kept, for each node that ever lives. */
  get bytesPerNode(): number {
    return this.keepers.reduce((sum, { stateBytes = 0 }) => sum + stateBytes, 0) / this.world.slots
  }

  /** Runs the next round, and what comes before and after it. */
  advance(): void {
    this.round++
    const { round, world, layers } = this
    const newcomers = world.beginRound(round)

    if (newcomers < world.used) {
      for (const { protocol } of layers) {
        protocol.newcomers?.(newcomers, world.used)
      }
    }

    for (const { driver } of layers) {
      driver.run(round, newcomers)
    }

    world.endRound(round)
  }

  /** @throws InvariantError when something is true that can never be */
  check(): void {
    const { living, count, used } = this.world
    this.invariants.check(living.subarray(0, count), used)
  }
}
