import type { PeerId } from '@libp2p/interface'
import { CODE_P2P, type Multiaddr } from '@multiformats/multiaddr'

/** The address without the peer's own id at its end. The id of a relay in the middle stays. */
export function withoutId(address: Multiaddr): Multiaddr {
  return address.getComponents().at(-1)?.code === CODE_P2P ? address.decapsulateCode(CODE_P2P) : address
}

/** The address with the peer's id at its end: only that peer may then answer there. */
export function withId(address: Multiaddr, id: PeerId): Multiaddr {
  return withoutId(address).encapsulate(`/p2p/${id}`)
}
