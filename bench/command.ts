import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openControl, type PeerStatus } from '../src/peer/index.ts'
import { eventually } from '../test/support/eventually.ts'

const COMMAND = fileURLToPath(new URL('../bin/gossip-peer.js', import.meta.url))

/** The command, running on loopback with a home of its own. */
export interface StartedCommand {
  pid: number
  /** Resolves when it knows so many members. */
  members(count: number): Promise<void>
  kill(): void
}

export function startCommand(args: string[]): StartedCommand {
  const home = mkdtempSync(join(tmpdir(), 'gossip-peer-bench-'))
  const options = ['--home', home, '--listen', '/ip4/127.0.0.1/tcp/0']
  const peer = spawn(process.execPath, [COMMAND, ...args, ...options], { stdio: ['ignore', 'ignore', 'inherit'] })

  return {
    pid: peer.pid as number,
    members: count =>
      eventually(async () => (await viewSize(home)) >= count, { what: `${count} members`, deadline: 120_000 }),
    kill() {
      peer.kill('SIGKILL')
      rmSync(home, { recursive: true, force: true })
    }
  }
}

/** Members that the peer knows; none while it cannot be asked yet. */
async function viewSize(home: string): Promise<number> {
  try {
    const status = (await openControl(home).get('/status')) as PeerStatus
    return status.sampling.viewSize
  } catch {
    return 0
  }
}
