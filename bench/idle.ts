// What an idle peer costs: one with the profile lan and 50 members, and 300 in one process with an exchange a second each.
// Reads /proc, so it needs Linux. Run with: npm run bench idle
import '../src/peer/compat.ts'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Libp2p } from '@libp2p/interface'
import { createLibp2p } from 'libp2p'
import { aggregation } from '../src/aggregation/index.ts'
import { peerSampling } from '../src/sampling/index.ts'
import { Crowd } from '../test/crowd/crowd.ts'
import { badView } from '../test/support/graph.ts'
import { LOOPBACK } from '../test/support/nodes.ts'
import { startCommand } from './command.ts'
import { median, print } from './report.ts'

const SECONDS = 10
const PASSES = 5

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Processor time in seconds and resident memory in bytes, as the kernel counts them. */
function usage(pid: number): { seconds: number; bytes: number } {
  // the second field is the command in brackets and may hold anything
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  const [, resident] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return { seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND, bytes: Number(resident) * 1024 }
}

/** Share of a core and megabytes of a process, medians over some passes. */
async function cost(pid: number): Promise<{ cores: number; megabytes: number }> {
  const cores: number[] = []
  const megabytes: number[] = []

  for (let pass = 0; pass < PASSES; pass++) {
    const before = usage(pid)
    const began = performance.now()
    await pause(SECONDS * 1_000)
    const after = usage(pid)
    cores.push((after.seconds - before.seconds) / ((performance.now() - began) / 1_000))
    megabytes.push(after.bytes / 2 ** 20)
  }

  return { cores: median(cores), megabytes: median(megabytes) }
}

async function onePeer(): Promise<void> {
  const others = await startOthers(60)
  const peer = startCommand(['--bootstrap', `${others[0].getMultiaddrs()[0]}`, '--profile', 'lan', '--view', '50'])
  await peer.members(50)
  const { cores, megabytes } = await cost(peer.pid)
  print('the command as one idle peer, profile lan, 50 members, all of which aggregate', {
    'share of a core in per cent (aim: under 2)': cores * 100,
    'resident memory in MB (aim: under 120)': Math.round(megabytes)
  })
  peer.kill()
  await Promise.all(others.map(node => node.stop()))
}

/** Peers in this process that do what the command does: the crowd has peer sampling only. */
async function startOthers(count: number): Promise<Libp2p[]> {
  const nodes: Libp2p[] = []

  for (let i = 0; i < count; i++) {
    const bootstrap = nodes[0]?.getMultiaddrs() ?? []
    const sampling = peerSampling({ profile: 'lan', view: 50, bootstrap })
    nodes.push(await createLibp2p({ ...LOOPBACK, services: { sampling, aggregation: aggregation() } }))
  }

  return nodes
}

async function manyPeers(): Promise<void> {
  const crowd = new Crowd()
  const init = { profile: 'lan' } as const
  const one = await crowd.start(1, [], init)
  const many = await crowd.start(299, one.peers[0].addresses, init)
  await crowd.within(200, peers => badView(peers, 30))
  const { cores, megabytes } = await cost(many.pid)
  const peers = await many.tell({ do: 'report' })
  print('299 of 300 peers in one process, an exchange a second each', {
    cores,
    'resident memory in MB': Math.round(megabytes),
    'resident memory in MB per peer': megabytes / peers.length,
    'connections per peer, median': median(peers.map(peer => peer.connections))
  })
  await crowd.stop()
}

await onePeer()
await manyPeers()
