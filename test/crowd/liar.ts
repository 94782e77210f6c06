import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { aggregate } from '../../src/aggregation/aggregate.ts'
import { identityOf } from '../../src/aggregation/identity.ts'
import { MAX_EPOCH } from '../../src/aggregation/index.ts'
import { Exchange, Part } from '../../src/aggregation/messages.ts'
import { decodeFrame, encodeFrame } from '../../src/live/frame.ts'
import { type PeerSampling, peerSampling } from '../../src/sampling/index.ts'
import { PATIENT, PATIENT_LOOPBACK } from '../support/nodes.ts'
import type { AveragingPeer } from './average-crowd.ts'
import { LOAD } from './average-crowd.ts'

/** Milliseconds between two lies told to others. */
const PAUSE = 20

/** An epoch so many back is over for everybody. */
const LONG_AGO = 2

const LIES = [
  'infinite',
  'no number',
  'out of range',
  'share out of range',
  'far ahead',
  'long over',
  'replay'
] as const
export type Lie = (typeof LIES)[number]

/** An honest member of peer sampling that speaks aggregation, but says nothing that can be. */
export class Liar {
  /** How often each lie was told. */
  readonly told = new Map<Lie, number>()
  private readonly node: Libp2p<{ sampling: PeerSampling }>
  private readonly protocol: string
  private readonly stopped = new AbortController()
  private telling: Promise<void> = Promise.resolve()
  /** What honest peers have said to it. */
  private readonly heard: Exchange[] = []
  private latest = 0
  private turn = 0

  private constructor(node: Libp2p<{ sampling: PeerSampling }>, protocol: string) {
    this.node = node
    this.protocol = protocol
  }

  static async start({ addresses, protocol }: AveragingPeer): Promise<Liar> {
    const bootstrap = addresses.map(address => multiaddr(address))
    const node = await createLibp2p({
      ...PATIENT_LOOPBACK,
      services: { sampling: peerSampling({ ...PATIENT, bootstrap }) }
    })
    const liar = new Liar(node, protocol)
    await node.handle(protocol, stream => liar.answer(stream))
    await node.services.sampling.waitForPeer()
    liar.telling = liar.tell()
    return liar
  }

  async stop(): Promise<void> {
    this.stopped.abort()
    await this.telling
    await this.node.stop()
  }

  /** Whoever asks it hears a lie. */
  private async answer(stream: Stream): Promise<void> {
    try {
      for (const messages = lpStream(stream); ; ) {
        const request = decodeFrame((await messages.read()).subarray())
        const said = Exchange.decode(request.body)
        this.hear(said)
        await messages.write(encodeFrame('reply', request.exchange, this.lie(said.exchange)))
      }
    } catch {
      // the other end is done with us
    }
  }

  /** Whomever it meets hears one, too. */
  private async tell(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      const peer = this.node.services.sampling.getPeer()

      try {
        if (peer != null) {
          await this.ask(await this.node.dial(peer.id))
        }
      } catch {
        // refused, or the peer was busy with closing the connection
      }

      await new Promise(resolve => setTimeout(resolve, PAUSE))
    }
  }

  private async ask(connection: Connection): Promise<void> {
    const stream = await connection.newStream(this.protocol)
    const signal = AbortSignal.timeout(1_000)

    try {
      const messages = lpStream(stream)
      await messages.write(encodeFrame('request', this.turn, this.lie(this.turn)), { signal })
      this.hear(Exchange.decode(decodeFrame((await messages.read({ signal })).subarray()).body))
    } finally {
      stream.abort(new Error('said all'))
    }
  }

  private hear(said: Exchange): void {
    if (said.part === Part.TAKES_PART) {
      this.latest = Math.max(this.latest, said.epoch)
      this.heard.push(said)
    }
  }

  /** Each kind in its turn; one that cannot be told yet is passed over. */
  private lie(exchange: number): Uint8Array {
    for (;;) {
      const kind = LIES[this.turn++ % LIES.length]
      const said = this.say(kind)

      if (said != null) {
        this.told.set(kind, (this.told.get(kind) ?? 0) + 1)
        return Exchange.encode({ ...said, exchange: kind === 'replay' ? said.exchange : exchange | 0 })
      }
    }
  }

  private say(kind: Lie): Exchange | undefined {
    const { latest, heard } = this

    switch (kind) {
      case 'infinite':
        return claim(latest, Number.POSITIVE_INFINITY)
      case 'no number':
        return claim(latest, Number.NaN)
      case 'out of range':
        return claim(latest, 1e9)
      case 'share out of range':
        return { ...claim(latest, 50), tags: bytesOf(4), shares: floats(1e9) }
      case 'far ahead':
        return claim(MAX_EPOCH, 100)
      case 'long over':
        return latest < LONG_AGO ? undefined : claim(latest - LONG_AGO, 100)
      case 'replay':
        return heard.find(({ epoch }) => epoch <= latest - LONG_AGO)
    }
  }
}

function claim(epoch: number, value: number): Exchange {
  const identity = identityOf(aggregate(LOAD)).slice() as Uint8Array<ArrayBuffer>
  const aggregates = [{ identity, cells: floats(value) }]
  return { part: Part.TAKES_PART, epoch, round: 1, exchange: 0, aggregates, tags: bytesOf(0), shares: floats() }
}

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length)
}

function floats(...values: number[]): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(values.length * 8)
  values.forEach((value, i) => {
    new DataView(bytes.buffer).setFloat64(i * 8, value, true)
  })
  return bytes
}
