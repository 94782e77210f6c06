import { type GossipProtocol, NOBODY, type Outcome } from '../gossip/exchange.ts'
import { SELF } from './population.ts'

export interface RoundInit {
  protocol: Pick<GossipProtocol<never>, 'partner' | 'anotherPartner'>
  /** Partners tried in one round, at most. */
  tries: number
  /** A busy partner, too, is followed by another one. */
  insists?: boolean
  /** Milliseconds. */
  period: number
  /** An exchange with the partner. */
  exchange(partner: number): Promise<Outcome>
}

/**
 * One round of a protocol: an exchange with a partner. One that fails at once leaves time for another one in the same round,
 * and so does one that is busy, for a protocol that insists on its exchange.
 *
 * @param began - when the round began, by `performance.now()`
 * @returns false when the protocol knew nobody to begin with
 */
export async function gossipRound(init: RoundInit, began: number): Promise<boolean> {
  const { protocol, tries, insists = false, period, exchange } = init
  let partner = protocol.partner(SELF)

  if (partner === NOBODY) {
    return false
  }

  for (let left = tries; left > 0 && partner !== NOBODY; left--) {
    const outcome = await exchange(partner)
    const isOver = !isFailure(outcome) && !(insists && outcome === 'busy')

    if (isOver || performance.now() - began > period / 2) {
      return true
    }

    partner = left > 1 ? protocol.anotherPartner(SELF) : NOBODY
  }

  return true
}

/** How an exchange ends when the partner is at fault, or gone. */
export type PartnerFailure = Exclude<Outcome, 'answered' | 'busy' | 'aborted'>

/** The partner is at fault, or gone. */
export function isFailure(outcome: Outcome): outcome is PartnerFailure {
  return outcome !== 'answered' && outcome !== 'busy' && outcome !== 'aborted'
}
