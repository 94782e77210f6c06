// What a defence costs, by the command as a user runs it: the hub attack on 100,000 nodes without a defence and with each of
// them, in turn. Run with: npm run bench defences
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { DEFENCE_NAMES, type Defence } from '../src/sampling/parameters.ts'
import type { ExperimentResult } from '../src/sim/experiment.ts'
import { median, print } from './report.ts'

const COMMAND = fileURLToPath(new URL('../bin/gossip-peer.js', import.meta.url))
const PASSES = 3

/** A part of the 300 rounds of the figure: each of them costs the same. */
const ROUNDS = 30
const ROUNDS_OF_THE_FIGURE = 300

const seconds = new Map<Defence, number[]>(DEFENCE_NAMES.map(defence => [defence, []]))

for (let pass = 0; pass < PASSES; pass++) {
  for (const defence of DEFENCE_NAMES) {
    seconds.get(defence)?.push(simulated(defence))
  }
}

const plain = median(seconds.get('none') ?? [])

for (const [defence, took] of seconds) {
  print(`defence ${defence}, 100000 nodes, views of 30, 30 attackers`, {
    'seconds for 300 rounds, measurements included': (median(took) * ROUNDS_OF_THE_FIGURE) / ROUNDS,
    'times as long as without a defence': median(took) / plain
  })
}

function simulated(defence: Defence): number {
  const network = ['--nodes', '100000', '--view', '30', '--attackers', '30', '--defence', defence]
  const run = ['--rounds', String(ROUNDS), '--seed', '1', '--json']
  const output = execFileSync(process.execPath, [COMMAND, 'sim', 'hub-attack', ...network, ...run], {
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'ignore']
  })
  return (JSON.parse(output.toString()) as ExperimentResult).performance.seconds
}
