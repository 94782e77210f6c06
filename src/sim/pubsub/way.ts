import type { Random } from '../../gossip/random.ts'
import { Dissemination, type Hop } from '../../pubsub/dissemination.ts'
import type { SubscriptionProtocol } from '../../pubsub/protocol.ts'
import type { Traffic } from './traffic.ts'

/** What came of an event at once, before the next exchange of anybody. */
export interface Arrivals {
  /** Hand-offs from the publisher to each member that it came to. */
  hops: Map<number, number>
  /** Times that it came to a member that had it. */
  duplicates: number
}

interface Step extends Hop {
  hops: number
}

/** The way of an event among members: hand-offs until there are none left, then what is told of it, and what that leads to. */
export class EventWay {
  private readonly protocol: SubscriptionProtocol
  private readonly traffic: Traffic
  private readonly dissemination: Dissemination

  constructor(protocol: SubscriptionProtocol, traffic: Traffic, random: Random) {
    this.protocol = protocol
    this.traffic = traffic
    this.dissemination = new Dissemination(protocol, random)
  }

  /** @param entries - members that have taken it from its publisher */
  spread(point: Float64Array, entries: readonly number[]): Arrivals {
    const arrivals: Arrivals = { hops: new Map(), duplicates: 0 }
    const steps: Step[] = this.dissemination.enter(entries).map(hop => ({ ...hop, hops: 1 }))
    const takers: number[] = []
    let told = 0

    for (let taken = 0; taken < steps.length || told < takers.length; ) {
      if (taken < steps.length) {
        const step = steps[taken++]

        if (arrivals.hops.has(step.member)) {
          arrivals.duplicates++
        } else {
          arrivals.hops.set(step.member, step.hops)
          takers.push(step.member)
          steps.push(...this.handOn(step, point))
        }
      } else {
        steps.push(...this.tell(takers[told++], point, arrivals))
      }
    }

    return arrivals
  }

  /** Hands it on to others, and to the next one instead of each that cannot be reached: whoever that was is no longer known. */
  private handOn({ member, arc, hops }: Step, point: Float64Array): Step[] {
    const { dissemination, traffic } = this
    const steps: Step[] = []

    for (const first of dissemination.spread(member, point, arc, isNone)) {
      let hop: Hop | undefined = first

      while (hop !== undefined && !traffic.ask(member, hop.member, 'handOffs')) {
        hop = dissemination.instead(member, point, hop, isNone)
      }

      if (hop !== undefined) {
        steps.push({ ...hop, hops: hops + 1 })
      }
    }

    return steps
  }

  /** Tells its witnesses that it has the event; those that lack it ask for it. */
  private tell(member: number, point: Float64Array, { hops }: Arrivals): Step[] {
    const { traffic, protocol } = this
    const lacking = this.dissemination
      .witnesses(member, point, isNone)
      .filter(witness => traffic.tell(member, witness, 'notices') && !hops.has(witness))
    const pulling = lacking.filter(
      witness => traffic.ask(witness, member, 'pulls') && traffic.ask(member, witness, 'pulls')
    )
    return pulling.map(witness => ({
      member: witness,
      arc: protocol.members.arc(witness, member),
      hops: (hops.get(member) as number) + 1
    }))
  }
}

/** Nobody is barred: who cannot be reached is forgotten as soon as that was tried. */
function isNone(): boolean {
  return false
}
