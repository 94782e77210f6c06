import '../../src/peer/compat.ts'
import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Libp2p, PrivateKey, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { decodeFrame, encodeFrame, type Frame } from '../../src/live/frame.ts'
import { Records, type VerifiedRecord } from '../../src/live/records.ts'
import { PROTOCOL } from '../../src/sampling/index.ts'
import { type Descriptor, Exchange } from '../../src/sampling/messages.ts'
import { eventually } from './eventually.ts'
import type { SamplingNode } from './nodes.ts'

/** Limits far above those of honest peers: a stranger may seal what they refuse. */
export const lax = new Records({ maxBytes: 1_000_000, maxAddresses: 1_000, maxCached: 10_000 })

/** The frame of a request that lists these descriptors. */
export function requestOf(descriptors: Descriptor[], exchange = 1): Uint8Array {
  return encodeFrame('request', exchange, Exchange.encode({ joining: false, descriptors }))
}

export function replyOf(descriptors: Descriptor[], exchange: number): Uint8Array {
  return encodeFrame('reply', exchange, Exchange.encode({ joining: false, descriptors }))
}

/** Somebody at the other end who speaks the protocol but keeps no rule of it, on a real libp2p node. */
export class Stranger {
  readonly node: Libp2p
  readonly privateKey: PrivateKey
  /** What it says of itself, properly signed. */
  readonly record: VerifiedRecord

  private constructor(node: Libp2p, privateKey: PrivateKey, record: VerifiedRecord) {
    this.node = node
    this.privateKey = privateKey
    this.record = record
  }

  /** @param listens - one that does not can ask, but is of no use as a member */
  static async start(listens = true, key?: PrivateKey): Promise<Stranger> {
    const privateKey = key ?? (await generateKeyPair('Ed25519'))
    const node = await createLibp2p({
      privateKey,
      addresses: { listen: listens ? ['/ip4/127.0.0.1/tcp/0'] : [] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false }
    })
    return new Stranger(node, privateKey, await lax.seal(privateKey, node.getMultiaddrs(), 1n))
  }

  get id(): string {
    return this.record.key
  }

  /** What it does when somebody opens a stream to it. */
  async onStream(handler: (stream: Stream, connection: Connection) => void, protocol = PROTOCOL): Promise<void> {
    await this.node.handle(protocol, handler)
  }

  /** What it does with each request that comes. */
  async onRequest(
    handler: (request: Frame, stream: Stream, connection: Connection) => unknown,
    protocol = PROTOCOL
  ): Promise<void> {
    await this.onStream(async (stream, connection) => {
      try {
        const messages = lpStream(stream)

        for (;;) {
          await handler(decodeFrame((await messages.read()).subarray()), stream, connection)
        }
      } catch {
        // the other end is done with us
      }
    }, protocol)
  }

  async connect(peer: SamplingNode): Promise<Connection> {
    return await this.node.dial(peer.getMultiaddrs())
  }

  /** Sends whole frames on a stream of their own, one after the other, and returns the answers to each. */
  async ask(peer: SamplingNode, ...frames: Uint8Array[]): Promise<Frame[]> {
    const connection = await this.connect(peer)
    const stream = await connection.newStream(PROTOCOL)
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

  /** Gets into the view of a peer, by the rules: it asks until the peer is at leisure. */
  async enter(peer: SamplingNode): Promise<void> {
    await eventually(
      async () => {
        const [{ kind }] = await this.ask(peer, requestOf([{ record: this.record.envelope, age: 0 }]))
        return kind === 'reply'
      },
      { what: 'a peer at leisure' }
    )
  }

  async stop(): Promise<void> {
    await this.node.stop()
  }
}

/** Writes a frame with its length before it. */
export async function answer(stream: Stream, frame: Uint8Array): Promise<void> {
  await lpStream(stream).write(frame)
}

/** A length prefix that announces more than two thousand million bytes. */
export const HUGE_LENGTH = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x07)
