import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, PrivateKey, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { decodeFrame, encodeFrame, type Frame } from '../../src/live/frame.ts'
import { AxisNumbers } from '../../src/pubsub/axis-numbers.ts'
import { decodeBatchReply, type Fate } from '../../src/pubsub/batches.ts'
import { checkEvent, EVENTS_PROTOCOL, type EventInit, PROTOCOL, SEARCH_PROTOCOL } from '../../src/pubsub/index.ts'
import {
  Batch,
  type BatchReply,
  Found,
  Links,
  BatchReply as Reply,
  Search,
  Subscription
} from '../../src/pubsub/messages.ts'
import { seal } from '../../src/pubsub/sealed.ts'
import { type PublishedEvent, sealEvent, writeAttributes } from '../../src/pubsub/signed-events.ts'
import { SubscriptionRecords } from '../../src/pubsub/subscription-records.ts'
import { answer, Stranger } from '../support/stranger.ts'
import type { ContentNode } from './content.ts'

/** The whole circle. */
const ARC = 2 ** 32

/** Somebody who speaks the protocols of publish/subscribe and keeps no rule of them. */
export class Rogue {
  readonly stranger: Stranger
  private sequence = BigInt(Date.now())

  private constructor(stranger: Stranger) {
    this.stranger = stranger
  }

  static async start(): Promise<Rogue> {
    return new Rogue(await Stranger.start())
  }

  get key(): PrivateKey {
    return this.stranger.privateKey
  }

  async stop(): Promise<void> {
    await this.stranger.stop()
  }

  async connect(peer: ContentNode): Promise<Connection> {
    return await this.stranger.connect(peer)
  }

  /** An event of its own, properly signed. */
  async event(attributes: EventInit, time = Date.now(), sequence = ++this.sequence): Promise<PublishedEvent> {
    return await sealEvent(this.key, checkEvent(attributes), new Uint8Array(0), sequence, time)
  }

  /** A subscription of its own, properly signed whatever it says. */
  async subscription(filter: string, number = 1, key = this.key): Promise<Uint8Array<ArrayBuffer>> {
    return await seal('gossip-peer-subscription', Subscription.encode({ number, filter }), key)
  }

  /** Frames on a stream of their own. It throws where the peer does not answer. */
  async ask(peer: ContentNode, protocol: string, ...bodies: Uint8Array[]): Promise<Frame[]> {
    const stream = await (await this.connect(peer)).newStream(protocol)
    const messages = lpStream(stream)
    const answers: Frame[] = []
    const signal = AbortSignal.timeout(20_000)

    try {
      for (const [i, body] of bodies.entries()) {
        await messages.write(encodeFrame('request', i, body), { signal })
        answers.push(decodeFrame((await messages.read({ signal })).subarray()))
      }
    } finally {
      await stream.close().catch(err => stream.abort(err))
    }

    return answers
  }

  /** The number of the peer's subscription that is nearest to an event. */
  async find(peer: ContentNode, event: EventInit): Promise<number> {
    const stream = await (await this.connect(peer)).newStream(SEARCH_PROTOCOL)
    const messages = lpStream(stream)
    await messages.write(Search.encode({ attributes: writeAttributes(checkEvent(event)) }))
    const { members } = Found.decode((await messages.read()).subarray())
    await stream.close()
    const records = new SubscriptionRecords(new AxisNumbers())
    const opened = await Promise.all(members.map(({ subscription }) => records.verify(subscription)))
    return opened.find(({ peer: key }) => key === peer.peerId.toString())?.number ?? 0
  }

  /** Brings events to a subscription, in one batch. */
  async bring(peer: ContentNode, to: number, ...events: Array<Uint8Array<ArrayBuffer>>): Promise<Fate[]> {
    const handOffs = events.map(event => ({ event, targets: [{ to, arc: ARC }] }))
    const [{ body }] = await this.ask(peer, EVENTS_PROTOCOL, batchOf({ handOffs }))
    return decodeBatchReply(body, events.length).fates
  }

  /** Becomes a member that the peer knows. */
  async enter(peer: ContentNode, to: number, filter: string, more: Partial<Links> = {}): Promise<Frame[]> {
    const from = { record: this.stranger.record.envelope, subscription: await this.subscription(filter), age: 0 }
    return await this.ask(peer, PROTOCOL, linksOf({ from, to, ...more }))
  }

  /** What it says to a batch. */
  async onBatch(reply: (batch: Batch) => BatchReply | Promise<BatchReply>): Promise<void> {
    const respond = async ({ exchange, body }: Frame, stream: Stream) =>
      await answer(stream, encodeFrame('reply', exchange, Reply.encode(await reply(Batch.decode(body)))))
    await this.stranger.onRequest(respond, EVENTS_PROTOCOL)
  }
}

export function batchOf(batch: Partial<Batch>): Uint8Array {
  return Batch.encode({ handOffs: [], notices: [], wanted: new Uint8Array(0), ...batch })
}

export function linksOf(links: Partial<Links>): Uint8Array {
  const nothing = { to: 0, leaving: false, offers: [], known: new Uint8Array(0), events: new Uint8Array(0) }
  return Links.encode({ ...nothing, ...links })
}

/** The last bit of an envelope is one of its signature. */
export function forge(envelope: Uint8Array): Uint8Array<ArrayBuffer> {
  const forged = envelope.slice()
  forged[forged.length - 1] ^= 1
  return forged
}

export async function anotherKey(): Promise<PrivateKey> {
  return await generateKeyPair('Ed25519')
}
