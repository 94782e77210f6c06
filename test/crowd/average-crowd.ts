import type { AggregateOptions } from '../../src/aggregation/index.ts'
import { eventually } from '../support/eventually.ts'
import { WorkerProcess } from './worker-process.ts'

/** What all register, each with a value of its own. */
export const LOAD: AggregateOptions = { name: 'load', function: 'average', range: { from: 0, to: 100 } }

export interface FinishedEpoch {
  epoch: number
  /** Of the peer in it: fewer than it has where others were much quicker. */
  rounds: number
  value: number
  size: number
}

/** What a peer says of itself. */
export interface AveragingPeer {
  addresses: string[]
  /** The libp2p protocol id of aggregation. */
  protocol: string
  /** The one under way. */
  epoch: number | undefined
  /** Those that it took part in, the latest of each number: who was ahead, alone, comes back and makes some again. */
  finished: FinishedEpoch[]
  /** Of the exchanges that it started. */
  outcomes: Record<string, number>
  refusals: Record<string, number>
}

export type AverageCommand =
  | { do: 'start'; epoch: number; period: number; values: number[]; bootstrap: string[] }
  | { do: 'report' }

const WORKER = new URL('./average-worker.js', import.meta.url)

/** Peers that average, in several processes. */
export class AverageCrowd {
  private readonly epoch: number
  private readonly period: number
  private readonly processes: Array<WorkerProcess<AverageCommand, AveragingPeer[]>> = []

  constructor(epoch: number, period: number) {
    this.epoch = epoch
    this.period = period
  }

  /** Starts a process for each list of values, and all of their peers at about the same time. */
  async start(lists: number[][], bootstrap: string[]): Promise<void> {
    const { epoch, period } = this
    const workers = lists.map(() => new WorkerProcess<AverageCommand, AveragingPeer[]>(WORKER))
    this.processes.push(...workers)
    await Promise.all(workers.map(worker => worker.tell({ do: 'report' })))
    await Promise.all(
      workers.map((worker, i) => worker.tell({ do: 'start', epoch, period, values: lists[i], bootstrap }))
    )
  }

  async report(): Promise<AveragingPeer[]> {
    return (await Promise.all(this.processes.map(worker => worker.tell({ do: 'report' })))).flat()
  }

  /** Waits until all peers are in one epoch: from the next one on they are in all of them together. Its number. */
  async agreed(): Promise<number> {
    let agreed = -1

    await eventually(
      async () => {
        const [first = -1, ...others] = (await this.report()).map(({ epoch }) => epoch)
        agreed = first
        return first !== -1 && others.every(epoch => epoch === first)
      },
      { what: 'all in one epoch', deadline: 200_000 }
    )

    return agreed
  }

  /** What all peers say of each epoch, not before this one, that all of them have finished. */
  async finished(from: number): Promise<FinishedEpoch[][]> {
    const lists = (await this.report()).map(({ finished }) => finished.filter(({ epoch }) => epoch >= from))
    const inEpoch = (number: number) => lists.flatMap(list => list.filter(({ epoch }) => epoch === number))
    return lists[0].map(({ epoch }) => inEpoch(epoch)).filter(({ length }) => length === lists.length)
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.splice(0).map(worker => worker.kill()))
  }
}

/** Over all peers, what they have counted by some word. */
export function total(peers: AveragingPeer[], counts: 'outcomes' | 'refusals', word: string): number {
  return peers.reduce((sum, peer) => sum + (peer[counts][word] ?? 0), 0)
}
