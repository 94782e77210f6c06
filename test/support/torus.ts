import type { Libp2p } from '@libp2p/interface'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { type Overlay, type TorusDirection, type TorusOverlayInit, torusOverlay } from '../../src/overlay/index.ts'
import { type PeerSampling, type PeerSamplingInit, peerSampling } from '../../src/sampling/index.ts'
import { LOOPBACK } from './nodes.ts'

/** A libp2p node with peer sampling and a torus over it. */
export type TorusNode = Libp2p<{ torus: Overlay<number[], TorusDirection>; sampling: PeerSampling }>

export const QUICK_SAMPLING: PeerSamplingInit = { profile: 'local', period: 100, retryPause: 50 }

/** Starts a node on loopback, whose services are named in this order: what lies above before what lies below. */
export async function startTorusNode(
  init: TorusOverlayInit,
  sampling: PeerSamplingInit = {},
  options: Partial<Libp2pOptions> = {}
): Promise<TorusNode> {
  return await createLibp2p({
    ...LOOPBACK,
    ...options,
    services: {
      torus: torusOverlay({ period: 100, ...init }),
      sampling: peerSampling({ ...QUICK_SAMPLING, ...sampling })
    }
  })
}
