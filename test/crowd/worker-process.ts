import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

type Answer<A> = { answer: A } | { error: string }

/** A process that does what it is told, one command after the other. */
export class WorkerProcess<Command extends object, A> {
  private readonly child: ChildProcess
  private last: Promise<unknown> = Promise.resolve()

  /** @param worker - the compiled file that it runs, which calls {@link obey} */
  constructor(worker: URL) {
    this.child = fork(worker, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  }

  /**
   * One command after the other: what is told while another one is being done has to wait.
   *
   * @throws what the worker throws; when it ends without an answer
   */
  async tell(command: Command): Promise<A> {
    const answered = this.last.then(() => this.ask(command))
    this.last = answered.catch(() => {})
    return await answered
  }

  private async ask(command: Command): Promise<A> {
    const { child } = this
    const given = new AbortController()
    const message = once(child, 'message', given)
    const exit = once(child, 'exit', given).then(() => {
      throw new Error(`the worker has ended instead of doing ${JSON.stringify(command)}`)
    })
    child.send(command)

    try {
      const [answer] = (await Promise.race([message, exit])) as [Answer<A>]

      if ('error' in answer) {
        throw new Error(answer.error)
      }

      return answer.answer
    } finally {
      given.abort()
      await Promise.allSettled([message, exit])
    }
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    const { child } = this

    if (child.exitCode == null && child.signalCode == null) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
  }
}

/** In the worker: does what the parent says, and ends with it. */
export function obey<Command extends object, A>(run: (command: Command) => Promise<A>): void {
  process.on('message', (command: Command) => {
    run(command).then(
      answer => process.send?.({ answer }),
      err => process.send?.({ error: err instanceof Error ? (err.stack ?? err.message) : String(err) })
    )
  })
  process.on('disconnect', () => process.exit())
}
