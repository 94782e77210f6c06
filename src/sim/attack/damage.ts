import { NOBODY } from '../../gossip/exchange.ts'
import type { Network } from '../network.ts'
import { type Colluders, VICTIM } from './colluders.ts'
import { binOf } from './in-degree-bins.ts'

/** What an attack has come to. A share of nothing is NaN (null in JSON). */
export interface Damage {
  /** Honest nodes that live. */
  honestNodes: number
  /** Share of the links in views of the honest that lead to attackers. At best that of attackers among all nodes. */
  pollutedLinks: number
  /** Share of the samples that honest nodes drew since the last measurement, one a round each, that are attackers. */
  pollutedSamples: number
  /** Honest nodes in whose view there is no honest one that lives. */
  isolatedNodes: number
  /** Share of the pairs of an honest observer and an honest peer, both alive, in which the observer suspects the peer. */
  suspectedHonest: number
  /** The same of honest observers and attackers. */
  suspectedAttackers: number
  /** The largest share of honest observers that suspect one and the same honest peer. */
  suspectedMost: number
  /** Share of the answers that honest nodes got since the last measurement and that statistics did not heed. */
  unheeded: number
  /** Of an eclipse: share of the victim's links that lead to attackers. */
  victimPollutedLinks?: number
  inDegree: {
    /** In how many views of the honest an honest node is on average, and an attacker. Of the living. */
    honest: number
    attackers: number
    /** At index i: how many of the living are in bin i, honest nodes and attackers. See {@link binOf}. */
    distribution: number[]
  }
}

/** Measures what becomes of the honest: one pass over their views. */
export class DamageMeter {
  private readonly network: Network
  private readonly colluders: Colluders
  private readonly hasVictim: boolean
  /** Of each node: views of the honest that it is in, and honest nodes that suspect it. */
  private readonly degrees: Int32Array
  private readonly suspicions: Int32Array
  /** Since the last measurement. */
  private samples = 0
  private pollutedSamples = 0
  /** At the last measurement. */
  private lastAnswers = 0
  private lastUnheeded = 0

  constructor(network: Network, colluders: Colluders, hasVictim: boolean) {
    this.network = network
    this.colluders = colluders
    this.hasVictim = hasVictim
    this.degrees = new Int32Array(network.world.slots)
    this.suspicions = new Int32Array(network.world.slots)
  }

  get stateBytes(): number {
    return this.degrees.byteLength + this.suspicions.byteLength
  }

  /** Every honest node draws a sample, as an application would. */
  drawSamples(): void {
    const { world, protocol } = this.network
    const { camps } = this.colluders

    for (let i = 0; i < world.count; i++) {
      const node = world.living[i]
      const peer = camps.isAttacker(node) ? NOBODY : protocol.sample(node)

      if (peer !== NOBODY) {
        this.samples++
        this.pollutedSamples += camps.isAttacker(peer) ? 1 : 0
      }
    }
  }

  measure(): Damage {
    const { hasVictim } = this
    const samples = this.takeSamples()
    const links = this.countLinks()
    const inDegree = this.inDegrees()

    return {
      honestNodes: links.honestNodes,
      pollutedLinks: links.polluted / links.all,
      pollutedSamples: samples,
      isolatedNodes: links.isolated,
      ...this.countSuspicions(links.honestNodes),
      unheeded: this.unheededShare(),
      ...(hasVictim ? { victimPollutedLinks: this.pollutionOf(VICTIM) } : {}),
      inDegree
    }
  }

  private takeSamples(): number {
    const share = this.pollutedSamples / this.samples
    this.samples = 0
    this.pollutedSamples = 0
    return share
  }

  private countLinks(): { honestNodes: number; all: number; polluted: number; isolated: number } {
    const { degrees } = this
    const { camps } = this.colluders
    const { world, protocol } = this.network
    const { views } = protocol
    const { words } = views
    const counts = { honestNodes: 0, all: 0, polluted: 0, isolated: 0 }
    degrees.fill(0)

    for (let i = 0; i < world.count; i++) {
      const node = world.living[i]

      if (camps.isAttacker(node)) {
        continue
      }

      const first = views.firstPeer(node)
      const end = first + views.size(node)
      let isIsolated = true

      for (let at = first; at < end; at++) {
        const peer = words[at]
        degrees[peer]++

        if (camps.isAttacker(peer)) {
          counts.polluted++
        } else if (isIsolated) {
          isIsolated = world.alive[peer] === 0
        }
      }

      counts.honestNodes++
      counts.all += end - first
      counts.isolated += isIsolated ? 1 : 0
    }

    return counts
  }

  private inDegrees(): Damage['inDegree'] {
    const { degrees, colluders } = this
    const { world } = this.network
    const sums = { honest: 0, attackers: 0 }
    const counts = { honest: 0, attackers: 0 }
    const distribution: number[] = []

    for (let i = 0; i < world.count; i++) {
      const node = world.living[i]
      const camp = colluders.camps.isAttacker(node) ? 'attackers' : 'honest'
      const bin = binOf(degrees[node])

      while (distribution.length <= bin) {
        distribution.push(0)
      }

      sums[camp] += degrees[node]
      counts[camp]++
      distribution[bin]++
    }

    return { honest: sums.honest / counts.honest, attackers: sums.attackers / counts.attackers, distribution }
  }

  private countSuspicions(
    honestNodes: number
  ): Pick<Damage, 'suspectedHonest' | 'suspectedAttackers' | 'suspectedMost'> {
    const { suspicions, colluders } = this
    const { world, protocol } = this.network
    const { camps } = colluders
    let ofAttackers = 0
    let ofHonest = 0
    let most = 0
    const visit = ({ peer }: { peer: number }) => {
      if (camps.isAttacker(peer)) {
        ofAttackers += world.alive[peer]
      } else if (world.alive[peer] === 1) {
        ofHonest++
        most = Math.max(most, ++suspicions[peer])
      }
    }
    suspicions.fill(0)

    for (let i = 0; i < world.count; i++) {
      if (!camps.isAttacker(world.living[i])) {
        protocol.forEachSuspect(world.living[i], visit)
      }
    }

    return {
      suspectedHonest: ofHonest / (honestNodes * (honestNodes - 1)),
      suspectedAttackers: ofAttackers / (honestNodes * (world.count - honestNodes)),
      suspectedMost: most / honestNodes
    }
  }

  /** The dead count too, for the answers that they got while they lived. */
  private unheededShare(): number {
    const { colluders } = this
    const { world, protocol } = this.network
    let unheeded = 0

    for (let node = 0; node < world.used; node++) {
      unheeded += colluders.camps.isAttacker(node) ? 0 : protocol.unheededReplies(node)
    }

    const share = (unheeded - this.lastUnheeded) / (colluders.answers - this.lastAnswers)
    this.lastUnheeded = unheeded
    this.lastAnswers = colluders.answers
    return share
  }

  private pollutionOf(node: number): number {
    const { world, protocol } = this.network
    const size = world.alive[node] === 1 ? protocol.views.size(node) : 0
    let polluted = 0

    for (let i = 0; i < size; i++) {
      polluted += this.colluders.camps.isAttacker(protocol.views.peer(node, i)) ? 1 : 0
    }

    return polluted / size
  }
}
