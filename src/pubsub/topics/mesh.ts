import {
  type GossipSub,
  type GossipSubComponents,
  gossipsub,
  type Message,
  StrictSign,
  TopicValidatorResult
} from '@libp2p/gossipsub'
import type { Connection, Libp2pEvents, Logger, PeerId, Startable, Stream, TypedEventTarget } from '@libp2p/interface'
import type { Refusal } from '../../live/refusal.ts'
import type { TopicMessage } from './index.ts'
import * as limits from './limits.ts'
import { Pace } from './pace.ts'

export interface MeshComponents extends GossipSubComponents {
  events: TypedEventTarget<Libp2pEvents>
}

export interface MeshInit {
  components: MeshComponents
  log: Logger
  onMessage(message: TopicMessage): void
  onRefused(reason: Refusal): void
  /** A peer has said what it subscribes to, or has gone. */
  onSubscribers(): void
}

/**
 * Gossipsub as this service runs it. libp2p tells gossipsub of peers that identify finds to speak it, at the moment when they connect;
 * here peers are known to speak it by their records, and may have been connected long before either end began to. So they are
 * introduced by {@link introduce}, and that they have gone is passed on at once.
 */
export class Mesh {
  private readonly init: MeshInit
  private readonly pubsub: GossipSub & Startable
  private readonly pace = new Pace(limits.MAX_UNSENT_BYTES, limits.SEND_PATIENCE)
  /** Ends when the last message so far has been sent. */
  private lane: Promise<unknown> = Promise.resolve()

  constructor(init: MeshInit) {
    this.init = init
    this.pubsub = gossipsub({
      globalSignaturePolicy: StrictSign,
      // nobody being there is an answer, no error
      allowPublishToZeroTopicPeers: true,
      fallbackToFloodsub: false,
      // whom to keep is told to the connection keeper, and a store of peers would remember it after they have gone
      tagMeshPeers: false,
      maxOutboundBufferSize: limits.MAX_WAITING_BYTES,
      maxTopicBytesPerPeer: limits.MAX_TOPIC_BYTES_PER_PEER,
      D: limits.WANTED_SUBSCRIBERS,
      Dhi: limits.KEPT_SUBSCRIBERS,
      // Eleven peers behind one address would be ignored: those of one machine, or of an office. Who may take part is for peer
      // sampling to say.
      scoreParams: { IPColocationFactorWeight: 0 }
    })(init.components) as GossipSub & Startable
  }

  async start(): Promise<void> {
    await this.pubsub.start()
    this.pubsub.addEventListener('message', this.onMessage)
    this.pubsub.addEventListener('subscription-change', this.init.onSubscribers)
    this.init.components.events.addEventListener('peer:disconnect', this.onGone)
  }

  async stop(): Promise<void> {
    this.init.components.events.removeEventListener('peer:disconnect', this.onGone)
    this.pubsub.removeEventListener('subscription-change', this.init.onSubscribers)
    this.pubsub.removeEventListener('message', this.onMessage)
    this.subscribe([])
    let timer: ReturnType<typeof setTimeout> | undefined
    const patience = new Promise<void>(resolve => {
      timer = setTimeout(resolve, limits.STOP_PATIENCE)
    })

    try {
      await Promise.race([this.pubsub.stop(), patience])
    } finally {
      clearTimeout(timer)
    }

    // the other ends would go on sending into what nobody reads
    this.init.components.connectionManager.getConnections().forEach(cutStreams)
  }

  /** Subscribes to these topics, and to no others any more. */
  subscribe(topics: string[]): void {
    const subscribed = this.pubsub.getTopics()

    for (const topic of subscribed.filter(topic => !topics.includes(topic))) {
      this.pubsub.unsubscribe(topic)
      this.pubsub.topicValidators.delete(topic)
    }

    for (const topic of topics.filter(topic => !subscribed.includes(topic))) {
      this.pubsub.topicValidators.set(topic, this.validate)
      this.pubsub.subscribe(topic)
    }
  }

  /** The peers that are connected and subscribe to the topic. */
  subscribers(topic: string): PeerId[] {
    return this.pubsub.getSubscribers(topic)
  }

