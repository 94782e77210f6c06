import type { Libp2p } from '@libp2p/interface'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { type Aggregation, type AggregationInit, aggregation } from '../../src/aggregation/index.ts'
import type { AggregationComponents } from '../../src/aggregation/service.ts'
import { type PeerSampling, type PeerSamplingInit, peerSampling } from '../../src/sampling/index.ts'
import { LOOPBACK } from '../support/nodes.ts'

export type AggregatingNode = Libp2p<{ aggregation: Aggregation; sampling: PeerSampling }>

/** Quick, with no limit on how often one may ask: a few peers meet each other again and again. */
export const QUICK: PeerSamplingInit = {
  profile: 'local',
  period: 40,
  retryPause: 50,
  requestsPerPeriod: Number.POSITIVE_INFINITY
}

export interface NetworkOptions {
  sampling?: PeerSamplingInit
  node?: Partial<Libp2pOptions>
  /** Changes what aggregation is given of libp2p. */
  tamper?(components: AggregationComponents): AggregationComponents
}

/** Live peers on loopback that aggregate. */
export class Network {
  readonly nodes: AggregatingNode[] = []
  private readonly running: Array<{ stop(): unknown }> = []

  /** Starts a peer that joins through the first one. */
  async start(init: AggregationInit = {}, { sampling, node, tamper }: NetworkOptions = {}): Promise<AggregatingNode> {
    const bootstrap = this.nodes[0]?.getMultiaddrs() ?? []
    const make = aggregation({ epoch: 10, ...init })
    const started: AggregatingNode = await createLibp2p({
      ...LOOPBACK,
      ...node,
      services: {
        // what lies above before what lies below
        aggregation: (components: AggregationComponents) => make(tamper?.(components) ?? components),
        sampling: peerSampling({ ...QUICK, bootstrap, ...sampling })
      }
    })
    this.nodes.push(started)
    this.running.push(started)
    return started
  }

  /** Starts peers that contribute to an average load. */
  async crowd(count: number, load: (i: number) => number, init: AggregationInit = {}, options: NetworkOptions = {}) {
    const first = this.nodes.length

    for (let i = 0; i < count; i++) {
      const { aggregation } = (await this.start(init, options)).services
      aggregation.register('load', { function: 'average', value: load(i) })
    }

    return this.nodes.slice(first)
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

export function epochOf({ services }: AggregatingNode): number | undefined {
  return services.aggregation.statistics().epoch
}

/** The last epoch that the peer has finished. */
export function finishedOf({ services }: AggregatingNode): number | undefined {
  return services.aggregation.networkSize()?.epoch
}

/** Whether no exchange that the peer has started is under way. */
export function isAtRest({ services }: AggregatingNode): boolean {
  const { exchanges, outcomes } = services.aggregation.statistics()
  return exchanges.initiated === sum(Object.values(outcomes))
}

/** Lets a peer know of nobody while it pauses: it then starts no exchange. */
export function pausing(components: AggregationComponents, isPaused: () => boolean): AggregationComponents {
  const underlay = () =>
    new Proxy(components.sampling.underlay, {
      get(target, key) {
        const value = Reflect.get(target, key)
        const named = typeof value === 'function' ? value.bind(target) : value
        return key === 'sample' && isPaused() ? () => undefined : named
      }
    })

  return new Proxy(components, {
    get: (target, key) => (key === 'sampling' ? { underlay: underlay() } : Reflect.get(target, key))
  })
}

/** What the epoch under way says at each of them. */
export function estimates(nodes: AggregatingNode[], name: string): number[] {
  return nodes.map(({ services }) => services.aggregation.estimate(name)?.value as number)
}

/** What the last finished epoch says at each of them. */
export function results(nodes: AggregatingNode[], name: string): number[] {
  return nodes.map(({ services }) => services.aggregation.result(name)?.value as number)
}

export function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
