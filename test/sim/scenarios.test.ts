import assert from 'node:assert/strict'
import { wholeNumber } from '../../bin/values.ts'
import { MODES, type NetworkOptions } from '../../src/sim/parameters.ts'
import { examine } from './oracle.ts'
import { reportOf, scenario } from './scenario.ts'

/** Which scenarios; `npm run scenarios` has the same without tests around them. */
const COUNT = wholeNumber(1)(process.env.SCENARIOS ?? '1000')
const FIRST_SEED = wholeNumber(0)(process.env.SCENARIO_SEED ?? '0')

const FAULTS = ['loss', 'crash', 'churn', 'partition', 'join', 'slow'] as const
const MAX_REPORTS = 20

/** Most that a scenario may take on the slowest machine, in milliseconds. */
const PATIENCE = 500

const scenarios = Array.from({ length: COUNT }, (_, i) => ({
  seed: FIRST_SEED + i,
  options: scenario(FIRST_SEED + i)
}))

function faultsOf(options: NetworkOptions): number {
  return FAULTS.filter(name => options[name] != null).length
}

describe('random scenarios', () => {
  /** Those in which the faults left one network. */
  const whole: NetworkOptions[] = []

  for (const mode of MODES) {
    for (const [kinds, isSo] of [
      ['no faults', (faults: number) => faults === 0],
      ['faults of one kind', (faults: number) => faults === 1],
      ['faults of two kinds', (faults: number) => faults === 2],
      ['faults of more kinds', (faults: number) => faults > 2]
    ] as const) {
      const those = scenarios.filter(({ options }) => options.mode === mode && isSo(faultsOf(options)))

      it(`${mode}, ${kinds} (${those.length}): views stay proper, exchanges end, and who can stay together does`, () => {
        const failing: string[] = []

        for (const { seed, options } of those) {
          const verdict = examine(options, seed)

          if (verdict.whole) {
            whole.push(options)
          }

          if (verdict.trouble != null) {
            failing.push(reportOf(seed, verdict.trouble))
          }
        }

        assert.equal(failing.length, 0, `${failing.length} failing\n${failing.slice(0, MAX_REPORTS).join('\n')}`)
      }).timeout(those.length * PATIENCE)
    }
  }

  it('leave one network often enough for that to say something, in either mode and with each fault', () => {
    const thousands = Math.floor(COUNT / 1_000)

    for (const mode of MODES) {
      const those = whole.filter(options => options.mode === mode)
      assert.ok(those.length >= 80 * thousands, `${those.length} by ${mode}`)

      for (const fault of FAULTS) {
        const having = those.filter(options => options[fault] != null)
        assert.ok(having.length >= 2 * thousands, `${having.length} by ${mode} with ${fault}`)
      }
    }
  })
})
