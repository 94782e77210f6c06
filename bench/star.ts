// In-degree of the bootstrap peer in a network of 60 that all joined through it alone, over rounds.
// Run with: npm run bench star
import '../src/peer/compat.ts'
import { setTimeout as pause } from 'node:timers/promises'
import { inDegrees, standardDeviation } from '../test/support/graph.ts'
import { type SamplingNode, startNode, viewOf } from '../test/support/nodes.ts'
import { median, print } from './report.ts'

const PEERS = 60
const PASSES = 5
const ROUNDS = [2, 5, 10, 20, 40]

interface Sample {
  bootstrap: number
  highest: number
  spread: number
}

function look(nodes: SamplingNode[]): Sample {
  const degrees = inDegrees(nodes.map(node => ({ id: node.peerId.toString(), view: viewOf(node) })))
  const values = [...degrees.values()]
  return {
    bootstrap: degrees.get(nodes[0].peerId.toString()) ?? 0,
    highest: Math.max(...values),
    spread: standardDeviation(values)
  }
}

async function pass(): Promise<Map<number, Sample>> {
  const first = await startNode()
  const bootstrap = first.getMultiaddrs()
  const nodes = [first, ...(await Promise.all(Array.from({ length: PEERS - 1 }, () => startNode({ bootstrap }))))]
  const samples = new Map<number, Sample>()

  for (const round of ROUNDS) {
    while (nodes.some(node => node.services.sampling.statistics().rounds < round)) {
      await pause(20)
    }

    samples.set(round, look(nodes))
  }

  await Promise.all(nodes.map(node => node.stop()))
  return samples
}

const passes: Array<Map<number, Sample>> = []

for (let i = 0; i < PASSES; i++) {
  passes.push(await pass())
}

for (const round of ROUNDS) {
  const of = (figure: keyof Sample) => median(passes.flatMap(samples => samples.get(round)?.[figure] ?? []))
  print(`${PEERS} peers joined through one, after ${round} rounds`, {
    'in-degree of the bootstrap peer (a view has 30)': of('bootstrap'),
    'highest in-degree': of('highest'),
    'spread of in-degrees': of('spread')
  })
}
