import assert from 'node:assert/strict'
import type { Libp2p } from '@libp2p/interface'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import {
  type ContentPubSub,
  type ContentPubSubInit,
  contentPubSub,
  type DeliveredEvent,
  type EventInit,
  type PublishOutcome,
  type Subscription
} from '../../src/pubsub/index.ts'
import { type PeerSampling, type PeerSamplingInit, peerSampling } from '../../src/sampling/index.ts'
import { eventually } from '../support/eventually.ts'
import { PASSIVE_PERIOD, PATIENT, PATIENT_LOOPBACK } from '../support/nodes.ts'

export type ContentNode = Libp2p<{ content: ContentPubSub; sampling: PeerSampling }>

/** A few peers that meet each other again and again, with no limit on how often they may. */
const QUICK: PeerSamplingInit = { ...PATIENT, period: 60, retryPause: 50, requestsPerPeriod: Number.POSITIVE_INFINITY }

/** Milliseconds between two rounds of subscriptions. */
const PERIOD = 120

/** Live peers on loopback with publish/subscribe by content. */
export class ContentNetwork {
  readonly nodes: ContentNode[] = []
  private readonly running: Array<{ stop(): unknown }> = []

  /** Starts a peer that joins through the first one. */
  async start(
    init: ContentPubSubInit = {},
    sampling: PeerSamplingInit = {},
    options: Partial<Libp2pOptions> = {}
  ): Promise<ContentNode> {
    const bootstrap = this.nodes[0]?.getMultiaddrs() ?? []
    const node = (await createLibp2p({
      ...PATIENT_LOOPBACK,
      ...options,
      services: {
        // what lies above before what lies below
        content: contentPubSub({ period: PERIOD, ...init }),
        sampling: peerSampling({ ...QUICK, bootstrap, ...sampling })
      }
    })) as ContentNode
    this.nodes.push(node)
    this.running.push(node)
    return node
  }

  /** Starts so many peers that all know somebody. */
  async startAll(count: number): Promise<ContentNode[]> {
    const first = await this.start()
    const others = await Promise.all(Array.from({ length: count - 1 }, () => this.start()))
    const nodes = [first, ...others]
    await eventually(() => nodes.every(({ services }) => services.sampling.view.length > 0), { what: 'views' })
    return nodes
  }

  /** Starts a peer that begins nothing by itself: its first rounds are over, and the next ones come in an hour. */
  async startStill(init: ContentPubSubInit = {}, sampling: PeerSamplingInit = {}): Promise<ContentNode> {
    const period = PASSIVE_PERIOD
    const node = await this.start({ period, ...init }, { ...sampling, period })
    const { content, sampling: below } = node.services
    await eventually(() => below.statistics().rounds > 0 && content.statistics().rounds > 0, { what: 'first rounds' })
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

/** A subscription, and what its handler was given. */
export interface Listener {
  subscription: Subscription
  events: DeliveredEvent[]
}

export function listen({ services }: ContentNode, filter: string): Listener {
  const events: DeliveredEvent[] = []
  return { subscription: services.content.subscribe(filter, event => events.push(event)), events }
}

/** What the handler was given, by ids. No event is given twice. */
export function idsOf({ events }: Listener): string[] {
  const ids = events.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length, 'an event is given once')
  return ids
}

/** Publishes events of this kind until one of them is had by all these: by then, their links have formed. */
export async function untilReached(
  { services }: ContentNode,
  event: EventInit,
  listeners: readonly Listener[]
): Promise<void> {
  let published: PublishOutcome | undefined
  await eventually(
    async () => {
      published = await services.content.publish(event)
      const { id } = published
      const hadByAll = () => listeners.every(({ events }) => events.some(event => event.id === id))
      await eventually(hadByAll, { deadline: 400, what: 'it is had by all' })
      return true
    },
    { deadline: 25_000, what: 'an event that reaches all' }
  )
}
