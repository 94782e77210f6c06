/** What the doctor looks for. */
export type TroubleName = 'nobody-reachable' | 'not-reachable' | 'clock-off' | 'one-host' | 'view-frozen'

/** Something that is wrong with a peer, or with its place in the network. */
export interface Trouble {
  name: TroubleName
  /** What is wrong. */
  message: string
  /** What to do. */
  advice: string
}

/** What was found out about a peer. */
export interface Facts {
  /** IPs of each member of the view. Those of loopback only when there are no others. */
  members: string[][]
  /** IPs of this peer, likewise. */
  own: string[]
  /** How many members were asked to call back. */
  asked: number
  /** What those said that answered. */
  answers: Array<{ peerId: string; tried: boolean; reachable: boolean; clockOffset: number }>
  /** Milliseconds since an exchange last went well, and between two exchanges. */
  unchangedFor: number
  period: number
}

/** What `doctor --json` prints. */
export interface Diagnosis {
  /** No trouble was found. */
  healthy: boolean
  troubles: Trouble[]
  facts: Facts
}

/** Milliseconds of difference that no network explains. Our choice: certificates and records bear a minute. */
const MAX_CLOCK_OFFSET = 60_000

/** Periods without an exchange that went well. Our choice: with half of the members dead, it happens once in a million. */
const MAX_UNCHANGED_PERIODS = 20

/** Names the troubles that the facts show. */
export function troublesOf(facts: Facts): Trouble[] {
  if (facts.members.length === 0) {
    return [
      {
        name: 'nobody-reachable',
        message: 'nobody is reachable: the view is empty',
        advice:
          'start with --bootstrap and the address of a running member, or with --mdns on a local network; the first peer of a network is alone until somebody joins'
      }
    ]
  }

  return [frozen(facts), unreachable(facts), clock(facts), oneHost(facts)].filter(trouble => trouble != null)
}

function frozen({ unchangedFor, period }: Facts): Trouble | undefined {
  if (unchangedFor > MAX_UNCHANGED_PERIODS * period) {
    return {
      name: 'view-frozen',
      message: `the view has not changed for ${seconds(unchangedFor)}: no exchange went well for more than ${MAX_UNCHANGED_PERIODS} periods`,
      advice: 'look at the outcomes in gossip-peer status --json, and whether this machine is still on the network'
    }
  }

  return undefined
}

function unreachable({ answers }: Facts): Trouble | undefined {
  const tries = answers.filter(({ tried }) => tried)

  if (tries.length > 0 && tries.every(({ reachable }) => !reachable)) {
    return {
      name: 'not-reachable',
      message: `this peer is not reachable from outside: ${tries.length} of ${tries.length} members could not call back`,
      advice:
        'open the port of --listen in the firewall, forward it in the router, and give the outer address with --announce'
    }
  }

  return undefined
}

function clock({ answers }: Facts): Trouble | undefined {
  const offset = median(answers.map(({ clockOffset }) => clockOffset))

  if (offset != null && Math.abs(offset) > MAX_CLOCK_OFFSET) {
    return {
      name: 'clock-off',
      message: `the clock is ${seconds(Math.abs(offset))} ${offset > 0 ? 'behind' : 'ahead of'} that of the members`,
      advice: 'set the time of this machine, best with a time service such as chrony or systemd-timesyncd'
    }
  }

  return undefined
}

function oneHost({ members, own }: Facts): Trouble | undefined {
  const smallest = members.reduce((a, b) => (b.length < a.length ? b : a))
  const together = members.length > 1 && members.every(member => sameHost(member, smallest))

  if (together || members.every(member => sameHost(member, own))) {
    return {
      name: 'one-host',
      message: `all ${members.length} members of the view are on one host (${smallest.join(', ')})`,
      advice: 'when that host fails, nobody is left: join members on other hosts, too (--bootstrap)'
    }
  }

  return undefined
}

/**
 * A host has several addresses, of which a peer tells some. One that is told by both proves nothing: bridges of
 * containers have the same on every host.
 */
function sameHost(a: string[], b: string[]): boolean {
  const [few, many] = a.length < b.length ? [a, b] : [b, a]
  return few.length > 0 && few.every(ip => many.includes(ip))
}

function median(numbers: number[]): number | undefined {
  const sorted = numbers.filter(Number.isFinite).sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? sorted[middle]
    : sorted.length > 0
      ? (sorted[middle - 1] + sorted[middle]) / 2
      : undefined
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1_000)} s`
}
