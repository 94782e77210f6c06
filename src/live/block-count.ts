import { blocksOf } from './address-blocks.ts'
import type { VerifiedRecord } from './records.ts'

/** Blocks that an honest peer is in at most: a network of its own, one of IPv6, and a relay. Whoever claims more would close
 * them to others. Our choice. */
const MAX_BLOCKS = 3

const NONE: readonly string[] = []

/**
 * Keeps a set of peers from having more than so many members in one address block. Whoever is to join the set is asked
 * for one after the other; a peer with several blocks counts in each.
 */
export class BlockCount {
  private readonly max: number
  private readonly counts = new Map<string, number>()
  /** Where each peer is counted, by its key. */
  private readonly counted = new Map<string, readonly string[]>()
  private readonly blocks = new WeakMap<VerifiedRecord, readonly string[]>()

  /** @param max - most peers in a block */
  constructor(max: number) {
    this.max = max
  }

  /** Begins anew with the peers that are there already. */
  begin(held: Iterable<VerifiedRecord>): void {
    this.counts.clear()
    this.counted.clear()

    for (const record of held) {
      this.place(record.key, this.blocksOf(record))
    }
  }

  /** Counts the peer in, unless one of its blocks is full of others, or it claims to be in too many. Who is there already may stay where it is. */
  admit(record: VerifiedRecord): boolean {
    const before = this.counted.get(record.key) ?? NONE
    const blocks = this.blocksOf(record)

    if (before === blocks) {
      return true
    }

    this.count(before, -1)
    const fits = blocks.length <= MAX_BLOCKS && blocks.every(block => (this.counts.get(block) ?? 0) < this.max)
    this.place(record.key, fits ? blocks : before)
    return fits
  }

  private place(key: string, blocks: readonly string[]): void {
    this.counted.set(key, blocks)
    this.count(blocks, 1)
  }

  private count(blocks: readonly string[], by: number): void {
    for (const block of blocks) {
      this.counts.set(block, (this.counts.get(block) ?? 0) + by)
    }
  }

  private blocksOf(record: VerifiedRecord): readonly string[] {
    const blocks = this.blocks.get(record) ?? blocksOf(record.multiaddrs)
    this.blocks.set(record, blocks)
    return blocks
  }
}
