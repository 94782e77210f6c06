import { type Failure, type GossipProtocol, NOBODY } from '../gossip/exchange.ts'
import type { RoundProtocol } from '../live/gossip-round.ts'
import { LOCAL_MEMBERS, OBSERVER } from './known-members.ts'
import type { LinkMessage } from './message.ts'
import type { SubscriptionProtocol } from './protocol.ts'

/** Rounds in which a new member makes more exchanges, and how many more. Our choice: it is to have its links in a few seconds. */
const WELCOME_ROUNDS = 3
const WELCOME_TURNS = 4

/** One round in so many, the observer makes an exchange: it asks for nothing, and is to cost little. Our choice. */
const OBSERVER_ROUNDS = 5

/** Exchanges with members at this very peer that one turn may take, before it goes without a partner. */
const MAX_TALKS = 8

/**
 * The members at one peer, as one node that gossips: its own observer, who asks for nothing and knows others for the sake of events that are
 * published here, and its subscriptions, in turns. Those that want to talk to each other need no network.
 */
export class LocalMembers implements GossipProtocol<LinkMessage>, RoundProtocol {
  /** Numbers of those that there are. */
  readonly present = new Set<number>([OBSERVER])
  private readonly protocol: SubscriptionProtocol
  /** Whose turns are left in this round. */
  private turnsLeft: number[] = []
  /** Who of them talks to whom, until that is over. */
  private readonly talking = new Map<number, number>()
  /** Those that have left and whose numbers are not free yet, whether they say farewell to anybody or not. */
  private readonly leaving = new Set<number>()
  /** Members that say farewell to others, by the others' numbers. */
  private readonly parting = new Map<number, number>()
  private readonly request1: LinkMessage
  private readonly reply1: LinkMessage

  constructor(protocol: SubscriptionProtocol) {
    this.protocol = protocol
    this.request1 = protocol.createMessage()
    this.reply1 = protocol.createMessage()
  }

  /** A number for one more, or NOBODY. */
  get vacancy(): number {
    for (let member = OBSERVER + 1; member < LOCAL_MEMBERS; member++) {
      if (!this.present.has(member) && !this.leaving.has(member)) {
        return member
      }
    }

    return NOBODY
  }

  /** A new member begins with whom the others know. */
  enter(member: number): void {
    const { protocol } = this
    const { links } = protocol
    protocol.reset(member)

    for (const other of this.present) {
      const first = links.first(other)

      for (let at = first; at < first + links.sizes[other]; at++) {
        protocol.consider(member, links.members[at], links.ages[at])
      }
    }

    this.present.add(member)
    this.introduce()
  }

  /**
   * The member asks for nothing any more.
   *
   * @param count - how many others are to be told, at most
   * @returns who: those it had links to on the circle. Each is to be talked to; then {@link remove} it
   */
  leave(member: number, count: number): number[] {
    const { protocol, present, parting } = this
    const told = protocol.neighbours(member).filter(other => other >= LOCAL_MEMBERS && !parting.has(other))
    present.delete(member)
    this.leaving.add(member)

    for (const other of told.slice(0, count)) {
      parting.set(other, member)
    }

    for (const other of present) {
      protocol.forget(other, member)
    }

    return told.slice(0, count)
  }

  /** Its number may be another's now. */
  remove(member: number): void {
    for (const [other, gone] of this.parting) {
      if (gone === member) {
        this.parting.delete(other)
      }
    }

    this.leaving.delete(member)
    this.protocol.reset(member)
  }

  /** Those at one peer know each other without being told. */
  introduce(): void {
    for (const member of this.present) {
      for (const other of this.present) {
        this.protocol.consider(member, other, 0)
      }
    }
  }

  /** Whether any of them names the member. */
  knows(member: number): boolean {
    return [...this.present].some(own => this.protocol.knows(own, member)) || this.talking.has(member)
  }

  turns(): number {
    this.protocol.beginRound(OBSERVER)
    this.turnsLeft = [...this.present].flatMap(member => new Array<number>(this.turnsOf(member)).fill(member))
    return this.turnsLeft.length
  }

  private turnsOf(member: number): number {
    const { protocol } = this
    const isNew = protocol.rounds[member] <= WELCOME_ROUNDS

    if (member === OBSERVER) {
      return isNew || protocol.rounds[member] % OBSERVER_ROUNDS === 0 ? 1 : 0
    }

    return protocol.turns(member) + (isNew ? WELCOME_TURNS : 0)
  }

  partner(): number {
    for (let talks = 0; talks < MAX_TALKS; talks++) {
      const member = this.turnsLeft.pop() ?? OBSERVER

      if (this.present.has(member)) {
        const partner = member === OBSERVER ? this.protocol.anotherPartner(member) : this.protocol.partner(member)

        if (partner >= LOCAL_MEMBERS) {
          this.talking.set(partner, member)
          return partner
        }

        if (partner !== NOBODY) {
          this.talkHere(member, partner)
        }
      }
    }

    return NOBODY
  }

  anotherPartner(): number {
    const partner = this.protocol.anotherPartner(OBSERVER)

    if (partner < LOCAL_MEMBERS) {
      return NOBODY
    }

    this.talking.set(partner, OBSERVER)
    return partner
  }

  private talkHere(member: number, other: number): void {
    const { protocol, request1, reply1 } = this
    protocol.request(member, other, request1)
    protocol.respond(other, member, request1, reply1)
    protocol.absorb(member, other, request1, reply1)
  }

  request(_node: number, partner: number, out: LinkMessage): void {
    const parting = this.parting.get(partner)

    if (parting != null) {
      this.protocol.farewell(parting, partner, out)
      return
    }

    this.protocol.request(this.memberFor(partner), partner, out)
  }

  /** Whoever asks for one that is gone is told so. */
  respond(_node: number, from: number, request: LinkMessage, out: LinkMessage): boolean {
    if (request.to === NOBODY) {
      this.protocol.farewell(OBSERVER, from, out)
      return true
    }

    return this.protocol.respond(request.to, from, request, out)
  }

  absorb(_node: number, from: number, request: LinkMessage, reply: LinkMessage): void {
    const member = this.memberFor(from)
    this.talking.delete(from)

    if (!request.leaving) {
      this.protocol.absorb(member, from, request, reply)
    }
  }

  abandon(_node: number, partner: number, why: Failure): void {
    const member = this.memberFor(partner)
    this.talking.delete(partner)

    if (partner !== NOBODY) {
      this.protocol.abandon(member, partner, why)
    }
  }

  private memberFor(partner: number): number {
    const member = this.talking.get(partner) ?? OBSERVER
    return this.present.has(member) ? member : OBSERVER
  }
}
