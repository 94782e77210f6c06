import { NOBODY } from '../gossip/exchange.ts'
import { ASIDE_ROUNDS, FIRST_SENTENCE, LONGEST_SENTENCE, TAINT_ROUNDS } from './constants.ts'

/** A table of sets: an entry can be in any place of the one set where its hash leads. A full set loses its least. */
const SETS = 32
const PLACES = 4

/** Words of an entry: the peer; until which round it is tainted, refused, and suspected; its offences; the evidence. */
const WORDS = 6
const TAINTED_UNTIL = 1
const REFUSED_UNTIL = 2
const SUSPECTED_UNTIL = 3
const OFFENCES = 4
const EVIDENCE = 5

/** Beyond every round. */
const MAX_ROUND = 2 ** 32

/** In the place of offences: somebody who knows better has cleared the peer for good. */
const CLEARED = -1

/** Evidence is two numbers: how often the peer was seen, and how often one is to be expected, in hundredths. */
const SEEN_SHIFT = 24
const MAX_EXPECTED = 2 ** SEEN_SHIFT - 1

/** A peer that a node suspects, and why. */
export interface Suspicion {
  peer: number
  /** How often it was seen in the window of sightings, and how often a peer is to be expected there. */
  seen: number
  expected: number
  /** How often it was found guilty. */
  offences: number
  /** Rounds for which it is still suspected. */
  rounds: number
}

/**
 * What a node holds against peers, for a population of nodes: up to 128 peers each. Three degrees, each for its time:
 *
 * - tainted: it was named in a message that was not heeded. That alone keeps nobody out, since colluders may name whom
 *   they like; many tainted names in one message do.
 * - set aside: it was seen more often than chance would have it. It is refused.
 * - suspected: so often that chance is out of the question. It is refused, twice as long with each offence.
 */
export class Reputations {
  private readonly entries: Int32Array
  /** For each node a bit for each set in which there is anybody. Most are empty, and are not looked at. */
  private readonly used: Int32Array

  constructor(nodes: number) {
    this.entries = new Int32Array(nodes * SETS * PLACES * WORDS)
    this.used = new Int32Array(nodes)
  }

  get stateBytes(): number {
    return this.entries.byteLength + this.used.byteLength
  }

  /** False: the node never held anything against anybody, and nobody need be looked for. */
  hasAny(node: number): boolean {
    return this.used[node] !== 0
  }

  isTainted(node: number, peer: number, hash: number, round: number): boolean {
    const at = this.find(node, peer, hash)
    return at !== NOBODY && this.entries[at + TAINTED_UNTIL] > round
  }

  isRefused(node: number, peer: number, hash: number, round: number): boolean {
    const at = this.find(node, peer, hash)
    return at !== NOBODY && this.entries[at + REFUSED_UNTIL] > round
  }

  /** Whether there is anything against the peer, or it was cleared. */
  knows(node: number, peer: number, hash: number): boolean {
    return this.find(node, peer, hash) !== NOBODY
  }

  taint(node: number, peer: number, hash: number, round: number): void {
    const at = this.enter(node, peer, hash)

    if (this.entries[at + OFFENCES] !== CLEARED) {
      this.entries[at + TAINTED_UNTIL] = round + TAINT_ROUNDS
    }
  }

  setAside(node: number, peer: number, hash: number, round: number): void {
    const at = this.enter(node, peer, hash)

    if (this.entries[at + OFFENCES] !== CLEARED) {
      this.entries[at + REFUSED_UNTIL] = Math.max(this.entries[at + REFUSED_UNTIL], round + ASIDE_ROUNDS)
    }
  }

  /** Finds a peer guilty. One that is serving its sentence is not sentenced again. */
  suspect(node: number, peer: number, hash: number, round: number, seen: number, expected: number): void {
    const { entries } = this
    const at = this.enter(node, peer, hash)

    if (entries[at + OFFENCES] === CLEARED || entries[at + SUSPECTED_UNTIL] > round) {
      return
    }

    const sentence = Math.min(LONGEST_SENTENCE, FIRST_SENTENCE * 2 ** entries[at + OFFENCES])
    entries[at + OFFENCES]++
    entries[at + SUSPECTED_UNTIL] = round + sentence
    entries[at + REFUSED_UNTIL] = Math.max(entries[at + REFUSED_UNTIL], round + sentence)
    entries[at + EVIDENCE] = (seen << SEEN_SHIFT) | Math.min(MAX_EXPECTED, Math.round(expected * 100))
  }

