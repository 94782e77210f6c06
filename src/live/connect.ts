import type { AbortOptions, Connection, PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import { withId } from './addresses.ts'

/** Somebody to connect to. */
export interface Contact {
  /** Absent when an address was given without the peer's id; whoever answers there is then taken. */
  id?: PeerId
  multiaddrs: Multiaddr[]
}

/** The connection to the contact that is open, or a new one. */
export async function connect(
  connectionManager: ConnectionManager,
  { id, multiaddrs }: Contact,
  options: AbortOptions
): Promise<Connection> {
  if (id == null) {
    return await connectionManager.openConnection(multiaddrs, { signal: options.signal })
  }

  const open = connectionManager.getConnections(id).find(connection => connection.status === 'open')
  const targets = multiaddrs.map(address => withId(address, id))
  return open ?? (await connectionManager.openConnection(targets, { signal: options.signal }))
}
