import { NOBODY } from '../gossip/exchange.ts'
import type { Random } from '../gossip/random.ts'
import type { Faults } from './faults.ts'

/** Tries to find a contact for a newcomer at random before it gives up for this round. */
const CONTACT_TRIES = 64

/** Most nodes that a run may have in all, those that join later included: their numbers and views must fit in memory. */
export const MAX_SLOTS = 2 ** 23

/**
 * Who is there, and who reaches whom: the nodes of a run and the faults that befall them. Knows no protocol.
 *
 * Every node that ever lives has a slot of its own, also one that joins later: a newcomer that took the number of a dead
 * node would inherit the links that lead to it.
 *
 * Between two rounds comes first {@link endRound}: crashes, and cuts begin or end, so that a measurement sees them at
 * their full size; then {@link beginRound}: newcomers, who have their first turn in that round.
 */
export class World {
  /** Nodes that there ever will be. */
  readonly slots: number
  /** 1: the node lives. */
  readonly alive: Uint8Array
  /** The living, in no order; the first {@link count} entries count. */
  readonly living: Int32Array
  count = 0
  /** How many times slower each node is than usual, or undefined when none is. */
  readonly slowness: Uint16Array | undefined
  private readonly nodes: number
  private readonly faults: Faults
  private readonly random: Random
  /** Where each node stands among the living. */
  private readonly place: Int32Array
  /** The part of the network that each node is in while it is cut. */
  private readonly part: Uint8Array | undefined
  private parts = 1
  /** Slots taken so far: the nodes that ever lived have the numbers below it. */
  used = 0
  /** What is left of a node when a share of the living is no whole number. */
  private churned = 0

  /** @param rounds - how long the run will be, so that there are slots for all newcomers */
  constructor(nodes: number, faults: Faults, rounds: number, random: Random) {
    this.nodes = nodes
    this.faults = faults
    this.random = random
    this.slots = slotsNeeded(nodes, faults, rounds)
    this.alive = new Uint8Array(this.slots)
    this.living = new Int32Array(this.slots)
    this.place = new Int32Array(this.slots)
    this.part = faults.partition.length > 0 ? new Uint8Array(this.slots) : undefined
    this.slowness = faults.slow == null ? undefined : new Uint16Array(this.slots)

    this.addMany(nodes)

    this.endRound(0)
  }

  /** Bytes of its arrays. */
  get stateBytes(): number {
    const arrays = [this.alive, this.living, this.place, this.part, this.slowness]
    return arrays.reduce((sum, array) => sum + (array?.byteLength ?? 0), 0)
  }

  /** Whether a message of one node can get to the other: both live, and no cut is between them. */
  reaches(from: number, to: number): boolean {
    return this.alive[to] === 1 && (this.parts === 1 || this.part?.[from] === this.part?.[to])
  }

  /**
   * Whether the next message gets lost on its way.
   *
   * @param chance - what that is drawn from. Default: the same as all faults
   */
  loses(chance = this.random): boolean {
    return this.faults.loss > 0 && chance.fraction() < this.faults.loss
  }

  /** Whether, until the round is over, every node reaches every other, no message gets lost and nobody is slow. */
  get calm(): boolean {
    // no slot is taken twice: whoever died left one
    return this.count === this.used && this.parts === 1 && this.faults.loss === 0 && this.slowness == null
  }

  /** A slow node rests in all but one of so many rounds. */
  rests(node: number, round: number): boolean {
    return this.slowness != null && (round + node) % this.slowness[node] !== 0
  }

  /**
   * Somebody through whom the node can join, or {@link NOBODY}.
   *
   * @param isMember - whether somebody is in the network already: those outside of it, joining through each other, would
   * make an island
   * @param chance - what candidates are drawn from. Default: the same as all faults
   */
  contact(node: number, isMember: (candidate: number) => boolean, chance = this.random): number {
    for (let i = 0; i < CONTACT_TRIES && this.count > 0; i++) {
      const candidate = this.living[chance.below(this.count)]

      if (candidate !== node && this.reaches(node, candidate) && isMember(candidate)) {
        return candidate
      }
    }

    return NOBODY
  }

  /** Newcomers come. Their slots are those from the returned one on. */
  beginRound(round: number): number {
    const first = this.used

    for (const join of this.faults.join) {
      if (join.round === round - 1) {
        this.addMany(Math.round(join.share * this.nodes))
      }
    }

    if (this.faults.churn > 0) {
      this.churned += this.faults.churn * this.count
      const replaced = Math.floor(this.churned)
      this.churned -= replaced
      this.killMany(replaced)
      this.addMany(replaced)
    }

    return first
  }

  /** What comes once the round is over: crashes, cuts and their ends. */
  endRound(round: number): void {
    for (const crash of this.faults.crash) {
      if (crash.round === round) {
        this.killMany(Math.round(crash.share * this.count))
      }
    }

    // one cut may begin as another one ends
    if (this.faults.partition.some(({ to }) => to === round)) {
      this.parts = 1
    }

    for (const { from, parts } of this.faults.partition) {
      if (from === round) {
        this.cut(parts)
      }
    }
  }

  private addMany(count: number): void {
    for (let i = 0; i < count; i++) {
      this.add()
    }
  }

  private add(): void {
    const node = this.used++
    this.alive[node] = 1
    this.place[node] = this.count
    this.living[this.count++] = node

    if (this.slowness != null && this.faults.slow != null) {
      this.slowness[node] = this.random.fraction() < this.faults.slow.share ? this.faults.slow.factor : 1
    }

    if (this.part != null && this.parts > 1) {
      this.part[node] = this.random.below(this.parts)
    }
  }

  private killMany(count: number): void {
    for (let i = 0; i < count && this.count > 0; i++) {
      this.kill(this.living[this.random.below(this.count)])
    }
  }

  /** The node, which lives, dies for good. Not while a round runs. */
  kill(node: number): void {
    const last = this.living[--this.count]
    this.living[this.place[node]] = last
    this.place[last] = this.place[node]
    this.alive[node] = 0
  }

  /** Parts as equal as can be, whoever is in them drawn at random. */
  private cut(parts: number): void {
    this.parts = parts
    const dealt = this.living.slice(0, this.count)
    this.random.shuffle(dealt)

    for (const [i, node] of dealt.entries()) {
      ;(this.part as Uint8Array)[node] = i % parts
    }
  }
}

/** How many nodes a run will have seen when it is over. */
export function slotsNeeded(nodes: number, faults: Faults, rounds: number): number {
  const joining = faults.join.reduce((sum, { share }) => sum + Math.round(share * nodes), 0)
  // joins only ever make the crowd larger that churn takes its share of
  return nodes + joining + Math.ceil(faults.churn * (nodes + joining) * rounds)
}
