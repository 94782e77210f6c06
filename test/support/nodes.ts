import '../../src/peer/compat.ts'
import { noise } from '@chainsafe/libp2p-noise'
import type { Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { type PeerSampling, type PeerSamplingInit, peerSampling } from '../../src/sampling/index.ts'
import { eventually } from './eventually.ts'

/** A libp2p node with the sampling service and nothing else. */
export type SamplingNode = Libp2p<{ sampling: PeerSampling }>

/** A node on loopback, at a port that the system chooses, with many others in its process. */
export const LOOPBACK: Omit<Libp2pOptions, 'services'> = {
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionMonitor: { enabled: false },
  connectionManager: {
    maxConnections: 1_000,
    // many peers behind one address: the usual limits take that for an attack
    inboundConnectionThreshold: 10_000,
    maxIncomingPendingConnections: 1_000
  }
}

/** Milliseconds. */
const PATIENCE = 30_000

/** For a crowd on a machine that has other work: whoever is slow is not gone, and who is gone refuses connections at once. */
export const PATIENT: PeerSamplingInit = { profile: 'local', dialTimeout: PATIENCE, exchangeTimeout: PATIENCE }

/** What libp2p needs for the same. */
export const PATIENT_LOOPBACK: Omit<Libp2pOptions, 'services'> = {
  ...LOOPBACK,
  connectionManager: {
    ...LOOPBACK.connectionManager,
    dialTimeout: PATIENCE,
    addressDialTimeout: PATIENCE,
    inboundUpgradeTimeout: PATIENCE,
    inboundStreamProtocolNegotiationTimeout: PATIENCE,
    outboundStreamProtocolNegotiationTimeout: PATIENCE
  }
}

/** Starts a node on loopback. */
export async function startNode(
  init: PeerSamplingInit = {},
  options: Partial<Libp2pOptions<{ sampling: PeerSampling }>> = {}
): Promise<SamplingNode> {
  return createLibp2p({ ...LOOPBACK, services: { sampling: peerSampling({ profile: 'local', ...init }) }, ...options })
}

/** Starts a node that begins no exchange by itself: its first round is over, and the next one comes in an hour. */
export async function startPassiveNode(
  init: PeerSamplingInit = {},
  options: Partial<Libp2pOptions<{ sampling: PeerSampling }>> = {}
): Promise<SamplingNode> {
  const node = await startNode({ ...init, period: PASSIVE_PERIOD }, options)
  await eventually(() => node.services.sampling.statistics().rounds > 0, { what: 'the first round' })
  return node
}

/** The longest period there is, in milliseconds. */
export const PASSIVE_PERIOD = 3_600_000

/** The ids in a node's view. */
export function viewOf(node: SamplingNode): string[] {
  return node.services.sampling.view.map(entry => entry.id.toString())
}

/** What a node has refused, by reason, but for requests that came while it was busy: nobody's fault, and a matter of luck. */
export function offencesAt(node: SamplingNode): Record<string, number> {
  const { busy, ...offences } = node.services.sampling.statistics().refusals
  return offences
}
