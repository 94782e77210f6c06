/**
 * Gives each known peer a small number, which is all that a protocol core ever sees of it, and keeps what else is known
 * of it beside that number. Number 0 is this node itself and is never given away.
 *
 * The table has a limit. When it is full, the numbers that no core uses any more are taken back, all at once: the ones
 * longest unused first, until a quarter of the table is free.
 */
export class PeerTable<T> {
  readonly capacity: number
  private readonly numbers = new Map<string, number>()
  private readonly keys: Array<string | undefined> = [undefined]
  private readonly values: Array<T | undefined> = [undefined]
  private readonly free: number[] = []
  private readonly inUse: (peer: number) => boolean

  /**
   * @param capacity - how many peers at most, this node not counted
   * @param inUse - whether a core still holds the number
   */
  constructor(capacity: number, inUse: (peer: number) => boolean) {
    this.capacity = capacity
    this.inUse = inUse
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

  key(peer: number): string | undefined {
    return this.keys[peer]
  }

  /** Sets what is known of a peer and returns its number. The most recently set ones are the last to go. */
  set(key: string, value: T): number {
    let peer = this.numbers.get(key)

    if (peer == null) {
      if (this.numbers.size >= this.capacity) {
        this.sweep()
      }

      peer = this.free.pop() ?? this.keys.length
    } else {
      this.numbers.delete(key)
    }

    this.numbers.set(key, peer)
    this.keys[peer] = key
    this.values[peer] = value
    return peer
  }

  /** Takes unused numbers back. When every number is in use there is nothing to take, and the table grows past its limit. */
  private sweep(): void {
    let wanted = Math.ceil(this.capacity / 4)

    for (const [key, peer] of this.numbers) {
      if (this.inUse(peer)) {
        continue
      }

      this.numbers.delete(key)
      this.keys[peer] = undefined
      this.values[peer] = undefined
      this.free.push(peer)

      if (--wanted === 0) {
        return
      }
    }
  }
}
