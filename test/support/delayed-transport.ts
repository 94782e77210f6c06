import type {
  AbortOptions,
  Connection,
  CreateListenerOptions,
  DialTransportOptions,
  Listener,
  MultiaddrConnection,
  PeerId,
  Transport,
  Upgrader
} from '@libp2p/interface'
import { transportSymbol } from '@libp2p/interface'
import { type TCPComponents, tcp } from '@libp2p/tcp'
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Uint8ArrayList } from 'uint8arraylist'
import { DelayLine } from './delay-line.ts'

/** How many milliseconds the way between two peers takes, there and back. It may say something else at any time. */
export type Layout = (local: string, remote: string) => number

export interface DelayedTransportComponents extends TCPComponents {
  peerId: PeerId
}

/**
 * TCP on a machine whose kernel delays nothing, with the round trips of a layout. Whoever dials delays both directions of the
 * connection by half of the round trip each: the other end needs to know nothing, and whose address it is that is dialled says the
 * address itself. A relay between two sockets would need one port for each pair, and addresses that are not those in the
 * records of the peers.
 *
 * To open the connection takes no time; all that goes over it does, from the first byte of the handshake.
 */
export function delayedTcp(layout: Layout): (components: DelayedTransportComponents) => Transport {
  return components => new DelayedTransport(components, layout)
}

class DelayedTransport implements Transport {
  readonly [transportSymbol] = true
  readonly [Symbol.toStringTag] = '@gossip-peer/delayed-tcp'
  private readonly inner: Transport
  private readonly local: string
  private readonly layout: Layout

  constructor(components: DelayedTransportComponents, layout: Layout) {
    this.inner = tcp()(components)
    this.local = components.peerId.toString()
    this.layout = layout
  }

  async dial(address: Multiaddr, options: DialTransportOptions): Promise<Connection> {
    const { upgrader } = options
    const remote = peerIn(address)
    const delay = () => this.layout(this.local, remote) / 2
    const upgradeOutbound: Upgrader['upgradeOutbound'] = (wire: MultiaddrConnection, init: object) =>
      upgrader.upgradeOutbound(new DelayedConnection(wire, delay), init as Parameters<Upgrader['upgradeOutbound']>[1])
    return await this.inner.dial(address, {
      ...options,
      upgrader: Object.assign(Object.create(upgrader) as Upgrader, { upgradeOutbound })
    })
  }

  createListener(options: CreateListenerOptions): Listener {
    return this.inner.createListener(options)
  }

  listenFilter(addresses: Multiaddr[]): Multiaddr[] {
    return this.inner.listenFilter(addresses)
  }

  dialFilter(addresses: Multiaddr[]): Multiaddr[] {
    return this.inner.dialFilter(addresses)
  }
}

function peerIn(address: Multiaddr): string {
  const peer = address.getComponents().find(({ name }) => name === 'p2p')?.value

  if (peer == null) {
    throw new Error(`${address} does not say which peer is there, and so not how far away it is`)
  }

  return peer
}

/** A connection whose bytes take their time in both directions, and so does its end. What is under way is not limited. */
class DelayedConnection extends AbstractMultiaddrConnection {
  private readonly wire: MultiaddrConnection
  private readonly out: DelayLine

  constructor(wire: MultiaddrConnection, delay: () => number) {
    const { remoteAddr, direction, log } = wire
    super({ remoteAddr, direction, log: log.newScope('delayed') })
    this.wire = wire
    this.out = new DelayLine(delay)
    const incoming = new DelayLine(delay)
    wire.addEventListener('message', ({ data }) => incoming.push(() => this.onData(data)))
    wire.addEventListener('close', ({ error }) => incoming.push(() => this.onTransportClosed(error)))
    this.addEventListener('close', () => {
      this.out.cut()
      incoming.cut()
    })
  }

  sendData(data: Uint8ArrayList): SendResult {
    // whoever wrote it may use its memory again
    const sent = data.slice()
    this.out.push(() => {
      if (this.wire.status === 'open') {
        this.wire.send(sent)
      }
    })
    return { sentBytes: data.byteLength, canSendMore: true }
  }

  async sendClose(options?: AbortOptions): Promise<void> {
    await this.out.flushed()
    await this.wire.close(options)
  }

  sendReset(err: Error): void {
    this.wire.abort(err)
  }

  sendPause(): void {
    if (this.wire.status === 'open') {
      this.wire.pause()
    }
  }

  sendResume(): void {
    if (this.wire.status === 'open') {
      this.wire.resume()
    }
  }
}
