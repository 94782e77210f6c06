import type { Connection, Libp2pEvents, TypedEventTarget } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import { surplusConnections } from './connections.ts'

export interface ConnectionKeeperInit {
  connectionManager: ConnectionManager
  events: TypedEventTarget<Libp2pEvents>
  /** Connections beyond which some are closed, and down to which. */
  limit: number
  target: number
  /** The protocol whose streams do not make a connection busy by being open. */
  protocol: string
  /** When the connection last carried an exchange (`performance.now()`), and whether it does now. */
  use(connection: Connection): { lastUsed: number; busy: boolean }
  isMember(connection: Connection): boolean
  /** Milliseconds for which a connection that this peer has opened is left alone: what it was opened for may be about to
   * begin. Those that others open get no grace, or a crowd of them could exceed the limit. */
  grace: number
}

/** How long a connection may take to close before it is cut, in milliseconds. */
const CLOSE_TIMEOUT = 1_000

/** Keeps the connections of a node within a limit. Connections that other protocols of the app use are left alone. */
export class ConnectionKeeper {
  private readonly init: ConnectionKeeperInit

  constructor(init: ConnectionKeeperInit) {
    this.init = init
  }

  start(): void {
    this.init.events.addEventListener('connection:open', this.prune)
  }

  stop(): void {
    this.init.events.removeEventListener('connection:open', this.prune)
  }

  private readonly prune = (): void => {
    const { connectionManager, limit, target } = this.init
    const open = connectionManager.getConnections().filter(connection => connection.status === 'open')

    if (open.length <= limit) {
      return
    }

    const uses = open.map(connection => this.useOf(connection))

    for (const { connection } of surplusConnections(uses, limit, target)) {
      connection
        .close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT) })
        .catch(err => connection.abort(err instanceof Error ? err : new Error(String(err))))
    }
  }

  private useOf(connection: Connection) {
    const { lastUsed, busy } = this.init.use(connection)

    return {
      connection,
      busy: busy || this.isJustOpened(connection) || this.isShared(connection),
      member: this.init.isMember(connection),
      // a connection is dated by the wall clock, an exchange by the one that never goes back
      lastUsed: Math.max(performance.timeOrigin + lastUsed, connection.timeline.open)
    }
  }

  private isJustOpened(connection: Connection): boolean {
    return connection.direction === 'outbound' && Date.now() - connection.timeline.open < this.init.grace
  }

  /** Another protocol of the app has opened a stream on it. What others hold open protects nothing. */
  private isShared(connection: Connection): boolean {
    return connection.streams.some(
      ({ protocol, direction }) => direction === 'outbound' && protocol !== this.init.protocol
    )
  }
}
