import type { PeerId } from '@libp2p/interface'
import type { Outcome } from '../gossip/exchange.ts'
import type { PeerTable } from '../gossip/peer-table.ts'
import { gossipRound, isFailure } from '../live/gossip-round.ts'
import type { VerifiedRecord } from '../live/records.ts'
import { CONTACTS_PER_ROUND, FIRST_SAVE, REUNION_EVERY, SAVE_EVERY } from './constants.ts'
import type { Entrance } from './entrance.ts'
import type { Keepsake } from './keepsake.ts'
import type { Membership } from './membership.ts'
import type { Memory } from './memory.ts'
import type { Partners } from './partners.ts'
import type { PeerSamplingProtocol } from './protocol.ts'

export interface ActiveRoundsInit {
  protocol: PeerSamplingProtocol
  peers: PeerTable<VerifiedRecord>
  membership: Membership
  memory: Memory
  keepsake: Keepsake
  partners: Partners
  entrance: Entrance
  /** Milliseconds. */
  period: number
  /** A round begins. */
  onRound(): void
  /** A member had to be dropped. */
  onLost(id: PeerId, why: Outcome): void
}

/** The rounds of the active thread: whom a live peer turns to in each. */
export class ActiveRounds {
  count = 0
  private readonly init: ActiveRoundsInit

  constructor(init: ActiveRoundsInit) {
    this.init = init
  }

  /** One round. Never rejects for what others do. */
  async run(signal: AbortSignal): Promise<void> {
    const { protocol, membership, memory, keepsake, entrance, period, onRound } = this.init
    const began = performance.now()
    this.count++
    onRound()

    if (this.count % SAVE_EVERY === FIRST_SAVE) {
      await keepsake.save(memory)
    }

    if (membership.size > 0 && this.count % REUNION_EVERY === 0) {
      await entrance.reunite(signal)
      return
    }

    const exchange = (partner: number) => this.gossip(partner, signal)

    if (!(await gossipRound({ protocol, tries: CONTACTS_PER_ROUND, period, exchange }, began))) {
      await entrance.enter(signal)
    }
  }

  /** An exchange with a member. */
  private async gossip(partner: number, signal: AbortSignal): Promise<Outcome> {
    const { peers, partners, onLost } = this.init
    const { id } = peers.get(partner) as VerifiedRecord
    const outcome = await partners.gossip(partner, signal)

    if (isFailure(outcome)) {
      onLost(id, outcome)
    }

    return outcome
  }
}
