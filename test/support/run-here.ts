import assert from 'node:assert/strict'
import { run } from '../../bin/cli.ts'
import type { ExperimentResult } from '../../src/sim/experiment.ts'
import type { SamplingMeasures } from '../../src/sim/experiments/sampling.ts'

export type Result = ExperimentResult<SamplingMeasures>

/** A run of the simulator that is over at once. */
export const SMALL = ['--nodes', '60', '--rounds', '10', '--seed', '7']

/** Runs the command in this process, which is quicker, and takes what it writes. */
export async function runHere(args: string[], env: NodeJS.ProcessEnv = {}) {
  const { stdout, stderr } = process
  const writes = [stdout.write, stderr.write]
  const written = { stdout: '', stderr: '' }

  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (text: string) => {
      written[name] += text
      return true
    }
  }

  try {
    const code = await run(args, env)
    return { code, ...written }
  } finally {
    stdout.write = writes[0]
    stderr.write = writes[1]
  }
}

/** Runs the simulator to a good end, for its JSON. */
export async function resultOf(...args: string[]): Promise<Result> {
  const { code, stdout, stderr } = await runHere(['sim', ...args, '--json'])
  assert.equal(stderr, '')
  assert.equal(code, 0)
  assert.match(stdout, /^\{.*\}\n$/)
  return JSON.parse(stdout)
}
