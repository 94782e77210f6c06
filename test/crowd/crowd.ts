import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { PeerSamplingInit } from '../../src/sampling/index.ts'

/** What a peer of the crowd says of itself. */
export interface PeerReport {
  id: string
  addresses: string[]
  view: string[]
  rounds: number
  connections: number
  outcomes: Record<string, number>
  refusals: Record<string, number>
}

/** What of the service's options goes through a message. */
export type CrowdInit = Omit<PeerSamplingInit, 'bootstrap'>

/** What a process of the crowd is told. */
export type Command =
  | { do: 'start'; peers: number; bootstrap: string[]; init?: CrowdInit }
  | { do: 'refuse'; ids: string[] }
  | { do: 'report' }
  | { do: 'stop' }

type Answer = { reports: PeerReport[] } | { error: string }

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url))

/** A process with some peers in it. One command at a time. */
export class CrowdProcess {
  private readonly child: ChildProcess
  peers: PeerReport[] = []

  constructor() {
    this.child = fork(WORKER, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  }

  get pid(): number {
    return this.child.pid as number
  }

  async tell(command: Command): Promise<PeerReport[]> {
    this.child.send(command)
    const [answer] = (await once(this.child, 'message')) as [Answer]

    if ('error' in answer) {
      throw new Error(answer.error)
    }

    this.peers = answer.reports
    return this.peers
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    if (this.child.exitCode == null && this.child.signalCode == null) {
      this.child.kill('SIGKILL')
      await once(this.child, 'exit')
    }
  }
}

/** Of the rounds of a peer this share counts at least, be it answered or not. */
const COUNTED = 0.25

/**
 * Rounds of a peer in which somebody has answered it: on a machine that is short of time exchanges take long, and most partners are
 * busy with others.
 */
function roundsOf({ rounds, outcomes }: PeerReport): number {
  return Math.max(Math.min(outcomes.answered, rounds), COUNTED * rounds)
}

/** Peers in several processes, on real sockets. */
export class Crowd {
  processes: CrowdProcess[] = []

  /** Starts a process with so many peers, all of which join through the same addresses. */
  async start(peers: number, bootstrap: string[], init: CrowdInit = {}): Promise<CrowdProcess> {
    const process = new CrowdProcess()
    this.processes.push(process)
    await process.tell({ do: 'start', peers, bootstrap, init })
    return process
  }

  async kill(killed: CrowdProcess[]): Promise<void> {
    this.processes = this.processes.filter(process => !killed.includes(process))
    await Promise.all(killed.map(process => process.kill()))
  }

  async report(): Promise<PeerReport[]> {
    const reports = await Promise.all(this.processes.map(process => process.tell({ do: 'report' })))
    return reports.flat()
  }

  /**
   * Waits until nothing is left to complain of.
   *
   * @param rounds - of the slowest peer, in which somebody has answered it
   * @param complaint - what is wrong with these peers, or undefined
   * @returns those that it needed
   * @throws the last complaint when every peer has had its rounds
   */
  async within(rounds: number, complaint: (peers: PeerReport[]) => string | undefined): Promise<number> {
    const began = new Map((await this.report()).map(peer => [peer.id, roundsOf(peer)]))

    while (true) {
      const peers = await this.report()
      const elapsed = Math.min(...peers.map(peer => roundsOf(peer) - (began.get(peer.id) ?? 0)))
      const wrong = complaint(peers)

      if (wrong == null) {
        return elapsed
      }

      if (elapsed >= rounds) {
        throw new Error(`after ${elapsed} rounds: ${wrong}`)
      }

      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map(process => process.kill()))
    this.processes = []
  }
}
