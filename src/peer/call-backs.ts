import type { PeerId } from '@libp2p/interface'
import { getNetConfig } from '@libp2p/utils'
import { CODE_P2P, type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { withId } from '../live/addresses.ts'

/** Most addresses that are called for one asker. */
export const MAX_TARGETS = 4

/** Milliseconds between two calls back to the same peer. */
const PAUSE_PER_PEER = 10_000

/** Calls back in a second, to whomever. */
const PER_SECOND = 5

/**
 * Those of the asker's announced addresses that may be called back: TCP, and on the very IP that it asked from. With any
 * other IP, it could make us knock at somebody else's door.
 */
export function callBackTargets(announced: Uint8Array[], from: Multiaddr, asker: PeerId): Multiaddr[] {
  const ip = hostOf(from)
  const targets = new Map<string, Multiaddr>()

  for (const bytes of announced) {
    try {
      const address = multiaddr(bytes)
      const names = address.getComponents().map(({ name }) => name)
      const id = address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value
      const isPlain =
        names
          .slice(1)
          .filter(name => name !== 'p2p')
          .join() === 'tcp' && !names.includes('p2p-circuit')

      if (ip != null && hostOf(address) === ip && isPlain && (id == null || id === asker.toString())) {
        const target = withId(address, asker)
        targets.set(target.toString(), target)
      }
    } catch {
      // Not an address: nowhere to call.
    }
  }

  return [...targets.values()].slice(0, MAX_TARGETS)
}

/** How often others can make this peer call back. Times are in milliseconds, of any clock that does not go back. */
export class CallBackAllowance {
  /** When each peer was last called. No more entries than calls are allowed in a pause. */
  private readonly last = new Map<string, number>()
  private second = 0
  private inSecond = 0

  /** Whether the peer may be called now; counts as a call when so. */
  take(peer: string, now: number): boolean {
    for (const [other, time] of this.last) {
      if (now - time >= PAUSE_PER_PEER) {
        this.last.delete(other)
      }
    }

    const second = Math.floor(now / 1_000)

    if (second !== this.second) {
      this.second = second
      this.inSecond = 0
    }

    if (this.last.has(peer) || this.inSecond >= PER_SECOND) {
      return false
    }

    this.last.set(peer, now)
    this.inSecond++
    return true
  }
}

/** The IP of an address, or undefined when it has none. */
export function hostOf(address: Multiaddr): string | undefined {
  try {
    const { type, host } = getNetConfig(address)
    return type === 'ip4' || type === 'ip6' ? host : undefined
  } catch {
    return undefined
  }
}
