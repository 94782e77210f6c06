import type { Progress } from '../../src/sim/progress.ts'
import { span, warn } from '../print.ts'

/** How often somebody who reads a log is told, in milliseconds. */
const LOG_INTERVAL = 10_000

/** Tells how far the runs have come. */
export interface ProgressDisplay {
  /** @param done - rounds of all runs together */
  update(progress: Progress, done: number): void
  end(): void
}

/** A bar on a terminal; elsewhere, for runs that last, a line now and then. */
export async function progressDisplay(total: number): Promise<ProgressDisplay> {
  return process.stderr.isTTY ? (await import('./progress-bar.ts')).progressBar(total) : progressLog(total)
}

/** Where it is: `round 40/100`, `run 2/5, round 40/100`. */
export function whereabouts({ run, runs, round, rounds }: Progress): string {
  return `${runs === 1 ? '' : `run ${run}/${runs}, `}round ${round}/${rounds}`
}

/** `1.2M exchanges/s` */
export function rateOf({ exchangesPerSecond }: Progress): string {
  const rate = exchangesPerSecond.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 1 })
  return `${rate} exchanges/s`
}

function progressLog(total: number): ProgressDisplay {
  const began = performance.now()
  let told = began

  return {
    update: (progress, done) => {
      const now = performance.now()

      if (now - told >= LOG_INTERVAL) {
        told = now
        const left = ((now - began) / done) * (total - done)
        warn(`${whereabouts(progress)}, ${rateOf(progress)}, ${span(left)} left`)
      }
    },
    end: () => {}
  }
}
