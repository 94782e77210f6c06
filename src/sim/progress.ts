import type { Performance, Run } from './experiment.ts'

// The one place in the simulator that looks at the clock: what a run takes is told to people, and to nobody else.

/** A run lets others have a turn (a signal, a picture) after so many milliseconds. */
const PATIENCE = 50

/** How far a run has come. */
export interface Progress {
  round: number
  rounds: number
  /** Which of the runs with different seeds this is, from 1 on. */
  run: number
  runs: number
  /** Exchanges of the last round, per second. */
  exchangesPerSecond: number
}

/** Takes the time of a run, round by round. */
export class Stopwatch {
  private readonly began = performance.now()
  private rested = performance.now()
  private exchanges = 0
  private measuring = 0
  /** Nanoseconds per exchange, of each round. */
  private readonly laps: number[] = []

  /** Measures, and takes the time of that. */
  measure<M>(run: Run<M>): M {
    const began = performance.now()
    const measures = run.measure()
    this.measuring += performance.now() - began
    return measures
  }

  /** Runs and times one round. */
  advance(run: Run<unknown>): void {
    const began = performance.now()
    run.advance()
    const took = performance.now() - began
    const exchanges = run.counts.started - this.exchanges
    this.exchanges = run.counts.started

    if (exchanges > 0) {
      this.laps.push((took * 1e6) / exchanges)
    }
  }

  get exchangesPerSecond(): number {
    return 1e9 / (this.laps.at(-1) ?? Number.POSITIVE_INFINITY)
  }

  /** Waits for whatever else is to be done, if it has been kept waiting. */
  async breathe(): Promise<void> {
    if (performance.now() - this.rested >= PATIENCE) {
      await new Promise(resolve => setTimeout(resolve))
      this.rested = performance.now()
    }
  }

  stop(bytesPerNode: number): Performance {
    return {
      seconds: (performance.now() - this.began) / 1_000,
      measuringSeconds: this.measuring / 1_000,
      exchanges: this.exchanges,
      nanosecondsPerExchange: this.laps.sort((a, b) => a - b)[this.laps.length >> 1] ?? 0,
      // a browser does not tell
      peakMemoryBytes: (globalThis.process?.resourceUsage?.().maxRSS ?? 0) * 1_024,
      bytesPerNode
    }
  }
}
