import {
  type AbortOptions,
  type ComponentLogger,
  type Connection,
  type Logger,
  type PeerInfo,
  type Startable,
  type Stream,
  serviceCapabilities
} from '@libp2p/interface'
import type { AddressManager, ConnectionManager, Registrar } from '@libp2p/interface-internal'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { connect } from '../live/connect.ts'
import { Deadline } from '../live/deadline.ts'
import { boundedMessages } from '../live/streams.ts'
import { CallBackAllowance, callBackTargets } from './call-backs.ts'
import { CheckupReply, CheckupRequest } from './messages.ts'

/** One member asks another one: can you reach me, and what time is it? */
export const CHECKUP_PROTOCOL = '/gossip-peer/checkup/1.0.0'

/** Addresses in a question, and bytes of a question or an answer. */
const MAX_ADDRESSES = 16
const MAX_BYTES = 4 * 1024

/** Milliseconds for calling back, and for all that happens on a stream: that, and the time to talk. */
const CALL_TIMEOUT = 4_000
const STREAM_TIMEOUT = 8_000

export interface CheckupComponents {
  registrar: Registrar
  connectionManager: ConnectionManager
  addressManager: AddressManager
  logger: ComponentLogger
}

/** What a member found out. It is that member's claim. */
export interface CheckupAnswer {
  /** Whether it tried to call back. Not when it was asked too often. */
  tried: boolean
  /** Whether it reached us with a new connection. */
  reachable: boolean
  /** The address at which it did. */
  address?: Multiaddr
  /** Its clock minus ours in milliseconds, corrected by half the time that the answer took. */
  clockOffset: number
}

/** Lets members check each other. Every peer answers; {@link Checkup.ask} asks. */
export interface Checkup {
  /**
   * Asks a member to call back.
   *
   * @throws when it cannot be reached, does not know the protocol, answers nonsense, or takes longer than 8 seconds
   */
  ask(member: PeerInfo, options?: AbortOptions): Promise<CheckupAnswer>
}

/** The service factory. */
export function checkup(): (components: CheckupComponents) => Checkup {
  return components => new CheckupService(components)
}

class CheckupService implements Checkup, Startable {
  readonly [Symbol.toStringTag] = '@gossip-peer/checkup'
  readonly [serviceCapabilities]: string[] = ['@gossip-peer/checkup']
  private readonly components: CheckupComponents
  private readonly log: Logger
  private readonly allowance = new CallBackAllowance()
  private controller = new AbortController()
  private started = false

  constructor(components: CheckupComponents) {
    this.components = components
    this.log = components.logger.forComponent('gossip-peer:checkup')
  }

  isStarted(): boolean {
    return this.started
  }

  async start(): Promise<void> {
    if (this.started) {
      return
    }

    this.started = true
    this.controller = new AbortController()
    await this.components.registrar.handle(CHECKUP_PROTOCOL, this.onStream, {
      maxInboundStreams: 1,
      maxOutboundStreams: 1
    })
  }

  async stop(): Promise<void> {
    if (!this.started) {
      return
    }

    this.started = false
    this.controller.abort()
    await this.components.registrar.unhandle(CHECKUP_PROTOCOL)
  }

  async ask(member: PeerInfo, options: AbortOptions = {}): Promise<CheckupAnswer> {
    return await this.within(STREAM_TIMEOUT, options.signal, async signal => {
      const connection = await connect(this.components.connectionManager, member, { signal })
      const stream = await connection.newStream(CHECKUP_PROTOCOL, { signal })

      try {
        const messages = boundedMessages(stream, MAX_BYTES)
        const addresses = this.components.addressManager
          .getAddresses()
          .slice(0, MAX_ADDRESSES)
          .map(({ bytes }) => bytes as Uint8Array<ArrayBuffer>)
        const asked = Date.now()
        const began = performance.now()
        await messages.write(CheckupRequest.encode({ addresses }), { signal })
        const reply = CheckupReply.decode(await messages.read({ signal }))
        const took = performance.now() - began

        if (!Number.isFinite(reply.now)) {
          throw new Error('the clock of the member is not a number')
        }

        await stream.close({ signal })

        return {
          tried: reply.tried,
          reachable: reply.reachable,
          ...(reply.address.length > 0 ? { address: multiaddr(reply.address) } : {}),
          clockOffset: Math.round(reply.now - (asked + took / 2))
        }
      } catch (err) {
        stream.abort(asError(err))
        throw err
      }
    })
  }

  private readonly onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    try {
      await this.within(STREAM_TIMEOUT, undefined, async signal => {
        const messages = boundedMessages(stream, MAX_BYTES)
        const { addresses } = CheckupRequest.decode(await messages.read({ signal }), {
          limits: { addresses: MAX_ADDRESSES }
        })
        const found = await this.callBack(addresses, connection, signal)
        await messages.write(CheckupReply.encode({ ...found, now: Date.now() }), { signal })
        await stream.close({ signal })
      })
    } catch (err) {
      this.log('checkup for %p failed - %e', connection.remotePeer, err)
      stream.abort(asError(err))
    }
  }

  private async callBack(
    announced: Uint8Array[],
    { remoteAddr, remotePeer }: Connection,
    signal: AbortSignal
  ): Promise<Partial<CheckupReply>> {
    const targets = callBackTargets(announced, remoteAddr, remotePeer)

    if (!this.allowance.take(remotePeer.toString(), performance.now())) {
      return { tried: false }
    }

    if (targets.length === 0) {
      return { tried: true, reachable: false }
    }

    try {
      // A new connection: that the asker could reach us does not say that it can be reached.
      const connection = await this.within(CALL_TIMEOUT, signal, async signal => {
        return await this.components.connectionManager.openConnection(targets, { force: true, signal })
      })
      const address = connection.remoteAddr.bytes as Uint8Array<ArrayBuffer>
      await connection.close({ signal }).catch(err => connection.abort(asError(err)))
      return { tried: true, reachable: true, address }
    } catch (err) {
      signal.throwIfAborted()
      this.log('could not call %p back - %e', remotePeer, err)
      return { tried: true, reachable: false }
    }
  }

  /** Runs with a signal that ends with the service, with the given one, or after the milliseconds. */
  private async within<T>(
    timeout: number,
    given: AbortSignal | undefined,
    run: (signal: AbortSignal) => Promise<T>
  ): Promise<T> {
    const stop = this.controller.signal
    const deadline = new Deadline(timeout, given == null ? stop : AbortSignal.any([given, stop]))

    try {
      return await run(deadline.signal)
    } finally {
      deadline.clear()
    }
  }
}

function asError(err: unknown): Error {
  return err instanceof Error ? err : new Error(String(err))
}
