import { setTimeout as delay } from 'node:timers/promises'

/** Real time, also where a test puts a clock of its own in its place. */
const now = performance.now.bind(performance)

export interface EventuallyOptions {
  /** Milliseconds until it gives up. Default: 25,000, far more than it takes unless the machine is very slow. */
  deadline?: number
  /** What is waited for, for the error. */
  what?: string
}

/**
 * Resolves as soon as the condition holds: instead of a sleep that is too long on one machine and too short on another.
 *
 * @throws when it does not hold before the deadline; the last error of the condition is its cause
 */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  { deadline = 25_000, what = 'the condition' }: EventuallyOptions = {}
): Promise<void> {
  const end = now() + deadline
  let cause: unknown

  for (;;) {
    try {
      if (await condition()) {
        return
      }

      cause = undefined
    } catch (err) {
      cause = err
    }

    if (now() > end) {
      throw new Error(`${what}: not within ${deadline} ms`, { cause })
    }

    await delay(20)
  }
}
