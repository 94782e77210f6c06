// Time from the start of the command to the first ten members known. Run with: npm run bench join
import '../src/peer/compat.ts'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openControl, type PeerStatus } from '../src/peer/index.ts'
import { Crowd } from '../test/crowd/crowd.ts'
import { eventually } from '../test/support/eventually.ts'
import { badView } from '../test/support/graph.ts'
import { median, print } from './report.ts'

const PASSES = 9
const COMMAND = fileURLToPath(new URL('../bin/gossip-peer.js', import.meta.url))

async function timeToTen(profile: string, bootstrap: string): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), 'gossip-peer-bench-'))
  const began = performance.now()
  const peer = spawn(
    process.execPath,
    [COMMAND, '--bootstrap', bootstrap, '--home', home, '--profile', profile, '--listen', '/ip4/127.0.0.1/tcp/0'],
    { stdio: ['ignore', 'ignore', 'inherit'] }
  )

  try {
    await eventually(async () => (await members(home)) >= 10, { what: 'ten members', deadline: 60_000 })
    return performance.now() - began
  } finally {
    peer.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true })
  }
}

async function members(home: string): Promise<number> {
  try {
    const status = (await (await openControl(home)).get('/status')) as PeerStatus
    return status.sampling.viewSize
  } catch {
    return 0
  }
}

for (const profile of ['local', 'lan', 'wan'] as const) {
  const crowd = new Crowd()
  // the network itself gossips at the pace of the fastest profile, so that it is there when it is needed
  const one = await crowd.start(1, [], { profile: 'local' })
  await crowd.start(49, one.peers[0].addresses, { profile: 'local' })
  await crowd.within(100, peers => badView(peers, 30))
  const times: number[] = []

  for (let pass = 0; pass < PASSES; pass++) {
    times.push(await timeToTen(profile, one.peers[0].addresses[0]))
  }

  print(`from the start of the command to ten members, profile ${profile}`, {
    'milliseconds, median': Math.round(median(times)),
    'milliseconds, longest': Math.round(Math.max(...times))
  })
  await crowd.stop()
}
