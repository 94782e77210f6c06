/**
 * A bounded queue that is read as an async iterable, by one reader: when another item comes and it is full, the oldest is lost, and the reader is told
 * how many were.
 */
export class Mailbox<T> implements AsyncIterable<{ item: T; missed: number }> {
  /** How many were lost in all. */
  missed = 0
  private readonly capacity: number
  private readonly waiting: T[] = []
  /** Lost since the reader was last told. */
  private untold = 0
  private ended = false
  private hasReader = false
  private wake = () => {}

  constructor(capacity: number) {
    this.capacity = capacity
  }

  push(item: T): void {
    if (this.ended) {
      return
    }

    if (this.waiting.length === this.capacity) {
      this.waiting.shift()
      this.missed++
      this.untold++
    }

    this.waiting.push(item)
    this.wake()
  }

  /** What waits is forgotten, and nothing more comes. */
  end(): void {
    this.ended = true
    this.waiting.length = 0
    this.wake()
  }

  /** @throws Error when it has a reader already: each would miss what the other one gets */
  [Symbol.asyncIterator](): AsyncGenerator<{ item: T; missed: number }, void, undefined> {
    if (this.hasReader) {
      throw new Error('somebody reads it already')
    }

    this.hasReader = true
    return this.read()
  }

  private async *read(): AsyncGenerator<{ item: T; missed: number }, void, undefined> {
    while (!this.ended) {
      const item = this.waiting.shift()

      if (item === undefined) {
        await new Promise<void>(resolve => {
          this.wake = resolve
        })
        continue
      }

      const missed = this.untold
      this.untold = 0
      yield { item, missed }
    }
  }
}
