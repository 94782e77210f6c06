import { MAX_PUBLISHERS, SEQUENCE_WINDOW } from './limits.ts'

const WORD = 32

/** The last numbers of one publisher: a bit for each, from the highest back. */
interface Window {
  highest: bigint
  /** By the number modulo the window. */
  had: Uint32Array
  /** When the publisher was heard of last, in milliseconds since 1970. */
  heard: number
}

/**
 * Tells an event that is new from one that was had before, by its publisher's number: of each publisher the last numbers are remembered, as of packets in RFC
 * 4303 (section 3.4.3), and what is older than these is taken for a replay. Of publishers, those silent for longest are forgotten; from then on, whoever is not
 * remembered is believed only what is younger than that silence: else a crowd of made-up publishers could have a true one's events repeated.
 */
export class ReplayGuard {
  private readonly windows = new Map<string, Window>()
  /** When the one was heard of last that was forgotten last. */
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
   * @param now - milliseconds since 1970
   */
  add(publisher: string, sequence: bigint, now: number): void {
    const window = this.windows.get(publisher) ?? {
      highest: sequence,
      heard: now,
      had: new Uint32Array(SEQUENCE_WINDOW / WORD)
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
      for (let number = window.highest + 1n; number <= sequence; number++) {
        const place = placeOf(number)
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
