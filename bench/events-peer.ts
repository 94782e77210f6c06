import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { type ContentPubSub, contentPubSub } from '../src/pubsub/index.ts'
import { type Topics, topics } from '../src/pubsub/topics/index.ts'
import { type PeerSampling, peerSampling } from '../src/sampling/index.ts'
import { LOOPBACK } from '../test/support/nodes.ts'

export const TOPIC = 'prices'
export const RAW = '/bench/raw/1.0.0'

/** What takes messages from peer to peer. */
export type Kind = 'content' | 'topic' | 'raw'

export type ReceiversCommand =
  | { do: 'start'; kind: Kind; peers: number; bootstrap: string[] }
  | { do: 'count anew' }
  /** Waits until each has taken so many. */
  | { do: 'expect'; count: number }
  | { do: 'report' }

/** What a process of peers says of itself. */
export interface Receivers {
  addresses: string[][]
  counts: number[]
  /** Of peer sampling, of the slowest. */
  rounds: number
  /** Milliseconds of processor time. */
  cpu: number
}

export type Events = Libp2p<{ sampling: PeerSampling; content?: ContentPubSub; topics?: Topics }>

/** A peer on loopback that has one of them. */
export async function startPeer(kind: Kind, bootstrap: Multiaddr[]): Promise<Events> {
  const sampling = peerSampling({ profile: 'lan', bootstrap })

  if (kind === 'content') {
    return await createLibp2p({ ...LOOPBACK, services: { sampling, content: contentPubSub() } })
  }

  if (kind === 'topic') {
    return await createLibp2p({ ...LOOPBACK, services: { sampling, topics: topics() } })
  }

  return await createLibp2p({ ...LOOPBACK, services: { sampling } })
}
