import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { createLibp2p } from 'libp2p'
import { type Overlay, proximityOverlay } from '../../src/overlay/index.ts'
import { type PeerSampling, peerSampling } from '../../src/sampling/index.ts'
import { type NetworkCoordinates, vivaldi } from '../../src/vivaldi/index.ts'
import { delayedTcp } from '../support/delayed-transport.ts'
import { PATIENT, PATIENT_LOOPBACK } from '../support/nodes.ts'
import type { Clusters } from './clusters.ts'

export type DelayedNode = Libp2p<{
  near: Overlay<number[], never>
  vivaldi: NetworkCoordinates
  sampling: PeerSampling
}>

/** Live peers in one process, as far from each other as a layout says. */
export class DelayedCrowd {
  readonly layout: Clusters
  readonly nodes: DelayedNode[] = []
  private readonly numbers = new Map<string, number>()

  constructor(layout: Clusters) {
    this.layout = layout
  }

  /** @param period - milliseconds between two rounds of each protocol */
  async start(period: number): Promise<void> {
    const keys = await Promise.all(Array.from({ length: this.layout.size }, () => generateKeyPair('Ed25519')))

    for (const [number, key] of keys.entries()) {
      this.numbers.set(peerIdFromPrivateKey(key).toString(), number)
    }

    const delayed = delayedTcp((a, b) => this.layout.roundTrip(this.numberAt(a), this.numberAt(b)))

    for (const [seed, privateKey] of keys.entries()) {
      const bootstrap = this.nodes[0]?.getMultiaddrs() ?? []
      this.nodes.push(
        await createLibp2p({
          ...PATIENT_LOOPBACK,
          privateKey,
          transports: [delayed],
          services: {
            // what lies above before what lies below
            near: proximityOverlay(),
            vivaldi: vivaldi({ seed }),
            // so few peers meet each other again and again
            sampling: peerSampling({ ...PATIENT, period, bootstrap, requestsPerPeriod: Number.POSITIVE_INFINITY })
          }
        })
      )
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.splice(0).map(node => node.stop()))
  }

  numberOf(peer: PeerId): number {
    return this.numberAt(peer.toString())
  }

  /** Rounds of the slowest peer. */
  get rounds(): number {
    return Math.min(...this.nodes.map(({ services }) => services.vivaldi.statistics().rounds))
  }

  /** By what share of the true round trip a prediction is off, as one of the peers makes it. */
  error(judge: number, a: number, b: number): number {
    const { services } = this.nodes[judge]
    const estimate = services.vivaldi.estimate(this.nodes[a].peerId, this.nodes[b].peerId)
    const truth = this.layout.roundTrip(a, b)
    return estimate == null ? Number.POSITIVE_INFINITY : Math.abs(estimate.milliseconds - truth) / truth
  }

  /** By how much the first neighbours of a peer in the overlay are farther than those that are truly nearest; 1 is best. */
  stretch(peer: number, count: number): number {
    const found = this.nodes[peer].services.near.neighbours.slice(0, count)
    const total = sum(found.map(({ id }) => this.layout.roundTrip(peer, this.numberOf(id))))
    return found.length < count ? Number.POSITIVE_INFINITY : total / sum(this.layout.shortest(peer, count))
  }

  /**
   * Waits until each peer has made so many more rounds, and then until nothing is left to complain of.
   *
   * @param complaint - what is wrong, or undefined
   * @param grace - rounds after these in which it may come right: for a machine that is short of time
   * @throws the last complaint
   */
  async after(rounds: number, grace: number, complaint: () => string | undefined): Promise<void> {
    const began = this.rounds

    for (;;) {
      const elapsed = this.rounds - began
      const wrong = elapsed < rounds ? 'too early' : complaint()

      if (wrong == null) {
        return
      }

      if (elapsed >= rounds + grace) {
        throw new Error(`after ${elapsed} rounds: ${wrong}`)
      }

      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  private numberAt(id: string): number {
    const number = this.numbers.get(id)

    if (number == null) {
      throw new Error(`${id} is nowhere`)
    }

    return number
  }
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

function sum(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
