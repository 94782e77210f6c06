import type { OwnRecord } from '../live/own-record.ts'
import type { OwnStamp } from './own-stamp.ts'

export interface ParticipationInit {
  own: OwnRecord
  stamp: OwnStamp
  /** Bits of work that the peer's identity must have cost. */
  stampBits: number
  /** Answers others from now on. */
  begin(): Promise<void>
}

/**
 * When a peer begins to take part: at once, or when it has done the work that its identity must cost. Without, it would be
 * refused, and in some networks not be asked again.
 */
export class Participation {
  private readonly init: ParticipationInit
  /** Rejects when the peer was stopped first. */
  ready: Promise<void> = Promise.resolve()
  private begun = false
  private signal: AbortSignal | undefined

  constructor(init: ParticipationInit) {
    this.init = init
  }

  start(signal: AbortSignal): Promise<void> {
    this.begun = false
    this.signal = signal
    this.ready = this.takePart(signal)
    return this.ready
  }

  /** Whether it takes part now. */
  get isUnderWay(): boolean {
    return this.begun && this.signal?.aborted === false
  }

  private async takePart(signal: AbortSignal): Promise<void> {
    const { own, stamp, stampBits, begin } = this.init
    const kept = await stamp.load()
    const found = (kept?.bits ?? 0) < stampBits ? await stamp.search(stampBits, signal) : kept

    if (found != null) {
      own.bear(found)
    }

    signal.throwIfAborted()
    await begin()
    this.begun = true
  }

  /** Whether the peer takes part, as soon as that is known; false when the signal is aborted first. */
  async isReady(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) {
      return false
    }

    return await new Promise(resolve => {
      const onAbort = () => resolve(false)
      signal.addEventListener('abort', onAbort, { once: true })
      this.ready
        .then(() => true)
        .catch(() => false)
        .then(ready => {
          signal.removeEventListener('abort', onAbort)
          resolve(ready)
        })
    })
  }
}
