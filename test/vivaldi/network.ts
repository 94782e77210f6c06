import type { Libp2p, PeerId } from '@libp2p/interface'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { type AggregationInit, aggregation } from '../../src/aggregation/index.ts'
import { type PeerSampling, type PeerSamplingInit, peerSampling } from '../../src/sampling/index.ts'
import { type NetworkCoordinates, type VivaldiInit, vivaldi } from '../../src/vivaldi/index.ts'
import { eventually } from '../support/eventually.ts'
import { LOOPBACK, PASSIVE_PERIOD } from '../support/nodes.ts'

export type CoordinateNode = Libp2p<{ vivaldi: NetworkCoordinates; sampling: PeerSampling }>

/** Quick, with no limit on how often one may ask: a few peers meet each other again and again. */
export const QUICK: PeerSamplingInit = {
  profile: 'local',
  period: 40,
  retryPause: 50,
  requestsPerPeriod: Number.POSITIVE_INFINITY
}

export interface StartOptions {
  sampling?: PeerSamplingInit
  node?: Partial<Libp2pOptions>
  /** Aggregation beside these. */
  aggregates?: AggregationInit
}

/** Live peers on loopback that keep coordinates. */
export class Network {
  readonly nodes: CoordinateNode[] = []
  private readonly running: Array<{ stop(): unknown }> = []

  /** Starts a peer that joins through the first one. */
  async start(init: VivaldiInit = {}, { sampling, node, aggregates }: StartOptions = {}): Promise<CoordinateNode> {
    const bootstrap = this.nodes[0]?.getMultiaddrs() ?? []
    const started = (await createLibp2p({
      ...LOOPBACK,
      ...node,
      services: {
        // what lies above before what lies below
        vivaldi: vivaldi({ seed: this.nodes.length, ...init }),
        ...(aggregates && { aggregation: aggregation(aggregates) }),
        sampling: peerSampling({ ...QUICK, bootstrap, ...sampling })
      }
    })) as CoordinateNode
    this.nodes.push(started)
    this.running.push(started)
    return started
  }

  /**
   * Starts a peer of which nothing comes any more but probes, if it has rounds for these: the first round of its peer sampling is
   * over, and the next one comes in an hour.
   */
  async startStill(init: VivaldiInit = {}, sampling: PeerSamplingInit = {}): Promise<CoordinateNode> {
    const still = { period: PASSIVE_PERIOD }
    const node = await this.start({ ...still, ...init }, { sampling: { ...sampling, ...still } })
    await eventually(() => node.services.sampling.statistics().rounds > 0, { what: 'the first round' })
    return node
  }

  keep<T extends { stop(): unknown }>(started: T): T {
    this.running.push(started)
    return started
  }

  async stop(): Promise<void> {
    this.nodes.splice(0)
    await Promise.all(this.running.splice(0).map(each => each.stop()))
  }
}

/** Lets the peer believe that some protocol has just timed an exchange, in milliseconds. */
export function timed({ services }: CoordinateNode, peer: PeerId, roundTrip: number): void {
  services.sampling.underlay.timed(peer, roundTrip)
}

/** What the peer says of its coordinate in its record. */
export function saidBy({ services }: CoordinateNode): Uint8Array | undefined {
  return services.sampling.underlay.own.current.profiles.get('vivaldi')
}

/** Whether the peer has a coordinate of each of the others. */
export function knows({ services }: CoordinateNode, others: CoordinateNode[]): boolean {
  return others.every(({ peerId }) => services.vivaldi.coordinateOf(peerId) != null)
}
