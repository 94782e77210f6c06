import { setTimeout as delay } from 'node:timers/promises'

/** Takes down what was set up, last first, when the peer stops or does not come up. */
export class Teardown {
  private readonly steps: Array<() => void | Promise<void>> = []

  add(step: () => void | Promise<void>): void {
    this.steps.push(step)
  }

  /**
   * Does every step, whatever happens to the others. A step that hangs is left behind, so that all of them end in time.
   *
   * @param patience - milliseconds for all steps together
   */
  async run(patience: number): Promise<void> {
    const end = performance.now() + patience

    for (let step = this.steps.pop(); step != null; step = this.steps.pop()) {
      // Even a late step gets a moment: closing the database takes milliseconds, and keeps what is remembered.
      await withDeadline(step, Math.max(200, end - performance.now()))
    }
  }
}

async function withDeadline(step: () => void | Promise<void>, patience: number): Promise<void> {
  const done = new AbortController()
  const late = delay(patience, undefined, { signal: done.signal }).catch(() => {})
  const run = (async () => await step())().catch(() => {})

  await Promise.race([run, late])
  done.abort()
}
