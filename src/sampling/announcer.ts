import type { PeerId, PeerInfo } from '@libp2p/interface'
import { Allowance } from '../live/allowance.ts'
import type { VerifiedRecord } from '../live/records.ts'
import { PERIODS_PER_DISCOVERY } from './constants.ts'
import type { PeerSamplingEvents } from './index.ts'
import type { Membership } from './membership.ts'

/** The events of the service, and peer discovery's own. */
export interface AnnouncedEvents extends PeerSamplingEvents {
  peer: CustomEvent<PeerInfo>
}

type Dispatch = <E extends keyof AnnouncedEvents>(type: E, init: { detail: AnnouncedEvents[E]['detail'] }) => void

/** Tells the app what an exchange has changed. */
export class Announcer {
  private readonly membership: Membership
  private readonly capacity: number
  private readonly dispatch: Dispatch
  /** Records already announced as discovered, so that each is announced once. */
  private readonly discovered = new WeakSet<VerifiedRecord>()
  private readonly discoveries: Allowance
  private full = false

  /**
   * @param capacity - of the view
   * @param period - milliseconds
   */
  constructor(membership: Membership, capacity: number, period: number, dispatch: Dispatch) {
    this.membership = membership
    this.capacity = capacity
    this.dispatch = dispatch
    this.discoveries = new Allowance(capacity, 1 / (PERIODS_PER_DISCOVERY * period))
  }

  /** @param met - the peer with which an exchange went well, if one did */
  update(met?: PeerId): void {
    const { membership } = this
    const wasAlone = membership.size === 0
    const { entered, left } = membership.update()

    for (const record of entered) {
      this.dispatch('view:enter', { detail: infoOf(record) })
      this.discover(record)
    }

    for (const record of left) {
      this.dispatch('view:leave', { detail: infoOf(record) })
    }

    if (wasAlone && met != null && membership.size > 0) {
      this.full = false
      this.dispatch('joined', { detail: { through: met } })
    }

    if (!this.full && membership.size === this.capacity) {
      this.full = true
      this.dispatch('view:full', { detail: { size: this.capacity } })
    }
  }

  private discover(record: VerifiedRecord): void {
    if (!this.discovered.has(record) && this.discoveries.take('', performance.now())) {
      this.discovered.add(record)
      this.dispatch('peer', { detail: infoOf(record) })
    }
  }
}

export function infoOf(record: VerifiedRecord): PeerInfo {
  return { id: record.id, multiaddrs: record.multiaddrs }
}
