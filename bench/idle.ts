// What an idle peer costs: one with the profile lan and 50 members, and 300 in one process with an exchange a second each.
// Run with: npm run bench idle
import '../src/peer/compat.ts'
import { setTimeout as pause } from 'node:timers/promises'
import { Crowd, type CrowdProcess } from '../test/crowd/crowd.ts'
import { badView } from '../test/support/graph.ts'
import { median, print } from './report.ts'

const SECONDS = 10
const PASSES = 5

/** Share of a core and megabytes of a process, medians over some passes. */
async function cost(process: CrowdProcess): Promise<{ core: number; megabytes: number }> {
  const cores: number[] = []
  let [last] = await process.tell({ do: 'report' })
  let time = performance.now()

  for (let pass = 0; pass < PASSES; pass++) {
    await pause(SECONDS * 1_000)
    const [peer] = await process.tell({ do: 'report' })
    const now = performance.now()
    const microseconds =
      peer.process.cpu.user + peer.process.cpu.system - last.process.cpu.user - last.process.cpu.system
    cores.push(microseconds / 1_000 / (now - time))
    last = peer
    time = now
  }

  return { core: median(cores), megabytes: last.process.memory / 2 ** 20 }
}

async function onePeer(): Promise<void> {
  const crowd = new Crowd()
  const init = { profile: 'lan', view: 50 } as const
  const one = await crowd.start(1, [], init)
  await crowd.start(50, one.peers[0].addresses, init)
  await crowd.within(200, peers => badView(peers, 50))
  const { core, megabytes } = await cost(one)
  print('one idle peer, profile lan, 50 members', {
    'share of a core in per cent (aim: under 2)': core * 100,
    'resident memory in MB (aim: under 120)': Math.round(megabytes)
  })
  await crowd.stop()
}

async function manyPeers(): Promise<void> {
  const crowd = new Crowd()
  const init = { profile: 'lan' } as const
  const one = await crowd.start(1, [], init)
  const many = await crowd.start(299, one.peers[0].addresses, init)
  await crowd.within(200, peers => badView(peers, 30))
  const { core, megabytes } = await cost(many)
  const [peer] = await many.tell({ do: 'report' })
  print('299 of 300 peers in one process, an exchange a second each', {
    cores: core,
    'resident memory in MB': Math.round(megabytes),
    'resident memory in MB per peer': megabytes / 299,
    'connections of one of them': peer.connections
  })
  await crowd.stop()
}

await onePeer()
await manyPeers()
