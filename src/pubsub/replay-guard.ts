import { MAX_PUBLISHERS, SEQUENCE_WINDOW } from './limits.ts'

const WORD = 32

/** The last numbers of one publisher: a bit for each, from the highest back. */
interface Window {
  highest: bigint
  /** By the number modulo the window. */
  had: Uint32Array
}

/**
 * Tells an event that is new from one that was had before, by its publisher's number: of each publisher the last numbers are remembered, as of packets in RFC
 * 4303 (section 3.4.3), and what is older than these is taken for a replay. Of publishers, those silent for longest are forgotten; their old events are
 * refused for their time.
 */
export class ReplayGuard {
  private readonly windows = new Map<string, Window>()

  /** Whether an event with that number has not been had. */
  isNew(publisher: string, sequence: bigint): boolean {
    const window = this.windows.get(publisher)

    if (window == null || sequence > window.highest) {
      return true
    }

    return window.highest - sequence < BigInt(SEQUENCE_WINDOW) && !isSet(window.had, placeOf(sequence))
  }

  /** It has been had. To be told when it is proven: else anybody could use up another's numbers. */
  add(publisher: string, sequence: bigint): void {
    const window = this.windows.get(publisher) ?? {
      highest: sequence,
      had: new Uint32Array(SEQUENCE_WINDOW / WORD)
    }

    if (sequence > window.highest) {
      this.advance(window, sequence)
    }

    const place = placeOf(sequence)
    window.had[Math.floor(place / WORD)] |= 1 << (place % WORD)
    // the one that was heard of last stands last
    this.windows.delete(publisher)
    this.windows.set(publisher, window)

    if (this.windows.size > MAX_PUBLISHERS) {
      for (const silent of this.windows.keys()) {
        this.windows.delete(silent)
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
