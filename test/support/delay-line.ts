/** Milliseconds below which no timer is set: `setTimeout` knows whole ones only. */
const TIMER_GRAIN = 1

/** One direction of a wire: what goes in comes out later, in the same order. */
export class DelayLine {
  private readonly delay: () => number
  private readonly waiting: Array<{ due: number; deliver: () => void }> = []
  private timer: ReturnType<typeof setTimeout> | undefined
  private turn: ReturnType<typeof setImmediate> | undefined
  private empty: PromiseWithResolvers<void> | undefined
  private isCut = false

  /** @param delay - how many milliseconds the way takes, asked for whatever goes in */
  constructor(delay: () => number) {
    this.delay = delay
  }

  push(deliver: () => void): void {
    if (this.isCut) {
      return
    }

    // what comes later does not overtake, even when the way has become shorter
    const before = this.waiting.at(-1)?.due ?? 0
    this.waiting.push({ due: Math.max(before, performance.now() + this.delay()), deliver })

    if (this.waiting.length === 1) {
      this.wait()
    }
  }

  /** Resolves when nothing is under way any more. */
  async flushed(): Promise<void> {
    if (this.waiting.length > 0) {
      this.empty ??= Promise.withResolvers()
      await this.empty.promise
    }
  }

  /** What is under way is lost, and so is all that comes. */
  cut(): void {
    this.isCut = true
    this.waiting.length = 0
    clearTimeout(this.timer)
    clearImmediate(this.turn)
    this.empty?.resolve()
  }

  private wait(): void {
    const left = this.waiting[0].due - performance.now()

    // a timer of a fraction of a millisecond is one of a whole one: that rest is waited for in turns of the event loop
    if (left < TIMER_GRAIN) {
      this.turn = setImmediate(() => this.run())
    } else {
      this.timer = setTimeout(() => this.run(), Math.floor(left))
    }
  }

  private run(): void {
    while (this.waiting.length > 0 && this.waiting[0].due <= performance.now()) {
      // to deliver may be to cut
      this.waiting.shift()?.deliver()
    }

    if (this.waiting.length > 0) {
      this.wait()
    } else {
      this.empty?.resolve()
      this.empty = undefined
    }
  }
}
