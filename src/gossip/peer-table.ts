/** The share of the table that was spoken of just now, and by how much it grows before it is looked through again. Our choice. */
const PRESENT_SHARE = 1 / 16

/**
 * Gives each known peer a small number, which is all that a protocol core ever sees of it, and keeps what else is known
 * of it beside that number. Number 0 is this node itself and is never given away, nor are those of other nodes of its population.
 *
 * The table has a limit. When it is full, the numbers that no core uses any more are taken back, all at once: the ones
 * longest unused first, until a quarter of the table is free. Those that were spoken of just now are left alone, though no core may use them yet: one message
 * names several.
 */
export class PeerTable<T> {
  readonly capacity: number
  private readonly numbers = new Map<string, number>()
  private readonly keys: Array<string | undefined>
  private readonly values: Array<T | undefined>
  private readonly free: number[] = []
  /** When each number was last spoken of, by a clock that ticks at every mention. */
  private readonly mentioned: number[]
  private mentions = 0
  private readonly present: number
  /** Of how many peers numbers are taken back. */
  private limit: number
  private readonly inUse: (peer: number) => boolean

  /**
   * @param capacity - how many peers at most, this node not counted
   * @param inUse - whether a core still holds the number
   * @param nodes - how many numbers are this node's own
   */
  constructor(capacity: number, inUse: (peer: number) => boolean, nodes = 1) {
    this.capacity = capacity
    this.limit = capacity
    this.present = Math.floor(capacity * PRESENT_SHARE)
    this.inUse = inUse
    this.keys = new Array(nodes).fill(undefined)
    this.values = new Array(nodes).fill(undefined)
    this.mentioned = new Array(nodes).fill(0)
  }

  get size(): number {
    return this.numbers.size
  }

  /** The peer's number, if it has one. */
  number(key: string): number | undefined {
    return this.numbers.get(key)
  }

  get(peer: number): T | undefined {
    return this.values[peer]
  }

  /** Sets what is known of a peer and returns its number. */
  set(key: string, value: T): number {
    let peer = this.numbers.get(key)

    if (peer == null) {
      if (this.numbers.size >= this.limit) {
        this.sweep()
      }

      peer = this.free.pop() ?? this.keys.length
      this.numbers.set(key, peer)
      this.keys[peer] = key
    }

    this.values[peer] = value
    this.mention(peer)
    return peer
  }

  /** The peer was spoken of: its number is among the last to be taken back. */
  mention(peer: number): void {
    this.mentioned[peer] = ++this.mentions
  }

  /** Takes unused numbers back. When every number is in use there is nothing to take, and the table grows past its limit: to look it through is expensive then. */
  private sweep(): void {
    const present = this.mentions - this.present
    const unused = [...this.numbers.values()].filter(peer => this.mentioned[peer] <= present && !this.inUse(peer))
    unused.sort((a, b) => this.mentioned[a] - this.mentioned[b])

    for (const peer of unused.slice(0, Math.ceil(this.capacity / 4))) {
      this.numbers.delete(this.keys[peer] as string)
      this.keys[peer] = undefined
      this.values[peer] = undefined
      this.free.push(peer)
    }

    this.limit = Math.max(this.capacity, this.numbers.size + this.present)
  }
}
