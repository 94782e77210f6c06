/** What there is to know of a connection when some have to go. */
export interface ConnectionUse {
  /** An exchange, or another protocol of the app, is using it right now. */
  busy: boolean
  /** Its peer is in the view. */
  member: boolean
  /** When it last carried an exchange, or was opened, in milliseconds of any origin. */
  lastUsed: number
}

/**
 * Which connections to close when there are more than a limit: as many as it takes to come down to `target`, so that
 * the next newcomer does not find the door shut. Those whose peer is not in the view go first, longest unused first;
 * busy ones never.
 */
export function surplusConnections<T extends ConnectionUse>(connections: T[], limit: number, target: number): T[] {
  if (connections.length <= limit) {
    return []
  }

  return connections
    .filter(connection => !connection.busy)
    .sort((a, b) => Number(a.member) - Number(b.member) || a.lastUsed - b.lastUsed)
    .slice(0, connections.length - target)
}
