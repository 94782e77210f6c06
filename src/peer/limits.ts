import type { ConnectionManagerInit } from 'libp2p'
import type { PeerSamplingInit, ProfileName } from '../sampling/index.ts'
import { timingOf } from '../sampling/profiles.ts'

/**
 * Connections that one IP may open in a second, and connections that are not yet authenticated, at most. Our choice. On
 * one machine, and often on one local network, all peers have the same IP, and libp2p's 5 would keep them out; across
 * the internet, some peers share an IP behind a router.
 */
const INBOUND: Record<ProfileName, { perSecond: number; pending: number }> = {
  local: { perSecond: 500, pending: 200 },
  lan: { perSecond: 50, pending: 50 },
  wan: { perSecond: 10, pending: 20 }
}

/**
 * Connections that libp2p accepts beyond the limit of sampling. At the limit itself it would refuse newcomers; with some
 * to spare they come in, and sampling closes those that are needed least.
 */
const SPARE_CONNECTIONS = 10

/** libp2p's limits, as the profile of sampling needs them. */
export function connectionLimits(sampling: PeerSamplingInit = {}): ConnectionManagerInit {
  const { maxConnections, dialTimeout } = timingOf(sampling)
  const { perSecond, pending } = INBOUND[sampling.profile ?? 'lan']

  return {
    maxConnections: maxConnections + SPARE_CONNECTIONS,
    dialTimeout,
    inboundConnectionThreshold: perSecond,
    maxIncomingPendingConnections: pending,
    // Whom to connect to is for gossip to decide.
    reconnectRetries: 0
  }
}
