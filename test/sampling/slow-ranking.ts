import { NOBODY } from '../../src/gossip/exchange.ts'
import { mix } from '../../src/gossip/mix.ts'
import { Quarantine } from '../../src/gossip/quarantine.ts'
import { QUARANTINE_ROUNDS, QUARANTINED_PEERS, RANKING_LIFETIME } from '../../src/sampling/constants.ts'

/** A place in the view, and everybody who was ever heard of and wanted it. */
interface Place {
  /** Those who were heard of for the member's sake, and those for its successor's. */
  now: Set<number>
  next: Set<number>
  generation: number
}

/**
 * What ranking by hidden ranks means, for node 0: it forgets nobody that it heard of in this generation of a place and in
 * the one before, and finds out who holds the place by sorting all of them.
 */
export class SlowRanking {
  private readonly places: Place[]
  private readonly secret: number
  private readonly view: number
  private readonly quarantine = new Quarantine(1, QUARANTINED_PEERS, QUARANTINE_ROUNDS)
  private rounds = 0
  private successions = 0

  constructor(view: number, secret: number) {
    this.view = view
    this.secret = secret
    this.places = Array.from({ length: view }, () => ({ now: new Set(), next: new Set(), generation: 0 }))
  }

  get members(): number[] {
    return this.places.map(place => this.memberOf(place)).filter(peer => peer !== NOBODY)
  }

  get successors(): number[] {
    return this.places.map(place => this.successorOf(place)).filter(peer => peer !== NOBODY)
  }

  beginRound(): void {
    for (; this.successions < Math.floor((this.rounds * this.view) / RANKING_LIFETIME); this.successions++) {
      const place = this.places[this.successions % this.view]
      const [member, successor] = [this.memberOf(place), this.successorOf(place)]
      const held = [member, successor].filter(peer => peer !== NOBODY)
      place.now = new Set([...place.next, ...held])
      place.next = new Set(held)
      place.generation++
    }

    this.rounds++
  }

  hear(peer: number): void {
    if (peer !== 0 && !this.quarantine.holds(0, peer, this.rounds)) {
      const { now, next } = this.placeOf(peer)
      now.add(peer)
      next.add(peer)
    }
  }

  refuses(peer: number): boolean {
    return this.quarantine.holds(0, peer, this.rounds)
  }

  /** The peer speaks for itself. */
  met(peer: number): void {
    this.quarantine.lift(0, peer)
  }

  /** Whoever held its place is gone, and with it all those whom it had kept out and who were forgotten. */
  failed(peer: number): void {
    const place = this.placeOf(peer)
    const wasMember = this.memberOf(place) === peer

    if (this.successorOf(place) === peer) {
      place.next.clear()
    }

    if (wasMember) {
      const successor = this.successorOf(place)
      place.now = new Set(successor === NOBODY ? [] : [successor])
    }

    place.now.delete(peer)
    place.next.delete(peer)
    this.quarantine.add(0, peer, this.rounds)
  }

  private hash(peer: number): number {
    return mix(peer ^ this.secret)
  }

  private placeOf(peer: number): Place {
    return this.places[Math.floor(((this.hash(peer) >>> 16) / 2 ** 16) * this.view)]
  }

  private memberOf({ now, generation }: Place): number {
    return this.best(now, generation)
  }

  private successorOf({ next, generation }: Place): number {
    return this.best(next, generation + 1)
  }

  private best(peers: Set<number>, generation: number): number {
    const rank = (peer: number) => mix(this.hash(peer) ^ Math.imul(generation, 0x9e3779b1))
    return [...peers].sort((a, b) => rank(a) - rank(b))[0] ?? NOBODY
  }
}
