import type { QueuedMessage, TopicMessage } from './index.ts'

/** Messages that wait for a consumer: when there are too many, the oldest go, and the next one says how many that were. */
export class MessageQueue implements AsyncIterableIterator<QueuedMessage> {
  private readonly capacity: number
  private readonly onEnd: () => void
  private readonly waiting: TopicMessage[] = []
  private readonly consumers: Array<(result: IteratorResult<QueuedMessage>) => void> = []
  private missed = 0
  private ended = false

  /**
   * @param capacity - messages that wait, at most
   * @param onEnd - called once, when the consumer or the producer ends it
   */
  constructor(capacity: number, onEnd: () => void) {
    this.capacity = capacity
    this.onEnd = onEnd
  }

  /** @returns how many messages were lost for it: 0 or 1 */
  push(message: TopicMessage): number {
    if (this.ended) {
      return 0
    }

    this.waiting.push(message)
    const lost = this.consumers.length === 0 && this.waiting.length > this.capacity ? 1 : 0
    this.waiting.splice(0, lost)
    this.missed += lost
    this.serve()
    return lost
  }

  /** No more messages come. Those that wait are still given. */
  end(): void {
    if (!this.ended) {
      this.ended = true
      this.onEnd()
      this.serve()
    }
  }

  async next(): Promise<IteratorResult<QueuedMessage>> {
    return await new Promise(resolve => {
      this.consumers.push(resolve)
      this.serve()
    })
  }

  /** The consumer wants no more. */
  async return(): Promise<IteratorResult<QueuedMessage>> {
    this.waiting.splice(0)
    this.end()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  private serve(): void {
    while (this.consumers.length > 0 && this.waiting.length > 0) {
      const { missed } = this
      this.missed = 0
      this.consumers.shift()?.({ done: false, value: { ...(this.waiting.shift() as TopicMessage), missed } })
    }

    if (this.ended) {
      for (const consumer of this.consumers.splice(0)) {
        consumer({ done: true, value: undefined })
      }
    }
  }
}
