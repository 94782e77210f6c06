/**
 * A signal that is aborted after a time, or together with another one. To be cleared when the work is done: unlike
 * `AbortSignal.any`, it then leaves nothing behind on a signal that lives as long as the service.
 */
export class Deadline {
  private readonly controller = new AbortController()
  private readonly timer: ReturnType<typeof setTimeout>
  private readonly parent: AbortSignal | undefined

  /** @param milliseconds - until the signal is aborted with a `TimeoutError` */
  constructor(milliseconds: number, parent?: AbortSignal) {
    this.parent = parent
    this.timer = setTimeout(() => {
      this.controller.abort(new DOMException(`no answer within ${milliseconds} ms`, 'TimeoutError'))
    }, milliseconds)

    if (parent?.aborted === true) {
      this.onParent()
    } else {
      parent?.addEventListener('abort', this.onParent)
    }
  }

  get signal(): AbortSignal {
    return this.controller.signal
  }

  clear(): void {
    clearTimeout(this.timer)
    this.parent?.removeEventListener('abort', this.onParent)
  }

  private readonly onParent = (): void => {
    this.controller.abort(this.parent?.reason)
  }
}