  /** Resolves when some peer subscribes to the topic, or the signal is aborted. */
  async subscribed(topic: string, signal: AbortSignal): Promise<void> {
    await new Promise<void>(resolve => {
      const check = () => {
        if (signal.aborted || this.subscribers(topic).length > 0) {
          this.pubsub.removeEventListener('subscription-change', check)
          signal.removeEventListener('abort', check)
          resolve()
        }
      }
      this.pubsub.addEventListener('subscription-change', check)
      signal.addEventListener('abort', check)
      check()
    })
  }

  /** The keys of all peers that gossipsub knows of, whatever they subscribe to. */
  peers(): Set<string> {
    return new Set(this.pubsub.getPeers().map(String))
  }

  /**
   * Publishes one message after the other, at the pace of those who get them first.
   *
   * @returns to how many peers it was sent
   */
  async publish(topic: string, payload: Uint8Array, signal?: AbortSignal): Promise<number> {
    const published = this.lane.then(async () => {
      await this.pace.wait(this.streamsTo(topic))
      signal?.throwIfAborted()
      const { recipients } = await this.pubsub.publish(topic, payload)
      return recipients.length
    })
    this.lane = published.catch(() => {})
    return await published
  }

  /** Tells gossipsub that the peer is connected, as libp2p does after identify. A peer that it knows already may be introduced. */
  introduce(connection: Connection): void {
    for (const topology of this.topologies()) {
      topology.onConnect?.(connection.remotePeer, connection)
    }
  }

  /**
   * Whether messages go both ways: gossipsub does not find out by itself when a stream has broken under it.
   *
   * @param connections - those to one peer, which may have each way on another one
   */
  isSound(connections: Connection[]): boolean {
    const streams = connections.flatMap(({ streams }) => streams)
    const open = streams.filter(({ protocol, status }) => isGossipsub(protocol) && status === 'open')
    return ['inbound', 'outbound'].every(direction => open.some(stream => stream.direction === direction))
  }

  /** Lets gossipsub forget a peer at both ends, to be introduced anew some time after. */
  forget(peer: PeerId, connections: Connection[]): void {
    for (const connection of connections) {
      cutStreams(connection)
    }

    for (const topology of this.topologies()) {
      topology.onDisconnect?.(peer)
    }
  }

  private readonly onGone = ({ detail: peer }: CustomEvent<PeerId>): void => {
    this.forget(peer, [])
    this.init.onSubscribers()
  }

  /** The streams that messages of the topic go out on. */
  private streamsTo(topic: string): Stream[] {
    const { connectionManager } = this.init.components
    return this.subscribers(topic)
      .flatMap(peer => connectionManager.getConnections(peer))
      .flatMap(({ streams }) => streams)
      .filter(({ protocol, direction }) => isGossipsub(protocol) && direction === 'outbound')
  }

  /** That of one of its protocols: it is the same for all of them. */
  private topologies() {
    return this.init.components.registrar.getTopologies(limits.GOSSIPSUB_PROTOCOLS[0])
  }

  private readonly validate = (_peer: PeerId, { data }: Message): TopicValidatorResult => {
    if (data.byteLength <= limits.MAX_PAYLOAD_BYTES) {
      return TopicValidatorResult.Accept
    }

    this.init.onRefused('too-long')
    return TopicValidatorResult.Reject
  }

  private readonly onMessage = ({ detail: message }: CustomEvent<Message>): void => {
    // strictly signed ones are the only ones that come
    if (message.type === 'signed') {
      const { topic, from, data, sequenceNumber } = message
      // gossipsub may yet send it to others: what the application is given is its own
      this.init.onMessage({ topic, from, data: new Uint8Array(data), sequenceNumber })
    }
  }
}

/** Cuts all streams of gossipsub on the connection: the other end is told. */
function cutStreams({ streams }: Connection): void {
  for (const stream of streams.filter(({ protocol }) => isGossipsub(protocol))) {
    stream.abort(new Error('gossipsub begins anew, or has ended'))
  }
}

function isGossipsub(protocol: string): boolean {
  return limits.GOSSIPSUB_PROTOCOLS.includes(protocol)
}
