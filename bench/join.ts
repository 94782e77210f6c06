// Time from the start of the command to the first ten members known. Run with: npm run bench join
import '../src/peer/compat.ts'
import { Crowd } from '../test/crowd/crowd.ts'
import { badView } from '../test/support/graph.ts'
import { startCommand } from './command.ts'
import { median, print } from './report.ts'

const PASSES = 9

async function timeToTen(profile: string, bootstrap: string): Promise<number> {
  const began = performance.now()
  const peer = startCommand(['--bootstrap', bootstrap, '--profile', profile])

  try {
    await peer.members(10)
    return performance.now() - began
  } finally {
    peer.kill()
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
