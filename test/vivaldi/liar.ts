import type { PeerId } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { decodeFrame, encodeFrame, type Frame } from '../../src/live/frame.ts'
import type { VerifiedRecord } from '../../src/live/records.ts'
import { PROTOCOL } from '../../src/vivaldi/limits.ts'
import { eventually } from '../support/eventually.ts'
import { answer, replyOf, requestOf, Stranger } from '../support/stranger.ts'
import type { CoordinateNode } from './network.ts'
import { signed } from './signed.ts'

/** A member that says of its coordinate what it likes. */
export class Liar {
  /** Probes that it was asked. */
  probed = 0
  /** How it answers a probe. Default: by the rules, with its record. */
  answersProbe: (request: Frame) => Uint8Array = ({ exchange }) => encodeFrame('reply', exchange, this.record.envelope)
  readonly stranger: Stranger
  private record: VerifiedRecord

  private constructor(stranger: Stranger) {
    this.stranger = stranger
    this.record = stranger.record
  }

  static async start(): Promise<Liar> {
    const stranger = await Stranger.start()
    const liar = new Liar(stranger)
    await stranger.onRequest(({ exchange }, stream) => answer(stream, replyOf([liar.descriptor], exchange)))
    await stranger.onRequest((request, stream) => {
      liar.probed++
      return answer(stream, liar.answersProbe(request))
    }, PROTOCOL)
    return liar
  }

  get id(): PeerId {
    return this.record.id
  }

  /** Signs another record, which others learn of when they next talk to it. */
  async say(value: Uint8Array<ArrayBuffer>): Promise<void> {
    const { privateKey, node } = this.stranger
    this.record = await signed(privateKey, value, { seq: this.record.seq + 1n, addresses: node.getMultiaddrs() })
  }

  /** Gets into the view of a peer, by the rules: it asks until the peer is at leisure. */
  async enter(peer: CoordinateNode): Promise<void> {
    const request = requestOf([this.descriptor])
    await eventually(async () => (await this.stranger.ask(peer, request))[0].kind === 'reply', { what: 'leisure' })
  }

  /** Probes a peer on a stream of its own: the answers, one for each frame. */
  async probe(peer: CoordinateNode, ...frames: Uint8Array[]): Promise<Frame[]> {
    const stream = await (await this.stranger.connect(peer)).newStream(PROTOCOL)
    const messages = lpStream(stream)
    const answers: Frame[] = []

    try {
      for (const frame of frames) {
        await messages.write(frame)
        answers.push(decodeFrame((await messages.read()).subarray()))
      }
    } finally {
      await stream.close().catch(err => stream.abort(err))
    }

    return answers
  }

  async stop(): Promise<void> {
    await this.stranger.stop()
  }

  private get descriptor() {
    return { record: this.record.envelope, age: 0 }
  }
}
