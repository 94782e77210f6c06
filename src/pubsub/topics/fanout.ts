import { FANOUT_TTL, MAX_TOPICS } from './limits.ts'

/** The topics that something was published to lately: for them, too, members are looked for. */
export class Fanout {
  /** When something was published last, those longest ago first. */
  private readonly publishedAt = new Map<string, number>()

  published(topic: string, now: number): void {
    this.publishedAt.delete(topic)
    this.publishedAt.set(topic, now)

    if (this.publishedAt.size > MAX_TOPICS) {
      const [longestAgo] = this.publishedAt.keys()
      this.publishedAt.delete(longestAgo)
    }
  }

  topics(now: number): string[] {
    return [...this.publishedAt].filter(([, at]) => now - at < FANOUT_TTL).map(([topic]) => topic)
  }

  clear(): void {
    this.publishedAt.clear()
  }
}
