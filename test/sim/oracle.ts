import { Random } from '../../src/gossip/random.ts'
import { countComponents } from '../../src/sim/graph/components.ts'
import { InvariantError } from '../../src/sim/invariants.ts'
import { Network } from '../../src/sim/network.ts'
import { type NetworkOptions, type NetworkParameters, networkParameters } from '../../src/sim/parameters.ts'
import { slotsNeeded } from '../../src/sim/world.ts'
import { BrokenPromise, ExchangeWatch } from './exchange-watch.ts'

/** Views from which on a variant keeps a network together, with something to spare; those of Newscast cluster most. */
const SAFE_VIEW = 20
const SAFE_NEWSCAST_VIEW = 30

/** What such a network outlives: so many neighbours left to everybody after a crash, so much loss, churn, and cut. */
const SPARE_NEIGHBOURS = 6
const BEARABLE_LOSS = 0.1
const BEARABLE_CHURN = 0.01
const BEARABLE_CUT = 3

/** A few would do. */
const TURNS_TO_JOIN = 10

/** What a run showed. */
export interface Verdict {
  /** What was wrong, or undefined when all was well. */
  trouble?: string
  /** The faults left one network, and there had to be one at the end. */
  whole: boolean
}

/**
 * Runs a scenario and says what was wrong, if anything was: no invariant and no promise to the protocol may be broken,
 * every exchange is accounted for, and wherever the faults left one network there is one at the end, with everybody in it.
 */
export function examine(options: NetworkOptions, seed: number): Verdict {
  let round = 0

  try {
    const parameters = networkParameters(options)
    const { rounds, faults } = parameters
    const network = new Network(parameters, new Random(seed))
    const watch = new ExchangeWatch(network)
    const strikes = [...faults.crash.map(crash => crash.round), ...faults.partition.map(({ from }) => from)]
    let whole = isRobust(parameters) && (!strikes.includes(0) || hasSpareLinks(network))
    const entered = new Uint8Array(network.world.slots)
    /** Nodes that had lived by the end of each round. */
    const used: number[] = []

    while (round < rounds) {
      round++
      network.advance()
      network.check()
      used.push(network.world.used)
      whole &&= !strikes.includes(round) || hasSpareLinks(network)
      membersOf(network).forEach((member, node) => {
        entered[node] |= member
      })
    }

    const settled = faults.loss > 0 ? 0 : (used.at(-roundsToJoin(parameters)) ?? 0)
    return {
      trouble:
        accounts(network, watch) ??
        (whole ? parts(network, entered.subarray(0, settled), membersOf(network)) : undefined),
      whole
    }
  } catch (err) {
    const { message, stack } = err as Error
    const isFound = err instanceof InvariantError || err instanceof BrokenPromise
    return { trouble: `round ${round}: ${isFound ? message : stack}`, whole: false }
  }
}

function accounts({ driver: { counts } }: Network, { underWay }: ExchangeWatch): string | undefined {
  const { started, answered, busy, unreachable, timeout } = counts
  const ended = answered + busy + unreachable + timeout
  return started === ended + underWay
    ? undefined
    : `${started} exchanges began, ${ended} ended, and ${underWay} are under way`
}

/** @param entered - of those who have had time to: 1 for who was in the network at the end of some round */
function parts({ protocol, world }: Network, entered: Uint8Array, members: Uint8Array): string | undefined {
  const components = countComponents(protocol.views, members)
  const outsider = entered.findIndex((has, node) => has < world.alive[node])

  if (components > 1) {
    return `${components} components at the end`
  }

  return components === 1 && outsider !== -1 ? `node ${outsider} has never got into the network` : undefined
}

/** In which a newcomer gets into a network in which nothing gets lost, though its first answers may never come. */
function roundsToJoin({ mode, timing: { period, exchangeTimeout }, faults }: NetworkParameters): number {
  const perTurn = mode === 'rounds' ? 1 : Math.max(1, Math.ceil(exchangeTimeout / period))
  return TURNS_TO_JOIN * perTurn * (faults.slow?.factor ?? 1)
}

/** Whether the variant, with what befalls it all along, keeps a network together that is together. */
function isRobust(parameters: NetworkParameters): boolean {
  const { nodes, rounds, start, preset, sampling, faults } = parameters
  const enough = preset === 'newscast' ? SAFE_NEWSCAST_VIEW : SAFE_VIEW

  return (
    sampling.view >= Math.min(slotsNeeded(nodes, faults, rounds) - 1, enough) &&
    sampling.propagation === 'pushpull' &&
    faults.loss <= BEARABLE_LOSS &&
    faults.churn <= BEARABLE_CHURN &&
    // a star hangs on one node and on the first messages to it
    (start !== 'star' || faults.loss + faults.churn === 0) &&
    faults.partition.every(({ from, to }) => to - from <= BEARABLE_CUT) &&
    (parameters.mode === 'rounds' || answersInTime(parameters))
  )
}

/** Where answers come too late, everybody drops everybody; where they take longer than a period, all are always busy. */
function answersInTime({ delay, timing: { period, exchangeTimeout }, faults }: NetworkParameters): boolean {
  const longest = 'to' in delay ? delay.to : 'time' in delay ? delay.time : Number.POSITIVE_INFINITY
  return 2 * longest * (faults.slow?.factor ?? 1) < Math.min(period, exchangeTimeout)
}

/** Whether all members make one network, and each has some neighbours to spare. */
function hasSpareLinks(network: Network): boolean {
  const { views } = network.protocol
  const members = membersOf(network)
  const neighbours = Array.from(members, () => new Set<number>())

  for (let node = 0; node < members.length; node++) {
    for (let i = 0; i < views.size(node) * members[node]; i++) {
      const peer = views.peer(node, i)

      if (members[peer] === 1) {
        neighbours[node].add(peer)
        neighbours[peer].add(node)
      }
    }
  }

  return (
    countComponents(views, members) === 1 &&
    neighbours.every(({ size }, node) => members[node] === 0 || size >= SPARE_NEIGHBOURS)
  )
}

/** 1 for the living that know somebody. */
function membersOf({ world, protocol }: Network): Uint8Array {
  return world.alive.map((alive, node) => (alive === 1 && protocol.isMember(node) ? 1 : 0))
}
