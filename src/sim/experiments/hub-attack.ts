import { NOBODY } from '../../gossip/exchange.ts'
import type { Random } from '../../gossip/random.ts'
import { type AttackParameters, Colluders } from '../attack/colluders.ts'
import type { ExchangeCounts } from '../driver.ts'
import type { Run } from '../experiment.ts'
import { Network } from '../network.ts'
import type { NetworkParameters } from '../parameters.ts'

export interface HubAttackParameters extends NetworkParameters, AttackParameters {}

export interface HubAttackMeasures {
  pollutedLinks: number
  pollutedSamples: number
  isolatedNodes: number
  suspectedHonest: number
  suspectedAttackers: number
}

export class HubAttackRun implements Run<HubAttackMeasures> {
  readonly network: Network
  private colluders!: Colluders
  private readonly parameters: HubAttackParameters
  private samples = 0
  private polluted = 0

  constructor(parameters: HubAttackParameters, random: Random) {
    this.parameters = parameters
    const own = random.fork()
    this.network = new Network(parameters, random, (protocol, world) => {
      this.colluders = new Colluders(protocol, world, parameters.nodes, parameters, own)
      return this.colluders
    })
  }

  get counts(): ExchangeCounts {
    return this.network.driver.counts
  }

  get bytesPerNode(): number {
    return this.network.bytesPerNode
  }

  advance(): void {
    this.colluders.round = this.network.round + 1
    this.network.advance()
    const { world, protocol } = this.network
    for (let i = 0; i < world.count; i++) {
      const node = world.living[i]
      if (this.colluders.isAttacker(node)) continue
      const peer = protocol.sample(node)
      if (peer === NOBODY) continue
      this.samples++
      if (this.colluders.isAttacker(peer)) this.polluted++
    }
  }

  check(): void {
    this.network.check()
  }

  measure(): HubAttackMeasures {
    const { world, protocol } = this.network
    const { views } = protocol
    let links = 0
    let polluted = 0
    let isolated = 0
    let honest = 0
    let sa = 0
    let sh = 0
    for (let i = 0; i < world.count; i++) {
      const node = world.living[i]
      if (this.colluders.isAttacker(node)) continue
      honest++
      const size = views.size(node)
      let bad = 0
      for (let j = 0; j < size; j++) if (this.colluders.isAttacker(views.peer(node, j))) bad++
      links += size
      polluted += bad
      if (bad === size) isolated++
      protocol.forEachSuspect(node, ({ peer }) => {
        if (this.colluders.isAttacker(peer)) sa++
        else sh++
      })
    }
    const result = {
      pollutedLinks: polluted / links,
      pollutedSamples: this.polluted / this.samples,
      isolatedNodes: isolated,
      suspectedHonest: sh / honest / Math.max(1, honest - 1),
      suspectedAttackers: sa / honest / this.parameters.attackers
    }
    this.samples = 0
    this.polluted = 0
    return result
  }
}
