/**
 * A signal that is aborted after a time, or together with another one. To be cleared when the work is done: unlike
 * `AbortSignal.any`, it then leaves nothing behind on a signal that lives as long as the service. Costs nothing where
 * the signal is not needed in the end.
 */
export class Deadline {
  private readonly milliseconds: number
  private readonly parent: AbortSignal | undefined
  private controller: AbortController | undefined
  private timer: ReturnType<typeof setTimeout> | undefined

  /** @param milliseconds - until the signal is aborted with a `TimeoutError`, from when it is first asked for */
  constructor(milliseconds: number, parent?: AbortSignal) {
    this.milliseconds = milliseconds
    this.parent = parent
  }

  get signal(): AbortSignal {
    this.controller ??= this.begin()
    return this.controller.signal
  }

  clear(): void {
    clearTimeout(this.timer)
    this.parent?.removeEventListener('abort', this.onParent)
  }

  private begin(): AbortController {
    const controller = new AbortController()
    this.timer = setTimeout(() => controller.abort(timeoutError(this.milliseconds)), this.milliseconds)

    if (this.parent?.aborted === true) {
      controller.abort(this.parent.reason)
    } else {
      this.parent?.addEventListener('abort', this.onParent)
    }

    return controller
  }

  private readonly onParent = (): void => {
    this.controller?.abort(this.parent?.reason)
  }
}

/** Too late. */
export function timeoutError(milliseconds: number): Error {
  return new DOMException(`no answer within ${milliseconds} ms`, 'TimeoutError')
}
