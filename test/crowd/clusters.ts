interface Place {
  /** Milliseconds, as is all here. */
  x: number
  y: number
  /** What its access link adds to each of its round trips. */
  height: number
}

/** Corners of a triangle of equal sides, but for a fraction of a millisecond. */
const CENTRES = [
  { x: 0, y: 0 },
  { x: 50, y: 0 },
  { x: 25, y: 43 }
]
const SPACING = 10
/** Places around a centre, which is vacant. */
const SPOTS = [-1, 0, 1].flatMap(x => [-1, 0, 1].map(y => ({ x, y }))).filter(({ x, y }) => x !== 0 || y !== 0)
/** Every third one in a cluster is behind a slow link. */
const SLOW = 3
const SLOW_HEIGHT = 5

/** Peers, by number, in three clusters of a plane: 10 to 33 ms from each other within one, 24 to 82 ms across. */
export class Clusters {
  private readonly clusters: number[] = []
  private readonly places: Place[] = []

  constructor() {
    for (const cluster of CENTRES.keys()) {
      for (const [i, spot] of SPOTS.entries()) {
        this.clusters.push(cluster)
        this.places.push(place(cluster, spot, i % SLOW === 0 ? SLOW_HEIGHT : 0))
      }
    }
  }

  get size(): number {
    return this.places.length
  }

  clusterOf(peer: number): number {
    return this.clusters[peer]
  }

  roundTrip(a: number, b: number): number {
    const [from, to] = [this.places[a], this.places[b]]
    return Math.hypot(from.x - to.x, from.y - to.y) + from.height + to.height
  }

  /** The round trips to so many that are nearest to a peer. */
  shortest(peer: number, count: number): number[] {
    const others = [...this.places.keys()].filter(other => other !== peer)
    const roundTrips = others.map(other => this.roundTrip(peer, other))
    return roundTrips.sort((a, b) => a - b).slice(0, count)
  }

  /** Takes a peer, with its link, to the middle of a cluster. */
  move(peer: number, cluster: number): void {
    this.clusters[peer] = cluster
    this.places[peer] = place(cluster, { x: 0, y: 0 }, this.places[peer].height)
  }
}

function place(cluster: number, spot: { x: number; y: number }, height: number): Place {
  const centre = CENTRES[cluster]
  return { x: centre.x + SPACING * spot.x, y: centre.y + SPACING * spot.y, height }
}
