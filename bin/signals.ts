import { EXIT_DONE, EXIT_INTERRUPTED } from './usage.ts'

/** A peer leaves within three seconds; a little is kept for the exit itself. In milliseconds. */
const PATIENCE = 2_700

/** The exit code that goes with each signal. Ctrl-C is an interruption, the others are an orderly end. */
const CODES = { SIGINT: EXIT_INTERRUPTED, SIGTERM: EXIT_DONE, SIGHUP: EXIT_DONE } as const

/** The way out of a process in which a peer runs. */
export interface Departure {
  /** Makes the peer leave, in order and in time, and exits; at once when the peer is leaving already. */
  leave(code: number): void
  /** The peer has left for a reason of its own. */
  left(code: number): void
}

/** Leaves on the first signal, and quits at once on the second. */
export function departure(stop: () => Promise<void>): Departure {
  let leaving = false

  const leave = (code: number) => {
    if (leaving) {
      process.exit(code)
    }

    leaving = true
    setTimeout(() => process.exit(code), PATIENCE)
    const quit = () => process.exit(code)
    stop().then(quit, quit)
  }

  for (const [signal, code] of Object.entries(CODES)) {
    process.on(signal, () => leave(code))
  }

  return {
    leave,
    left: code => {
      if (!leaving) {
        process.exit(code)
      }
    }
  }
}

/** Work that the first signal ends early. */
export interface Interruption {
  signal: AbortSignal
  /** Signals do again what they do by themselves. */
  release(): void
}

/** Ends work early on the first signal; a second one quits at once, as it does by itself. */
export function interruption(): Interruption {
  const abort = new AbortController()
  const release = () => {
    for (const signal of Object.keys(CODES)) {
      process.off(signal, interrupt)
    }
  }
  const interrupt = () => {
    release()
    abort.abort()
  }

  for (const signal of Object.keys(CODES)) {
    process.on(signal, interrupt)
  }

  return { signal: abort.signal, release }
}
