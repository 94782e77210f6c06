import { MAX_SIZE, TRIMMED_INSTANCES } from './constants.ts'
import type { AggregationMessage } from './message.ts'

/** How many there are, and the standard error of that, as the instances tell. */
export interface Size {
  value: number
  spread: number
}

/**
 * Counting (TOCS 2005, section 5): in an instance, one node begins with 1 and all others with 0; the average is 1 / size.
 *
 * Here every node begins an instance of its own, under a random tag, and keeps those with the smallest tags that it has
 * heard of: a tag that it does not keep counts 0. The smallest tags of all are in every union that has them at either end,
 * so nothing of theirs is ever lost, and nobody has to be chosen.
 */
export class Instances {
  readonly capacity: number
  private readonly tags: Uint32Array
  private readonly shares: Float64Array
  private readonly sizes: Uint8Array
  private readonly mergedTags: Uint32Array
  private readonly mergedShares: Float64Array

  /** @param capacity - instances that a node keeps */
  constructor(nodes: number, capacity: number) {
    this.capacity = capacity
    this.tags = new Uint32Array(nodes * capacity)
    this.shares = new Float64Array(nodes * capacity)
    this.sizes = new Uint8Array(nodes)
    this.mergedTags = new Uint32Array(capacity)
    this.mergedShares = new Float64Array(capacity)
  }

  /** Bytes of its arrays. */
  get stateBytes(): number {
    const { tags, shares, sizes } = this
    return [tags, shares, sizes].reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** Begins with the node's own instance alone. */
  start(node: number, tag: number): void {
    const first = node * this.capacity
    this.tags[first] = tag
    this.shares[first] = 1
    this.sizes[node] = 1
  }

  write(node: number, out: AggregationMessage): void {
    const first = node * this.capacity
    const size = this.sizes[node]
    out.instances = size

    for (let i = 0; i < size; i++) {
      out.tags[i] = this.tags[first + i]
      out.shares[i] = this.shares[first + i]
    }
  }

  /** What of an instance the node holds, or 0. */
  share(node: number, tag: number): number {
    const first = node * this.capacity
    const at = this.tags.subarray(first, first + this.sizes[node]).indexOf(tag)
    return at === -1 ? 0 : this.shares[first + at]
  }

  /** Takes the mean of both ends in all instances that either has, and keeps those with the smallest tags. */
  merge(node: number, { tags: theirTags, shares: theirShares, instances }: AggregationMessage): void {
    const { capacity, tags, shares, mergedTags, mergedShares } = this
    const first = node * capacity
    const end = first + this.sizes[node]
    let mine = first
    let theirs = 0
    let size = 0

    while (size < capacity && (mine < end || theirs < instances)) {
      const order = mine === end ? 1 : theirs === instances ? -1 : tags[mine] - theirTags[theirs]
      mergedTags[size] = order > 0 ? theirTags[theirs] : tags[mine]
      mergedShares[size++] = ((order > 0 ? 0 : shares[mine]) + (order < 0 ? 0 : theirShares[theirs])) / 2
      mine += order > 0 ? 0 : 1
      theirs += order < 0 ? 0 : 1
    }

    for (let i = 0; i < size; i++) {
      tags[first + i] = mergedTags[i]
      shares[first + i] = mergedShares[i]
    }

    this.sizes[node] = size
  }

  /** The mean of what the instances say but for the highest and the lowest quarter, and its standard error. */
  size(node: number): Size {
    const first = node * this.capacity
    const shares = this.shares.slice(first, first + this.sizes[node]).sort()
    const cut = Math.floor(shares.length * TRIMMED_INSTANCES)
    const said = Array.from(shares.subarray(cut, shares.length - cut), share => Math.min(1 / share, MAX_SIZE))
    const value = said.reduce((sum, size) => sum + size, 0) / said.length
    const squares = said.reduce((sum, size) => sum + (size - value) ** 2, 0)
    return { value, spread: Math.sqrt(squares / Math.max(1, said.length - 1) / said.length) }
  }

  /** What is impossible of what another node claims to hold, if anything is: tags are in order, and shares are parts of 1. */
  static defect({ tags, shares, instances }: AggregationMessage): 'not-finite' | 'out-of-range' | undefined {
    for (let i = 0; i < Math.min(instances, tags.length); i++) {
      if (!(shares[i] >= 0 && shares[i] <= 1)) {
        return Number.isFinite(shares[i]) ? 'out-of-range' : 'not-finite'
      }

      if (i > 0 && tags[i] <= tags[i - 1]) {
        return 'out-of-range'
      }
    }

    return instances >= 0 && instances <= tags.length ? undefined : 'out-of-range'
  }
}
