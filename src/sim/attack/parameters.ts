import { oneOf, ParameterError, wholeNumber } from '../../gossip/parameters.ts'
import { share } from '../parameters.ts'

/**
 * What the attackers do:
 *
 * - `hub`: they answer every exchange with attackers only, all of age 0, and start exchanges with random honest nodes;
 * - `flood`: the same, starting ten times as many;
 * - `eclipse`: they do so to one honest node, number 0, and are honest with all others;
 * - `late`: they are honest at first, and a hub from some round on;
 * - `cautious`: they are honest in most exchanges, since they may be watched;
 * - `frame`: they advertise honest nodes, always the same ones, to get them suspected;
 * - `diluted`: every other node that they advertise is an honest one, drawn anew each time.
 */
export type Attack = 'hub' | 'flood' | 'eclipse' | 'late' | 'cautious' | 'frame' | 'diluted'
export const ATTACKS: readonly Attack[] = ['hub', 'flood', 'eclipse', 'late', 'cautious', 'frame', 'diluted']

/** As in the textbook's figure; in small networks, the largest share of the nodes. Our choice. */
export const DEFAULT_ATTACKERS = 30
const DEFAULT_SHARE = 0.1

export const DEFAULT_FLOOD = { flood: 10, others: 1 }
const MAX_FLOOD = 1_000

/** Of the cautious. */
export const DEFAULT_HONESTY = 0.8

/** Of the late, in rounds: enough for every variant to settle. */
export const DEFAULT_LATE = 100

/** What a user may set of an attack. */
export interface AttackOptions {
  /** Default: `hub`. */
  attack?: Attack
  /**
   * Nodes that attack, from 0 to all but one: the last of those that are there at the start. Default: 30, or a tenth of the
   * nodes where that is less.
   */
  attackers?: number
  /** Exchanges that each attacker starts in a round to attack, from 1 to 1,000. Default: 1; of `flood` 10. */
  flood?: number
  /** Of `cautious`: the probability that an attacker is honest in an exchange, from 0 to 1. Default: 0.8. */
  honesty?: number
  /**
   * The round after which they attack, from 0 to the last but one; until then they are honest. Default: 0; of `late` 100, or
   * half of the rounds where that is less.
   */
  attackFrom?: number
}

export type AttackParameters = Required<AttackOptions>

/** @throws ParameterError naming the first option that is impossible */
export function attackParameters(
  options: AttackOptions,
  { nodes, rounds }: { nodes: number; rounds: number }
): AttackParameters {
  const attack = oneOf('attack', options.attack ?? 'hub', ATTACKS)
  const usual = Math.min(DEFAULT_ATTACKERS, Math.ceil(nodes * DEFAULT_SHARE))
  const late = Math.min(DEFAULT_LATE, Math.floor(rounds / 2))

  if (options.honesty != null && attack !== 'cautious') {
    throw new ParameterError('honesty', `has a meaning with attack cautious only, and the attack is ${attack}`)
  }

  return {
    attack,
    attackers: wholeNumber('attackers', options.attackers ?? usual, 0, nodes - 1),
    flood: wholeNumber(
      'flood',
      options.flood ?? (attack === 'flood' ? DEFAULT_FLOOD.flood : DEFAULT_FLOOD.others),
      1,
      MAX_FLOOD
    ),
    honesty: share('honesty', options.honesty ?? (attack === 'cautious' ? DEFAULT_HONESTY : 0)),
    attackFrom: wholeNumber('attackFrom', options.attackFrom ?? (attack === 'late' ? late : 0), 0, rounds - 1)
  }
}

/** As a result shows them. */
export function describeAttack(parameters: AttackParameters): Record<string, unknown> {
  const { attack, attackers, flood, honesty, attackFrom } = parameters
  return { attack, attackers, flood, ...(attack === 'cautious' ? { honesty } : {}), attackFrom }
}
