import type { Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import type { Aggregate } from '../../src/aggregation/aggregate.ts'
import { identityOf } from '../../src/aggregation/identity.ts'
import { Exchange, Part } from '../../src/aggregation/messages.ts'
import { decodeFrame, encodeFrame, type Frame } from '../../src/live/frame.ts'
import { Stranger } from '../support/stranger.ts'
import type { AggregatingNode } from './network.ts'

/** Somebody at the other end who speaks the protocol, and says what it likes. */
export class Speaker {
  readonly stranger: Stranger

  private constructor(stranger: Stranger) {
    this.stranger = stranger
  }

  static async start(): Promise<Speaker> {
    return new Speaker(await Stranger.start())
  }

  /** Sends requests on a stream of their own, one after the other: the answers, up to where the peer would hear no more. */
  async tell(peer: AggregatingNode, ...bodies: Uint8Array[]): Promise<Frame[]> {
    const connection = await this.stranger.node.dial(peer.getMultiaddrs(), { force: true })
    const answers: Frame[] = []

    try {
      const messages = lpStream(await connection.newStream(peer.services.aggregation.protocol))

      for (const [i, body] of bodies.entries()) {
        await messages.write(encodeFrame('request', i, body))
        answers.push(decodeFrame((await messages.read()).subarray()))
      }
    } catch {
      // it was refused
    } finally {
      connection.abort(new Error('said all'))
    }

    return answers
  }

  /** Becomes a member, and answers every request in this way. */
  async answer(peer: AggregatingNode, body: (request: Exchange) => Uint8Array): Promise<void> {
    const serve = async (stream: Stream) => {
      try {
        for (const messages = lpStream(stream); ; ) {
          const request = decodeFrame((await messages.read()).subarray())
          await messages.write(encodeFrame('reply', request.exchange, body(Exchange.decode(request.body))))
        }
      } catch {
        // the other end is done with us
      }
    }

    await this.stranger.node.handle(peer.services.aggregation.protocol, serve)
    await this.stranger.enter(peer)
  }

  async stop(): Promise<void> {
    await this.stranger.stop()
  }
}

/** Values as they go over the wire: numbers of 64 bits, little-endian. */
export function floats(...values: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 8)
  values.forEach((value, i) => {
    new DataView(bytes.buffer).setFloat64(i * 8, value, true)
  })
  return bytes
}

export function tagsOf(...tags: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(tags.length * 4)
  tags.forEach((tag, i) => {
    new DataView(bytes.buffer).setUint32(i * 4, tag, true)
  })
  return bytes
}

/** What an aggregate is on the wire. */
export function cellsOf(aggregate: Aggregate, ...values: number[]): Exchange['aggregates'][number] {
  return { identity: identityOf(aggregate).slice() as Uint8Array<ArrayBuffer>, cells: floats(...values) }
}

/** A sound message of epoch 0, but for what is said otherwise. */
export function said(otherwise: Partial<Exchange>): Uint8Array {
  return Exchange.encode({
    part: Part.TAKES_PART,
    epoch: 0,
    round: 1,
    exchange: 1,
    aggregates: [],
    tags: tagsOf(1),
    shares: floats(1),
    ...otherwise
  })
}