  /** Holds nothing against the peer any more, and never will again while it runs. False: it was not suspected. */
  clear(node: number, peer: number, hash: number): boolean {
    const { entries } = this
    const at = this.find(node, peer, hash)

    if (at === NOBODY || entries[at + OFFENCES] < 1) {
      return false
    }

    entries.fill(0, at + 1, at + WORDS)
    entries[at + OFFENCES] = CLEARED
    return true
  }

  /** Visits those whom the node suspects now. */
  forEachSuspect(node: number, round: number, visit: (suspicion: Suspicion) => void): void {
    if (this.used[node] === 0) {
      return
    }

    const { entries } = this
    const first = node * SETS * PLACES * WORDS

    for (let at = first; at < first + SETS * PLACES * WORDS; at += WORDS) {
      if (entries[at + SUSPECTED_UNTIL] > round) {
        visit({
          peer: entries[at] - 1,
          seen: entries[at + EVIDENCE] >>> SEEN_SHIFT,
          expected: (entries[at + EVIDENCE] & MAX_EXPECTED) / 100,
          offences: entries[at + OFFENCES],
          rounds: entries[at + SUSPECTED_UNTIL] - round
        })
      }
    }
  }

  /** How many peers the node refuses now. */
  countRefused(node: number, round: number): number {
    const { entries } = this
    const first = node * SETS * PLACES * WORDS
    let refused = 0

    for (let at = first; at < first + SETS * PLACES * WORDS; at += WORDS) {
      refused += entries[at + REFUSED_UNTIL] > round ? 1 : 0
    }

    return refused
  }

  /** Where the peer's entry is, or {@link NOBODY}. */
  private find(node: number, peer: number, hash: number): number {
    if (((this.used[node] >>> setOf(hash)) & 1) === 0) {
      return NOBODY
    }

    const first = firstOf(node, hash)

    for (let at = first; at < first + PLACES * WORDS; at += WORDS) {
      // 0 is an empty place
      if (this.entries[at] === peer + 1) {
        return at
      }
    }

    return NOBODY
  }

  /** Where the peer's entry is now: if it had none, in the place of the one that matters for the shortest time. */
  private enter(node: number, peer: number, hash: number): number {
    const found = this.find(node, peer, hash)

    if (found !== NOBODY) {
      return found
    }

    const first = firstOf(node, hash)
    let least = first

    for (let at = first + WORDS; at < first + PLACES * WORDS; at += WORDS) {
      if (this.mattersUntil(at) < this.mattersUntil(least)) {
        least = at
      }
    }

    this.used[node] |= 1 << setOf(hash)
    this.entries.fill(0, least, least + WORDS)
    this.entries[least] = peer + 1
    return least
  }

  /** The degree before the time: else many tainted names would drive out suspects, and their offences with them. */
  private mattersUntil(at: number): number {
    const { entries } = this

    if (entries[at + OFFENCES] !== 0) {
      return entries[at + OFFENCES] === CLEARED
        ? Number.MAX_SAFE_INTEGER
        : entries[at + SUSPECTED_UNTIL] + 2 * MAX_ROUND
    }

    return entries[at + REFUSED_UNTIL] > 0 ? entries[at + REFUSED_UNTIL] + MAX_ROUND : entries[at + TAINTED_UNTIL]
  }
}

/** By bits that the place in the window of sightings does not depend on. */
function setOf(hash: number): number {
  return (hash >>> 12) & (SETS - 1)
}

/** Where the set of a node begins to which a hash leads. */
function firstOf(node: number, hash: number): number {
  return (node * SETS + setOf(hash)) * PLACES * WORDS
}
