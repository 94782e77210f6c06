import type { Libp2p } from '@libp2p/interface'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { type TopicMessage, type Topics, type TopicsInit, topics } from '../../src/pubsub/topics/index.ts'
import { type PeerSampling, type PeerSamplingInit, peerSampling } from '../../src/sampling/index.ts'
import { LOOPBACK } from '../support/nodes.ts'

export type TopicsNode = Libp2p<{ topics: Topics; sampling: PeerSampling }>

/** Quick, with no limit on how often one may ask: a few peers meet each other again and again. */
const QUICK: PeerSamplingInit = {
  profile: 'local',
  period: 100,
  retryPause: 50,
  requestsPerPeriod: Number.POSITIVE_INFINITY
}

export interface StartOptions {
  sampling?: PeerSamplingInit
  node?: Partial<Libp2pOptions>
}

/** Live peers on loopback that have topics. */
export class Network {
  readonly nodes: TopicsNode[] = []
  private readonly running: Array<{ stop(): unknown }> = []

  /** Starts a peer that joins through the first one. */
  async start(init: TopicsInit = {}, { sampling, node }: StartOptions = {}): Promise<TopicsNode> {
    const bootstrap = this.nodes[0]?.getMultiaddrs() ?? []
    const started = (await createLibp2p({
      ...LOOPBACK,
      ...node,
      services: {
        // what lies above before what lies below
        topics: topics({ seed: this.nodes.length, period: 100, ...init }),
        sampling: peerSampling({ ...QUICK, bootstrap, ...sampling })
      }
    })) as TopicsNode
    this.nodes.push(started)
    return this.keep(started)
  }

  async startMany(count: number): Promise<TopicsNode[]> {
    const first = this.nodes.length === 0 ? [await this.start()] : []
    return [...first, ...(await Promise.all(Array.from({ length: count - first.length }, () => this.start())))]
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

export const bytes = (text: string) => new TextEncoder().encode(text)

/** What a peer's handler of a topic has been told, as text. */
export function listen({ services }: TopicsNode, topic: string, options?: { signal?: AbortSignal }): string[] {
  const heard: string[] = []
  services.topics.subscribe(topic, ({ data }: TopicMessage) => heard.push(new TextDecoder().decode(data)), options)
  return heard
}

export function subscribersAt({ services }: TopicsNode, topic: string): string[] {
  return services.topics.getSubscribers(topic).map(String)
}

/** Whether messages find a way from each of the peers to each of them, over what each knows of the others. */
export function areOneMesh(nodes: TopicsNode[], topic: string): boolean {
  const left = new Map(nodes.map(node => [node.peerId.toString(), node]))
  const ways = [nodes[0]]
  left.delete(nodes[0].peerId.toString())

  for (const node of ways) {
    for (const key of subscribersAt(node, topic)) {
      const other = left.get(key)

      // both must know of it: a mesh is made of ways in both directions
      if (other != null && subscribersAt(other, topic).includes(node.peerId.toString())) {
        left.delete(key)
        ways.push(other)
      }
    }
  }

  return left.size === 0
}
