import { wholeNumber } from '../../bin/values.ts'
import { examine } from './oracle.ts'
import { reportOf, scenario } from './scenario.ts'

// Many scenarios at once: node dist/test/sim/scenarios.js COUNT [FIRST_SEED]

const USAGE = 'usage: npm run scenarios -- COUNT [FIRST_SEED]'

/** Between two lines that say how far it has come, in milliseconds. */
const PATIENCE = 5_000

/** Reports that are printed; with more, the first ones do. */
const MAX_REPORTS = 20

function readArguments([count, first = '0', ...others]: string[]): { count: number; first: number } {
  if (count == null || others.length > 0) {
    throw new Error('one or two numbers')
  }

  return { count: wholeNumber(1)(count), first: wholeNumber(0)(first) }
}

/** How many of the scenarios show that something is wrong. */
function run(count: number, first: number): number {
  const began = performance.now()
  let told = began
  let failing = 0
  let whole = 0

  for (let i = 0; i < count; i++) {
    const seed = first + i
    const verdict = examine(scenario(seed), seed)
    whole += verdict.whole ? 1 : 0

    if (verdict.trouble != null && ++failing <= MAX_REPORTS) {
      console.log(reportOf(seed, verdict.trouble))
    }

    if (performance.now() - told >= PATIENCE) {
      told = performance.now()
      const perSecond = Math.round(((i + 1) / (told - began)) * 1_000)
      console.error(`${i + 1} of ${count} scenarios, ${perSecond} per second, ${failing} failing`)
    }
  }

  console.log(`${count} scenarios from seed ${first} on: ${failing} failing; ${whole} had to stay one network`)
  return failing
}

try {
  const { count, first } = readArguments(process.argv.slice(2))
  process.exitCode = run(count, first) > 0 ? 1 : 0
} catch (err) {
  console.error(`${(err as Error).message} (${USAGE})`)
  process.exitCode = 2
}
