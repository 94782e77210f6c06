import type { Random } from '../../gossip/random.ts'
import { Colluders } from '../attack/colluders.ts'
import { type Damage, DamageMeter } from '../attack/damage.ts'
import { type AttackOptions, type AttackParameters, attackParameters, describeAttack } from '../attack/parameters.ts'
import type { ExchangeCounts } from '../driver.ts'
import type { Experiment, Run } from '../experiment.ts'
import { Network } from '../network.ts'
import {
  describeNetwork,
  NETWORK_OPTIONS,
  type NetworkOptions,
  type NetworkParameters,
  networkParameters
} from '../parameters.ts'
import { hubAttackFigure } from './hub-attack-figure.ts'

/** A tenth of the textbook's: takes seconds, and shows the same. */
const DEFAULT_NODES = 10_000

/** In which the textbook's network is captured. */
const DEFAULT_ROUNDS = 300

/** What a user may set of the experiment. */
export interface HubAttackOptions extends NetworkOptions, AttackOptions {}

export interface HubAttackParameters extends NetworkParameters, AttackParameters {}

/** Nodes that collude to get into every view, and how far they come against each defence. */
export const hubAttack: Experiment<HubAttackOptions, HubAttackParameters, Damage> = {
  name: 'hub-attack',
  description: 'Colluding nodes that want to be in every view: polluted links and samples, isolated nodes, suspects',
  options: [...NETWORK_OPTIONS, 'attackers', 'attack', 'flood', 'honesty', 'attackFrom'],
  measuresStart: true,
  parameters: hubAttackParameters,
  describe: parameters => ({ ...describeNetwork(parameters), ...describeAttack(parameters) }),
  start: (parameters, random) => new HubAttackRun(parameters, random),
  figure: hubAttackFigure
}

function hubAttackParameters(options: HubAttackOptions): HubAttackParameters {
  const { nodes = DEFAULT_NODES, rounds = DEFAULT_ROUNDS } = options
  const network = networkParameters({ ...options, nodes, rounds })
  return { ...network, ...attackParameters(options, network) }
}

class HubAttackRun implements Run<Damage> {
  private readonly network: Network
  /** Set as the network is made. */
  private colluders!: Colluders
  private readonly meter: DamageMeter

  constructor(parameters: HubAttackParameters, random: Random) {
    this.network = new Network(parameters, random, (protocol, world) => {
      this.colluders = new Colluders(protocol, world, parameters.nodes, parameters, random.fork())
      return this.colluders
    })
    this.meter = new DamageMeter(this.network, this.colluders, parameters.attack === 'eclipse')
  }

  get counts(): ExchangeCounts {
    return this.network.driver.counts
  }

  get bytesPerNode(): number {
    const { network, colluders, meter } = this
    return network.bytesPerNode + (colluders.stateBytes + meter.stateBytes) / network.world.slots
  }

  advance(): void {
    this.colluders.beginRound(this.network.round + 1)
    this.network.advance()
    this.meter.drawSamples()
  }

  check(): void {
    this.network.check()
  }

  measure(): Damage {
    return this.meter.measure()
  }
}
