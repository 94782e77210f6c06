import { type GossipProtocol, NOBODY, type Outcome } from '../gossip/exchange.ts'
import { SELF } from './population.ts'

/** Turns of a round begin within so many periods of it. Our choice: what a newcomer gains by them is worth a late round. */
const PERIODS_FOR_TURNS = 2

/** What a round asks a protocol. */
export interface RoundProtocol extends Pick<GossipProtocol<never>, 'partner' | 'anotherPartner'> {
  /** Exchanges that the node may start in this round, one after the other. Default: one. */
  turns?(node: number): number
}

export interface RoundInit {
  protocol: RoundProtocol
  /** Partners tried in one turn, at most. */
  tries: number
  /** A busy partner, too, is followed by another one. */
  insists?: boolean
  /** Milliseconds. */
  period: number
  /** An exchange with the partner. */
  exchange(partner: number): Promise<Outcome>
}

/**
 * One round of a protocol: an exchange with a partner in each turn, until the protocol knows nobody or time is up. One that
 * fails at once leaves time for another one in the same turn, and so does one that is busy, for a protocol that insists on its
 * exchange.
 *
 * @param began - when the round began, by `performance.now()`
 * @returns false when the protocol knew nobody to begin with
 */
export async function gossipRound(init: RoundInit, began: number): Promise<boolean> {
  const { protocol, period } = init
  const turns = protocol.turns?.(SELF) ?? 1

  for (let turn = 0; turn < turns; turn++) {
    const partner = protocol.partner(SELF)

    if (partner === NOBODY) {
      return turn > 0
    }

    const outcome = await gossipTurn(init, partner, turn === 0 ? began : performance.now())

    if (outcome === 'aborted' || performance.now() - began > period * PERIODS_FOR_TURNS) {
      break
    }
  }

  return true
}

/** @returns how the last exchange ended */
async function gossipTurn(init: RoundInit, first: number, began: number): Promise<Outcome> {
  const { protocol, tries, insists = false, period, exchange } = init
  const isOver = (outcome: Outcome) => !isFailure(outcome) && !(insists && outcome === 'busy')
  let outcome = await exchange(first)

  for (let left = tries - 1; left > 0 && !isOver(outcome) && performance.now() - began <= period / 2; left--) {
    const partner = protocol.anotherPartner(SELF)

    if (partner === NOBODY) {
      break
    }

    outcome = await exchange(partner)
  }

  return outcome
}

/** How an exchange ends when the partner is at fault, or gone. */
export type PartnerFailure = Exclude<Outcome, 'answered' | 'busy' | 'aborted'>

/** The partner is at fault, or gone. */
export function isFailure(outcome: Outcome): outcome is PartnerFailure {
  return outcome !== 'answered' && outcome !== 'busy' && outcome !== 'aborted'
}
