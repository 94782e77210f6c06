import { MAX_PUBLISHERS, SEQUENCE_WINDOW } from './limits.ts'

const WORD = 32

/** The last numbers of one publisher: a bit for each, from the highest back. */
interface Window {
  highest: bigint
  /** By the number modulo the window. */
  had: Uint32Array
  /** When it was last heard of, by this peer's clock, in milliseconds since 1970. */
  heard: number
}

/**
 * Tells an event that is new from one that was had before, by its publisher's number: of each publisher the last numbers are remembered, as of packets in RFC
 * 4303 (section 3.4.3), and what is older than these is taken for a replay. Of publishers, those silent for longest are forgotten. Whose events might
 * have been had is not known then: of a publisher that is not remembered, nothing is new that was published before one was last forgotten. Else whoever
 * makes itself enough names could have the events of all others delivered again.
 */
export class ReplayGuard {
  private readonly windows = new Map<string, Window>()
  /** When the last one of those that are forgotten was last heard of. */
  private forgotten = Number.NEGATIVE_INFINITY

  /**
   * Whether an event with that number has not been had.
   *
   * @param time - when it was published, in milliseconds since 1970
   */
  isNew(publisher: string, sequence: bigint, time: number): boolean {
    const window = this.windows.get(publisher)

    if (window == null) {
      return time > this.forgotten
    }

    if (sequence > window.highest) {
      return true
    }

    return window.highest - sequence < BigInt(SEQUENCE_WINDOW) && !isSet(window.had, placeOf(sequence))
  }

  /**
   * It has been had. To be told when it is proven: else anybody could use up another's numbers.
   *
   * @param now - by this peer's clock, in milliseconds since 1970
   */
  add(publisher: string, sequence: bigint, now: number): void {
    const window = this.windows.get(publisher) ?? {
      highest: sequence,
      had: new Uint32Array(SEQUENCE_WINDOW / WORD),
      heard: now
    }

    if (sequence > window.highest) {
      this.advance(window, sequence)
    }

    const place = placeOf(sequence)
    window.had[Math.floor(place / WORD)] |= 1 << (place % WORD)
    window.heard = now
    // the one that was heard of last stands last
    this.windows.delete(publisher)
    this.windows.set(publisher, window)

    if (this.windows.size > MAX_PUBLISHERS) {
      for (const [silent, { heard }] of this.windows) {
        this.windows.delete(silent)
        this.forgotten = Math.max(this.forgotten, heard)
        break
      }
    }
  }

  /** Numbers that come into the window have not been had. */
  private advance(window: Window, sequence: bigint): void {
    if (sequence - window.highest >= BigInt(SEQUENCE_WINDOW)) {
      window.had.fill(0)
    } else {
      const first = placeOf(window.highest)
      const count = Number(sequence - window.highest)

      for (let i = 1; i <= count; i++) {
        const place = (first + i) % SEQUENCE_WINDOW
        window.had[Math.floor(place / WORD)] &= ~(1 << (place % WORD))
      }
    }

    window.highest = sequence
  }
}

function placeOf(sequence: bigint): number {
  return Number(sequence % BigInt(SEQUENCE_WINDOW))
}

function isSet(bits: Uint32Array, place: number): boolean {
  return (bits[Math.floor(place / WORD)] & (1 << (place % WORD))) !== 0
}
