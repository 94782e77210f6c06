// What a simulated exchange costs, by the command as a user runs it: every preset next to a plain loop in C++ of the same
// variant, in turn, and how cost and memory grow with the network. Run with: npm run bench simulator
//
// The loop in C++ is the project's own yardstick and not part of a clone. Where its source is not beside the project, or
// there is no compiler, this says so and shows the rest.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Preset } from '../src/sampling/parameters.ts'
import type { ExperimentResult, Performance } from '../src/sim/experiment.ts'
import { median, print } from './report.ts'

const COMMAND = fileURLToPath(new URL('../bin/gossip-peer.js', import.meta.url))
const YARDSTICK = resolve(import.meta.dirname, '../../../shared/reference/sampling.cpp')

/** About one process in ten is stuck with slowly compiled code, and the machine is never quiet: the middle one counts. */
const PROCESSES = 5
const PROCESSES_OF_A_MILLION = 3

/** How each preset is told to the loop in C++: H, S, and the partner. */
const PRESETS: Record<Preset, [healer: string, swapper: string, partner: string]> = {
  default: ['1', '14', 'tail'],
  swapper: ['0', '15', 'tail'],
  healer: ['15', '0', 'tail'],
  blind: ['0', '0', 'rand'],
  cyclon: ['0', '0', 'cyclon'],
  newscast: ['0', '0', 'newscast']
}

const folder = mkdtempSync(join(tmpdir(), 'gossip-peer-bench-'))

try {
  const yardstick = build()
  growth()
  presets(100_000, PROCESSES, yardstick)
  presets(1_000_000, PROCESSES_OF_A_MILLION, yardstick)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The loop in C++, or undefined where it cannot be had. */
function build(): string | undefined {
  const program = join(folder, 'sampling')

  if (!existsSync(YARDSTICK)) {
    console.log('no loop in C++ beside the project to compare with\n')
    return undefined
  }

  try {
    execFileSync('g++', ['-O2', '-o', program, YARDSTICK])
    return program
  } catch {
    console.log('no g++ to build the loop in C++ with\n')
    return undefined
  }
}

function growth(): void {
  for (const nodes of [1_000, 10_000, 100_000, 1_000_000]) {
    const runs = Array.from({ length: PROCESSES_OF_A_MILLION }, () => simulated('default', nodes))

    print(`${nodes} nodes, default variant`, {
      'nanoseconds per exchange': Math.round(median(runs.map(run => run.nanosecondsPerExchange))),
      'memory of the process at its peak, MB': Math.round(median(runs.map(run => run.peakMemoryBytes)) / 1e6),
      'bytes kept per node': runs[0].bytesPerNode
    })
  }
}

/** Each preset and the loop in C++ take turns, so that a busy moment of the machine hits both. */
function presets(nodes: number, processes: number, yardstick: string | undefined): void {
  for (const preset of Object.keys(PRESETS) as Preset[]) {
    const ours: number[] = []
    const theirs: number[] = []

    for (let i = 0; i < processes; i++) {
      ours.push(simulated(preset, nodes).nanosecondsPerExchange)

      if (yardstick != null) {
        theirs.push(loop(yardstick, preset, nodes))
      }
    }

    print(`${preset}, ${nodes} nodes`, {
      'nanoseconds per exchange': Math.round(median(ours)),
      ...(yardstick == null
        ? {}
        : {
            'nanoseconds per exchange in C++': Math.round(median(theirs)),
            ratio: median(ours.map((value, i) => value / theirs[i]))
          })
    })
  }
}

/** Rounds enough for the compiler to warm up and for views to lose the order of their start. */
function roundsFor(nodes: number): number {
  return nodes < 100_000 ? 200 : nodes < 1_000_000 ? 30 : 8
}

function simulated(preset: Preset, nodes: number): Performance {
  const rounds = String(roundsFor(nodes))
  const options = ['--nodes', String(nodes), '--preset', preset, '--rounds', rounds, '--measure-every', rounds]
  const output = execFileSync(process.execPath, [COMMAND, 'sim', 'sampling', ...options, '--seed', '1', '--json'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit']
  })
  return (JSON.parse(output) as ExperimentResult).performance
}

function loop(program: string, preset: Preset, nodes: number): number {
  const [healer, swapper, partner] = PRESETS[preset]
  const rounds = String(roundsFor(nodes))
  const output = execFileSync(program, [String(nodes), '30', healer, swapper, partner, rounds, '1'], {
    encoding: 'utf8'
  })
  return Number(/nanosecondsPerExchange=(\d+)/.exec(output)?.[1])
}
