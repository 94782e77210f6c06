import type { Logger } from '@libp2p/interface'
import { ParameterError } from '../../gossip/parameters.ts'
import type { TopicMessage } from './index.ts'
import { MAX_TOPICS } from './limits.ts'

/** Is told of the messages of a topic. */
export type MessageHandler = (message: TopicMessage) => unknown

/** Who in this node wants the messages of which topic. */
export class Subscriptions {
  private readonly log: Logger
  private readonly handlers = new Map<string, Set<MessageHandler>>()

  constructor(log: Logger) {
    this.log = log
  }

  /** The topics that somebody wants, in the order of their first subscriptions. */
  get topics(): string[] {
    return [...this.handlers.keys()]
  }

  /**
   * @returns takes the handler out again, once
   * @throws ParameterError for one topic too many
   */
  add(topic: string, handler: MessageHandler): () => void {
    const handlers = this.handlers.get(topic) ?? new Set()

    if (handlers.size === 0 && this.handlers.size >= MAX_TOPICS) {
      throw new ParameterError('topic', `more than ${MAX_TOPICS} topics at once`)
    }

    // each time another function: who subscribes twice is told twice
    const added: MessageHandler = message => handler(message)
    this.handlers.set(topic, handlers.add(added))

    return () => {
      handlers.delete(added)

      if (handlers.size === 0 && this.handlers.get(topic) === handlers) {
        this.handlers.delete(topic)
      }
    }
  }

  /** Tells all who want it, none of whom can harm the others: what a handler throws, also later, is logged. */
  tell(message: TopicMessage): void {
    for (const handler of this.handlers.get(message.topic) ?? []) {
      new Promise(resolve => resolve(handler(message))).catch(err => this.log.error('a handler failed - %e', err))
    }
  }
}
