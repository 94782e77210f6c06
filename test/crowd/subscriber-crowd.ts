import type { FilterJson, PublishOutcome } from '../../src/pubsub/index.ts'
import type { Attributes } from './drawn-interests.ts'
import { WorkerProcess } from './worker-process.ts'

/** A subscription, and what has come to it. */
export interface Taken {
  filter: FilterJson
  /** Rounds of its peer when it came. */
  since: number
  /** Numbers of events, as they came, and milliseconds since each was published. */
  events: number[]
  delays: number[]
  missed: number
}

/** What a peer says of itself. */
export interface SubscribingPeer {
  id: string
  addresses: string[]
  rounds: number
  links: number
  subscriptions: Taken[]
  /** Events that came to one of its subscriptions once more. */
  duplicates: number
  /** Of exchanges about links, and of batches of events. */
  outcomes: Record<string, number>
  batches: Record<string, number>
  refusals: Record<string, number>
}

export type SubscriberCommand =
  | { do: 'start'; filters: FilterJson[][]; period: number; bootstrap: string[] }
  | { do: 'subscribe'; peer: string; filter: FilterJson }
  | { do: 'publish'; peer: string; number: number; attributes: Attributes }
  | { do: 'report' }

export interface SubscriberAnswer {
  peers: SubscribingPeer[]
  published: PublishOutcome | undefined
  /** Seconds of processor time, and bytes in memory, of the process. */
  cpu: number
  memory: number
}

const WORKER = new URL('./subscriber-worker.js', import.meta.url)

/** A process with some peers in it that subscribe and publish. */
export class SubscriberProcess extends WorkerProcess<SubscriberCommand, SubscriberAnswer> {
  private readonly period: number

  /** @param period - of peer sampling and of publish/subscribe, in milliseconds */
  constructor(period: number) {
    super(WORKER)
    this.period = period
  }

  /** Starts a peer for each list of filters. */
  async start(filters: FilterJson[][], bootstrap: string[]): Promise<SubscribingPeer[]> {
    const { period } = this
    return (await this.tell({ do: 'start', filters, period, bootstrap })).peers
  }

  async report(): Promise<SubscribingPeer[]> {
    return (await this.tell({ do: 'report' })).peers
  }

  async publish(peer: string, number: number, attributes: Attributes): Promise<PublishOutcome> {
    return (await this.tell({ do: 'publish', peer, number, attributes })).published as PublishOutcome
  }
}

/** Peers that subscribe and publish, in several processes. */
export class SubscriberCrowd {
  private readonly period: number
  private readonly processes: SubscriberProcess[] = []
  /** Where each of those lives that may be told to do something. */
  private readonly homes = new Map<string, SubscriberProcess>()
  /** What those that were killed said last. */
  readonly killed: SubscribingPeer[] = []

  /** @param period - of peer sampling and of publish/subscribe, in milliseconds */
  constructor(period: number) {
    this.period = period
  }

  /** Those that may publish. */
  get living(): string[] {
    return [...this.homes.keys()]
  }

  /** Starts a process for each list of peers, of which each has a list of filters. */
  async start(lists: FilterJson[][][], bootstrap: string[]): Promise<SubscribingPeer[]> {
    const processes = lists.map(() => new SubscriberProcess(this.period))
    this.processes.push(...processes)
    return (await Promise.all(processes.map((process, i) => this.startIn(process, lists[i], bootstrap)))).flat()
  }

  /** Starts peers in the first process. */
  join(filters: FilterJson[][], bootstrap: string[]): Promise<SubscribingPeer[]> {
    return this.startIn(this.processes[0], filters, bootstrap)
  }

  private async startIn(process: SubscriberProcess, filters: FilterJson[][], bootstrap: string[]) {
    const peers = await process.start(filters, bootstrap)

    for (const { id } of peers) {
      this.homes.set(id, process)
    }

    return peers
  }

  /** @returns its outcome */
  async publish(peer: string, number: number, attributes: Attributes): Promise<string> {
    const home = this.homes.get(peer) as SubscriberProcess
    return (await home.publish(peer, number, attributes)).outcome
  }

  async subscribe(peer: string, filter: FilterJson): Promise<void> {
    await this.homes.get(peer)?.tell({ do: 'subscribe', peer, filter })
  }

  /** Kills the last process, and all peers in it. What they were told to publish before is done by then. */
  async killLast(): Promise<void> {
    const process = this.processes.pop() as SubscriberProcess

    for (const [id, home] of this.homes) {
      if (home === process) {
        this.homes.delete(id)
      }
    }

    this.killed.push(...(await process.report()))
    await process.kill()
  }

  async report(): Promise<SubscribingPeer[]> {
    return (await Promise.all(this.processes.map(process => process.report()))).flat()
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.splice(0).map(process => process.kill()))
  }
}
