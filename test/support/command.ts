import '../../src/peer/compat.ts'
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The command as it is built. */
export const COMMAND = fileURLToPath(new URL('../../bin/gossip-peer.js', import.meta.url))

/** How long anything here may take before it has failed, in milliseconds. */
const DEADLINE = 30_000

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Surroundings {
  env?: Record<string, string>
  /** HOME of the process: where the default home of a peer would be. */
  userHome?: string
}

/** A process of the command, and what it has said so far. */
export class RunningCommand {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  stdout = ''
  stderr = ''
  #changed = Promise.withResolvers<void>()

  constructor(file: string, args: string[], { env = {}, userHome = '/nonexistent' }: Surroundings = {}) {
    // What the machine of the tester has set is not to change what the tests see.
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GOSSIP_PEER_'))
    this.child = spawn(file, args, {
      env: { ...Object.fromEntries(inherited), HOME: userHome, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    this.child.stdout?.setEncoding('utf8').on('data', text => {
      this.stdout += text
      this.#tell()
    })
    this.child.stderr?.setEncoding('utf8').on('data', text => {
      this.stderr += text
      this.#tell()
    })
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject)
      this.child.once('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr })
        this.#tell()
      })
    })
    running.add(this)
    this.ended.finally(() => running.delete(this)).catch(() => {})
  }

  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1)
  }

  /** The first match in what was said, as soon as it is said. */
  async says(pattern: RegExp, where: 'stdout' | 'stderr' = 'stdout'): Promise<RegExpExecArray> {
    const deadline = performance.now() + DEADLINE

    for (;;) {
      const found = pattern.exec(this[where])

      if (found != null) {
        return found
      }

      const left = deadline - performance.now()
      const over = this.child.exitCode != null || this.child.signalCode != null

      if (left <= 0 || over) {
        const why = over ? `it has ended (${this.child.exitCode ?? this.child.signalCode})` : 'time is up'
        throw new Error(`waited for ${pattern} on ${where}, but ${why}; stdout: ${this.stdout}; stderr: ${this.stderr}`)
      }

      await withDeadline(this.#changed.promise, left).catch(() => {})
    }
  }

  /** Sends a signal and waits for the end. */
  async endBy(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal)
    return await withDeadline(this.ended, DEADLINE)
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}

const running = new Set<RunningCommand>()

/** Starts the command and leaves it running. */
export function start(args: string[], surroundings?: Surroundings): RunningCommand {
  return new RunningCommand(process.execPath, [COMMAND, ...args], surroundings)
}

/** Runs the command to its end. */
export async function run(args: string[], surroundings?: Surroundings): Promise<Ended> {
  return await endOf(start(args, surroundings))
}

/** Waits for the end of a command; one that does not end is killed, and the test fails. */
export async function endOf(command: RunningCommand): Promise<Ended> {
  try {
    return await withDeadline(command.ended, DEADLINE)
  } catch (err) {
    command.child.kill('SIGKILL')
    throw new Error(`it does not end (${err}); stdout: ${command.stdout}; stderr: ${command.stderr}`)
  }
}

/** Options of a peer that no other host sees, on a port that the system chooses. */
export const LOOPBACK = ['--listen', '/ip4/127.0.0.1/tcp/0', '--profile', 'local']

/** A peer that is up: it has printed how to join it. */
export async function startPeer(args: string[], surroundings?: Surroundings): Promise<RunningCommand> {
  const command = start([...args], surroundings)
  await command.says(args.includes('--json') ? /"event":"started".*\n/ : /other hosts? ?.*\n/)
  return command
}

/** Kills what a test left running. */
export async function killAll(): Promise<void> {
  await Promise.all(
    [...running].map(async command => {
      command.child.kill('SIGKILL')
      await command.ended
    })
  )
}

/** An empty folder of its own, with a short name: the path of a socket in it must not be long. */
export async function temporaryFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'gp-'))
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

/** Writes a small file and returns its path. */
export function written(folder: string, name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

/** Gives a suite a folder, and afterwards takes it away, with all that still runs. */
export function withinFolder(use: (folder: string) => void): void {
  let folder: string

  before(async () => {
    folder = await temporaryFolder()
    use(folder)
  })

  after(async () => {
    await killAll()
    await removeFolder(folder)
  })
}

async function withDeadline<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${milliseconds} ms`)), milliseconds)
  })

  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
