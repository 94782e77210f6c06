/**
 * What is taken of the last round trips to the same peer, which are hardly ever too short and often far too long.
 *
 * - `none`: the last one
 * - `median`: the median of the last three (hashicorp/serf)
 * - `quartile`: the 25th percentile of the last four (Ledlie et al., NSDI 2007, section 4.2)
 */
export type Filter = 'none' | 'median' | 'quartile'
export const FILTERS: readonly Filter[] = ['none', 'median', 'quartile']

/** Round trips that a filter looks at, and which of them in ascending order it takes, when it has seen so many. */
const WINDOWS: Record<Exclude<Filter, 'none'>, { size: number; rank: (seen: number) => number }> = {
  median: { size: 3, rank: seen => (seen - 1) >> 1 },
  quartile: { size: 4, rank: () => 0 }
}

/** Peers that a node remembers round trips of. One that shares its place with another one takes it. */
const PEERS = 64

const VACANT = -1

/** The last round trips of each node to each of its peers, as far as it remembers them. */
export class RoundTripFilter {
  private readonly size: number
  private readonly rank: (seen: number) => number
  /** Which peer is in a place, and how many round trips it has there. */
  private readonly peers: Int32Array
  private readonly seen: Uint32Array
  private readonly times: Float64Array
  private readonly sorted: Float64Array

  constructor(nodes: number, filter: Exclude<Filter, 'none'>) {
    const { size, rank } = WINDOWS[filter]
    this.size = size
    this.rank = rank
    this.peers = new Int32Array(nodes * PEERS).fill(VACANT)
    this.seen = new Uint32Array(nodes * PEERS)
    this.times = new Float64Array(nodes * PEERS * size)
    this.sorted = new Float64Array(size)
  }

  get stateBytes(): number {
    return this.peers.byteLength + this.seen.byteLength + this.times.byteLength
  }

  /** Takes note of a round trip, and tells what to take it for. */
  filter(node: number, peer: number, roundTrip: number): number {
    const { peers, seen, times, sorted, size } = this
    const place = node * PEERS + (peer % PEERS)

    if (peers[place] !== peer) {
      peers[place] = peer
      seen[place] = 0
    }

    const first = place * size
    times[first + (seen[place]++ % size)] = roundTrip
    const count = Math.min(seen[place], size)

    for (let i = 0; i < count; i++) {
      sorted[i] = times[first + i]
    }

    return sorted.subarray(0, count).sort()[this.rank(count)]
  }

  /** The node remembers nothing. */
  clear(node: number): void {
    this.peers.fill(VACANT, node * PEERS, (node + 1) * PEERS)
  }
}
