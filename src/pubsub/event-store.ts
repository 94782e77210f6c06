import { MAX_AXES, MAX_STORED_BYTES, MAX_STORED_EVENTS } from './limits.ts'
import type { PublishedEvent } from './signed-events.ts'

/** An event that this peer has had, and where it lies among what others ask for. */
export interface StoredEvent {
  readonly published: PublishedEvent
  /** On all axes that had numbers when it was made. */
  point: Float64Array
}

/** The events that this peer has had last, for others who lack them. The oldest go first. */
export class EventStore {
  private readonly events = new Map<string, StoredEvent>()
  private bytes = 0

  get(id: string): StoredEvent | undefined {
    return this.events.get(id)
  }

  has(id: string): boolean {
    return this.events.has(id)
  }

  add(stored: StoredEvent): void {
    this.events.set(stored.published.id, stored)
    this.bytes += sizeOf(stored)

    for (const [id, oldest] of this.events) {
      if (this.events.size <= MAX_STORED_EVENTS && this.bytes <= MAX_STORED_BYTES) {
        break
      }

      this.events.delete(id)
      this.bytes -= sizeOf(oldest)
    }
  }

  clear(): void {
    this.events.clear()
    this.bytes = 0
  }
}

/** The same all the time, though its point may become longer. */
function sizeOf({ published }: StoredEvent): number {
  return 2 * published.envelope.byteLength + MAX_AXES * Float64Array.BYTES_PER_ELEMENT
}
