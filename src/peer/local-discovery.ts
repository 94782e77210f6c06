import type { EventEmitter } from 'node:events'
import type { PeerDiscovery, PeerId, PeerInfo } from '@libp2p/interface'
import { type MulticastDNSComponents, mdns } from '@libp2p/mdns'
import type { PeerSampling } from '../sampling/index.ts'
import { messageOf } from './errors.ts'

/** Under this name only peers of this kind find each other, and not every libp2p program of the local network. */
const SERVICE_TAG = '_gossip-peer._udp.local'

/** Milliseconds until a peer that was contacted, and did not become a member, is contacted again. */
const PAUSE = 30_000

/** Found peers whose last contact is remembered. */
const MAX_FOUND = 1_000

/** Finds peers on the local network by multicast DNS, and contacts them. */
export class LocalDiscovery {
  private readonly onWarning: (message: string) => void
  private readonly lastContact = new Map<string, number>()
  private readonly controller = new AbortController()
  /** Found before libp2p ran: the answers to the first question, and the next one is asked 10 seconds later. */
  private readonly early = new Map<string, PeerInfo>()
  private discovery: PeerDiscovery | undefined
  private member: { sampling: PeerSampling; self: PeerId } | undefined

  constructor(onWarning: (message: string) => void) {
    this.onWarning = onWarning
  }

  /** For libp2p's `peerDiscovery`. */
  readonly factory = (components: MulticastDNSComponents): PeerDiscovery => {
    const discovery = mdns({ serviceTag: SERVICE_TAG })(components)
    discovery.addEventListener('peer', ({ detail }) => this.found(detail))
    this.discovery = discovery
    return discovery
  }

  /** Contacts what was found and what will be. To be called when libp2p runs. */
  start(sampling: PeerSampling, self: PeerId): void {
    this.member = { sampling, self }

    for (const peer of this.early.values()) {
      this.found(peer)
    }

    this.early.clear()
    const socket = (this.discovery as { mdns?: EventEmitter } | undefined)?.mdns
    const warnOnce = (err: unknown) => {
      socket?.off('warning', warnOnce)
      socket?.off('error', warnOnce)
      this.onWarning(
        `mDNS: ${messageOf(err)}; peers of the local network may not be found (is there a multicast route?)`
      )
    }
    socket?.on('warning', warnOnce)
    socket?.on('error', warnOnce)
  }

  stop(): void {
    this.controller.abort()
    this.member = undefined
  }

  private found(peer: PeerInfo): void {
    if (this.member == null) {
      if (this.early.size < MAX_FOUND && !this.controller.signal.aborted) {
        this.early.set(peer.id.toString(), peer)
      }

      return
    }

    if (peer.id.equals(this.member.self)) {
      return
    }

    const { sampling } = this.member
    const name = peer.id.toString()
    const last = this.lastContact.get(name)
    const now = performance.now()

    if ((last != null && now - last < PAUSE) || sampling.view.some(({ id }) => id.equals(peer.id))) {
      return
    }

    this.lastContact.delete(name)
    this.lastContact.set(name, now)

    if (this.lastContact.size > MAX_FOUND) {
      const [oldest] = this.lastContact.keys()
      this.lastContact.delete(oldest)
    }

    // The pause is longer than an attempt: there is never a second one of the same peer at the same time.
    const signal = AbortSignal.any([this.controller.signal, AbortSignal.timeout(PAUSE / 2)])
    sampling.join(peer, { signal }).then(
      outcome => {
        if (outcome === 'busy') {
          // It is there and had no time: the next announcement, some seconds from now, may find it free.
          this.lastContact.delete(name)
        }
      },
      () => {}
    )
  }
}
