import { NOBODY } from '../gossip/exchange.ts'

/** Words of a slot: its member and that one's rank, its successor and that one's rank, when the successor was alive. */
const WORDS = 5
const RANK = 1
const SUCCESSOR = 2
const SUCCESSOR_RANK = 3
const SUCCESSOR_ALIVE = 4

/** Behind every rank that a peer can have. */
const NO_RANK = 2 ** 31 - 1

const MAX_HITS = 65_535

/**
 * The places in the views of a population that peers are ranked for, `perNode` of them for each node: the member that holds
 * the place, its successor, and how often the member was spoken of. A slot has an index: those of node n begin at
 * n x perNode.
 */
export class RankedSlots {
  private readonly words: Int32Array
  private readonly hits: Uint16Array
  private readonly perNode: number

  constructor(nodes: number, perNode: number) {
    this.words = new Int32Array(nodes * perNode * WORDS)
    this.hits = new Uint16Array(nodes * perNode)
    this.perNode = perNode

    for (let index = 0; index < this.hits.length; index++) {
      this.clearMember(index)
      this.clearSuccessor(index)
    }
  }

  get stateBytes(): number {
    return this.words.byteLength + this.hits.byteLength
  }

  /** Reads something of every cache line of a node's slots. */
  touch(node: number): number {
    const { words, hits, perNode } = this
    const end = (node + 1) * perNode * WORDS
    let read = hits[node * perNode] ^ words[end - 1]

    for (let at = node * perNode * WORDS; at < end; at += 16) {
      read ^= words[at]
    }

    return read
  }

  /** Who holds the place, or {@link NOBODY}. */
  member(index: number): number {
    return this.words[index * WORDS]
  }

  successor(index: number): number {
    return this.words[index * WORDS + SUCCESSOR]
  }

  /** The round in which the successor gave a sign of life, as far as is known. */
  successorAlive(index: number): number {
    return this.words[index * WORDS + SUCCESSOR_ALIVE]
  }

  /** Whether this rank is better than the member's. */
  beatsMember(index: number, rank: number): boolean {
    return rank < this.words[index * WORDS + RANK]
  }

  beatsSuccessor(index: number, rank: number): boolean {
    return rank < this.words[index * WORDS + SUCCESSOR_RANK]
  }

  setMember(index: number, peer: number, rank: number): void {
    this.words[index * WORDS] = peer
    this.words[index * WORDS + RANK] = rank
    this.hits[index] = 0
  }

  setSuccessor(index: number, peer: number, rank: number, alive: number): void {
    const at = index * WORDS
    this.words[at + SUCCESSOR] = peer
    this.words[at + SUCCESSOR_RANK] = rank
    this.words[at + SUCCESSOR_ALIVE] = alive
  }

  /** The successor gave a sign of life in this round, if not later. */
  keepAlive(index: number, round: number): void {
    const at = index * WORDS + SUCCESSOR_ALIVE
    this.words[at] = Math.max(this.words[at], round)
  }

  clearMember(index: number): void {
    this.setMember(index, NOBODY, NO_RANK)
  }

  clearSuccessor(index: number): void {
    this.setSuccessor(index, NOBODY, NO_RANK, 0)
  }

  /** The member was spoken of, or asked. */
  countHit(index: number): void {
    if (this.hits[index] < MAX_HITS) {
      this.hits[index]++
    }
  }

  /** The member of a node that was spoken of least (of equals the first), or {@link NOBODY}. */
  leastHit(node: number): number {
    const { words, hits } = this
    const first = node * this.perNode
    let chosen = NOBODY
    let least = MAX_HITS + 1

    for (let index = first; index < first + this.perNode; index++) {
      if (hits[index] < least && words[index * WORDS] !== NOBODY) {
        least = hits[index]
        chosen = words[index * WORDS]
      }
    }

    return chosen
  }
}
