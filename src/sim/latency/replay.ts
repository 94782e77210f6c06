import { ParameterError } from '../../gossip/parameters.ts'
import type { Random } from '../../gossip/random.ts'
import type { LatencyMatrix } from './latency-matrix.ts'
import { MatrixRoundTrips } from './matrix-round-trips.ts'
import type { RoundTrips } from './round-trips.ts'

/** Times measured later between the same hosts, which hold once a round is over. */
export interface Replay {
  matrix: LatencyMatrix
  round: number
}

/**
 * Reads `later.txt@20`: the times in that file hold once round 20 is over.
 *
 * @param read - reads the file
 */
export function parseReplay(text: string, read: (file: string) => LatencyMatrix): Replay {
  const [, file, round] = /^(.+)@(\d{1,9})$/.exec(text) ?? []

  if (file == null) {
    throw new Error(`"${text}" is not a file of round-trip times and a round (example: later.txt@20)`)
  }

  return { matrix: read(file), round: Number(round) }
}

/**
 * Makes sure that each matrix is one of the same hosts, and comes by itself while the run lasts.
 *
 * @param first - what holds until then
 * @throws ParameterError naming the option
 */
export function checkReplays(first: LatencyMatrix, replays: readonly Replay[], rounds: number): void {
  checkHosts(first, replays)
  const seen = new Set<number>()

  for (const { round } of replays) {
    if (!Number.isInteger(round) || round < 0 || round >= rounds) {
      throw new ParameterError(
        'replay',
        `round ${round} is not one from 0 to ${rounds - 1}: some of the ${rounds} rounds must follow`
      )
    }

    if (seen.has(round)) {
      throw new ParameterError('replay', `two matrices after round ${round}: only one can hold`)
    }

    seen.add(round)
  }
}

function checkHosts(first: LatencyMatrix, replays: readonly Replay[]): void {
  for (const { matrix } of replays) {
    if (matrix.hosts !== first.hosts) {
      throw new ParameterError(
        'replay',
        `${matrix.name} has ${matrix.hosts} hosts and ${first.name} ${first.hosts}: they must be the same ones`
      )
    }
  }
}

/** Measured round-trip times that change while the nodes stay at their hosts. */
export class ReplayedRoundTrips implements RoundTrips {
  private readonly first: MatrixRoundTrips
  private readonly replays: readonly Replay[]
  private current: MatrixRoundTrips

  /**
   * @param first - the times until the first replay; nodes are put at hosts as without replays
   * @param nodes - how many nodes there will ever be
   * @throws ParameterError when a matrix has more or fewer hosts than the first
   */
  constructor(first: LatencyMatrix, replays: readonly Replay[], nodes: number, random: Random) {
    checkHosts(first, replays)
    this.first = MatrixRoundTrips.place(first, nodes, random)
    this.replays = replays.toSorted((a, b) => a.round - b.round)
    this.current = this.first
    this.advance(0)
  }

  /** Of the times that hold now. */
  get mean(): number {
    return this.current.mean
  }

  get stateBytes(): number {
    return this.first.stateBytes
  }

  roundTrip(from: number, to: number): number {
    return this.current.roundTrip(from, to)
  }

  /** A round is over: from now on the times hold that come after it. */
  advance(round: number): void {
    const latest = this.replays.findLast(replay => replay.round <= round)
    this.current = latest == null ? this.first : this.first.at(latest.matrix)
  }
}
