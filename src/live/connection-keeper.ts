import type { Connection, Libp2pEvents, TypedEventTarget } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import { surplusConnections } from './connections.ts'

export interface ConnectionKeeperInit {
  connectionManager: ConnectionManager
  events: TypedEventTarget<Libp2pEvents>
  /** Connections beyond which some are closed, and down to which. */
  limit: number
  target: number
  isMember(connection: Connection): boolean
  /** Milliseconds for which a connection that this peer has opened is left alone: what it was opened for may be about to
   * begin. Those that others open get no grace, or a crowd of them could exceed the limit. */
  grace: number
}

/** What a gossip protocol says of its streams on a connection. */
export interface ProtocolUse {
  /** When they last carried an exchange, by `performance.now()`; 0 for never. */
  lastUsed: number
  /** One of them does now. */
  busy: boolean
}

/** How long a connection may take to close before it is cut, in milliseconds. */
const CLOSE_TIMEOUT = 1_000

/**
 * Keeps the connections of a node within a limit. Gossip protocols share them, and keep their streams open for later, so
 * that a stream of theirs makes a connection busy only while it carries an exchange. Connections that other protocols of
 * the app use are left alone.
 */
export class ConnectionKeeper {
  private readonly init: ConnectionKeeperInit
  private readonly shares = new Map<string, (connection: Connection) => ProtocolUse>()

  constructor(init: ConnectionKeeperInit) {
    this.init = init
  }

  start(): void {
    this.init.events.addEventListener('connection:open', this.prune)
  }

  stop(): void {
    this.init.events.removeEventListener('connection:open', this.prune)
  }

  /**
   * Takes a gossip protocol among those that share connections.
   *
   * @param protocol - its libp2p protocol id
   * @returns withdraws it: its streams are then like those of any other protocol
   */
  share(protocol: string, use: (connection: Connection) => ProtocolUse): () => void {
    this.shares.set(protocol, use)

    return () => {
      if (this.shares.get(protocol) === use) {
        this.shares.delete(protocol)
      }
    }
  }

  /** Nothing but gossip protocols has a stream on the connection, and none of them an exchange. */
  isIdle(connection: Connection): boolean {
    return connection.streams.every(({ protocol }) => this.shares.has(protocol)) && !this.sharedUse(connection).busy
  }

  private sharedUse(connection: Connection): ProtocolUse {
    const uses = [...this.shares.values()].map(use => use(connection))
    return { lastUsed: Math.max(0, ...uses.map(use => use.lastUsed)), busy: uses.some(use => use.busy) }
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
    const { lastUsed, busy } = this.sharedUse(connection)

    return {
      connection,
      busy: busy || this.isJustOpened(connection) || this.isUsedByApp(connection),
      member: this.init.isMember(connection),
      // a connection is dated by the wall clock, an exchange by the one that never goes back
      lastUsed: Math.max(performance.timeOrigin + lastUsed, connection.timeline.open)
    }
  }

  private isJustOpened(connection: Connection): boolean {
    return connection.direction === 'outbound' && Date.now() - connection.timeline.open < this.init.grace
  }

  /** Another protocol of the app has opened a stream on it. What others hold open protects nothing. */
  private isUsedByApp(connection: Connection): boolean {
    return connection.streams.some(({ protocol, direction }) => direction === 'outbound' && !this.shares.has(protocol))
  }
}
