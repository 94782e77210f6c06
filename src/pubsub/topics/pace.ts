import type { Stream } from '@libp2p/interface'

/** What there is to know of a stream that messages go out on. */
export type PacedStream = Pick<Stream, 'writeBufferLength' | 'status'> & EventTarget

/** Lets a sender go as fast as those can read that it sends to, but for one that does not read at all. */
export class Pace {
  private readonly maxWaiting: number
  private readonly patience: number
  /** Those that were waited for in vain: nobody waits for them again, before they have caught up. */
  private readonly stuck = new WeakSet<PacedStream>()

  /**
   * @param maxWaiting - bytes that may wait in a stream before the sender waits for it
   * @param patience - milliseconds that a stream is waited for, at most
   */
  constructor(maxWaiting: number, patience: number) {
    this.maxWaiting = maxWaiting
    this.patience = patience
  }

  /** Resolves when all that waited in the full streams has gone, or has been waited for long enough. */
  async wait(streams: PacedStream[]): Promise<void> {
    for (const stream of streams.filter(({ writeBufferLength }) => writeBufferLength === 0)) {
      this.stuck.delete(stream)
    }

    const full = streams.filter(
      stream => stream.status === 'open' && stream.writeBufferLength > this.maxWaiting && !this.stuck.has(stream)
    )
    await Promise.all(full.map(stream => this.empty(stream)))
  }

  // `onDrain` of libp2p cannot be used for it: once it has resolved, it always does
  private async empty(stream: PacedStream): Promise<void> {
    await new Promise<void>(resolve => {
      const end = () => {
        clearTimeout(timer)
        stream.removeEventListener('idle', end)
        stream.removeEventListener('close', end)
        resolve()
      }
      const timer = setTimeout(() => {
        this.stuck.add(stream)
        end()
      }, this.patience)
      stream.addEventListener('idle', end)
      stream.addEventListener('close', end)
    })
  }
}
