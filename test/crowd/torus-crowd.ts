import type { Random } from '../../src/gossip/random.ts'
import { TORUS_DIRECTIONS, type TorusDirection } from '../../src/overlay/index.ts'
import { WorkerProcess } from './worker-process.ts'

export type Point = number[]

/** What a peer says of itself. */
export interface TorusPeer {
  id: string
  addresses: string[]
  position: Point
  /** Of the overlay. */
  rounds: number
  /** Of those, the ones before it found the first other peer. */
  joined: number
  neighbours: { [direction in TorusDirection]?: { id: string; position: Point } }
}

export interface RouteReport {
  from: string
  to: Point
  outcome: string
  /** The last peer on the path. */
  end: string
}

export type TorusCommand =
  | { do: 'start'; side: number; period: number; positions: Point[]; bootstrap: string[] }
  | { do: 'report' }
  | { do: 'route'; routes: Array<{ from: string; to: Point }> }

export interface TorusAnswer {
  peers: TorusPeer[]
  routes: RouteReport[]
}

/** How many rounds peers have made. Where all keep pace, it is one number. */
export interface Rounds {
  slowest: number
  mean: number
  quickest: number
}

const WORKER = new URL('./torus-worker.js', import.meta.url)

/** Peers on a torus, in several processes. */
export class TorusCrowd {
  readonly side: number
  private readonly period: number
  private readonly processes: Array<WorkerProcess<TorusCommand, TorusAnswer>> = []
  private readonly ids = new Map<WorkerProcess<TorusCommand, TorusAnswer>, string[]>()

  constructor(side: number, period: number) {
    this.side = side
    this.period = period
  }

  /** Starts a process for each list of positions, and all of their peers at about the same time. All join through these addresses. */
  async start(lists: Point[][], bootstrap: string[]): Promise<void> {
    const workers = lists.map(() => new WorkerProcess<TorusCommand, TorusAnswer>(WORKER))
    this.processes.push(...workers)
    // whoever answers has loaded what it needs
    await Promise.all(workers.map(worker => worker.tell({ do: 'report' })))
    await Promise.all(workers.map((worker, i) => this.startIn(worker, lists[i], bootstrap)))
  }

  private async startIn(worker: WorkerProcess<TorusCommand, TorusAnswer>, positions: Point[], bootstrap: string[]) {
    const { side, period } = this
    const { peers } = await worker.tell({ do: 'start', side, period, positions, bootstrap })
    this.ids.set(
      worker,
      peers.map(({ id }) => id)
    )
  }

  /** Kills the last process, and all peers in it. */
  async killLast(): Promise<string[]> {
    const worker = this.processes.pop() as WorkerProcess<TorusCommand, TorusAnswer>
    await worker.kill()
    return this.ids.get(worker) ?? []
  }

  async report(): Promise<TorusPeer[]> {
    const answers = await Promise.all(this.processes.map(worker => worker.tell({ do: 'report' })))
    return answers.flatMap(({ peers }) => peers)
  }

  /** All at the same time. */
  async route(routes: Array<{ from: string; to: Point }>): Promise<RouteReport[]> {
    const answers = await Promise.all(
      this.processes.map(worker => {
        const ids = this.ids.get(worker) ?? []
        return worker.tell({ do: 'route', routes: routes.filter(({ from }) => ids.includes(from)) })
      })
    )
    return answers.flatMap(({ routes }) => routes)
  }

  /**
   * Waits until nothing is left to complain of.
   *
   * @param rounds - a limit: of the slowest peer, for where a machine is short of time its peers do not keep pace
   * @param since - rounds of each peer from which its rounds are counted
   * @returns the rounds that they took
   * @throws the last complaint when every peer has had its rounds
   */
  async within(
    rounds: number,
    since: ReadonlyMap<string, number>,
    complaint: (peers: TorusPeer[]) => string | undefined
  ): Promise<Rounds> {
    for (;;) {
      const peers = await this.report()
      const counted = peers.map(peer => peer.rounds - (since.get(peer.id) ?? 0))
      const taken = { slowest: Math.min(...counted), mean: mean(counted), quickest: Math.max(...counted) }
      const wrong = complaint(peers)

      if (taken.slowest > rounds) {
        throw new Error(`rounds: ${JSON.stringify(taken)}, ${wrong ?? 'then all was well'}`)
      }

      if (wrong == null) {
        return taken
      }

      await new Promise(resolve => setTimeout(resolve, 200))
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.splice(0).map(worker => worker.kill()))
  }
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** All points, in an order that the seed decides. */
export function shuffledPoints(side: number, random: Random): Point[] {
  const points = Array.from({ length: side * side }, (_, i) => [i % side, Math.floor(i / side)])

  for (let i = points.length - 1; i > 0; i--) {
    const other = random.below(i + 1)
    const point = points[i]
    points[i] = points[other]
    points[other] = point
  }

  return points
}

/** Where the peers' positions say that the neighbours of one should be; it is none itself. Straight from the definitions. */
export class Truth {
  private readonly side: number
  private readonly peers: TorusPeer[]

  constructor(side: number, peers: TorusPeer[]) {
    this.side = side
    this.peers = peers
  }

  /** The first of all neighbours that is none, or is farther than it could be. */
  complaint(): string | undefined {
    for (const peer of this.peers) {
      for (const direction of TORUS_DIRECTIONS) {
        const neighbour = peer.neighbours[direction]
        const least = Math.min(...this.peers.map(({ position }) => this.reach(direction, peer.position, position)))
        const found = this.find(neighbour?.id)
        const reached = found == null ? Number.POSITIVE_INFINITY : this.reach(direction, peer.position, found.position)

        if (neighbour != null && found == null) {
          return `the ${direction} of ${peer.position} is a peer that is gone, at ${neighbour.position}`
        }

        if (reached !== least) {
          return `the ${direction} of ${peer.position} is ${found?.position ?? 'nobody'}, ${reached} steps away, not ${least}`
        }
      }
    }

    return undefined
  }

  /** From the nearest living peer to a point. */
  least(point: Point): number {
    return Math.min(...this.peers.map(({ position }) => this.distance(position, point)))
  }

  /** From that peer; infinite unless it lives. */
  distanceOf(id: string, point: Point): number {
    const peer = this.find(id)
    return peer == null ? Number.POSITIVE_INFINITY : this.distance(peer.position, point)
  }

  private find(id: string | undefined): TorusPeer | undefined {
    return this.peers.find(peer => peer.id === id)
  }

  private distance(a: Point, b: Point): number {
    return this.across(a[0], b[0]) + this.across(a[1], b[1])
  }

  /** Steps to one who lies in that direction: at least as many that way as across. */
  private reach(direction: TorusDirection, from: Point, to: Point): number {
    const vertical = direction === 'north' || direction === 'south'
    const ahead = direction === 'north' || direction === 'east' ? 1 : -1
    const [axis, other] = vertical ? [1, 0] : [0, 1]
    const along = ((((to[axis] - from[axis]) * ahead) % this.side) + this.side) % this.side
    const across = this.across(from[other], to[other])
    return along > 0 && along >= across ? along + across : Number.POSITIVE_INFINITY
  }

  private across(a: number, b: number): number {
    return Math.min(Math.abs(a - b), this.side - Math.abs(a - b))
  }
}
