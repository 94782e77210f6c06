import type { Random } from '../gossip/random.ts'

/** Numbers kept for each node: partner, times repeated, round, exchange. */
const STRIDE = 4

/** The exchange that each node of a population has asked for last, so that it can ask again in the very same words. */
export class Asked {
  private readonly words: Int32Array

  /** Numbers of exchanges begin anywhere: a peer that begins anew shall not repeat its last ones. */
  constructor(nodes: number, random: Random) {
    this.words = new Int32Array(nodes * STRIDE)

    for (let node = 0; node < nodes; node++) {
      this.words[node * STRIDE + 3] = random.next()
    }
  }

  /** Bytes of its array. */
  get stateBytes(): number {
    return this.words.byteLength
  }

  begin(node: number, partner: number, round: number): void {
    const at = node * STRIDE
    this.words[at] = partner
    this.words[at + 1] = 0
    this.words[at + 2] = round
    this.words[at + 3]++
  }

  partner(node: number): number {
    return this.words[node * STRIDE]
  }

  /** In which it was asked first. */
  round(node: number): number {
    return this.words[node * STRIDE + 2]
  }

  exchange(node: number): number {
    return this.words[node * STRIDE + 3]
  }

  isAnswer(node: number, from: number, exchange: number): boolean {
    return this.partner(node) === from && this.exchange(node) === exchange
  }

  /** Whether it is to be asked once more, up to so many times. */
  repeats(node: number, limit: number): boolean {
    return ++this.words[node * STRIDE + 1] <= limit
  }
}
