import type { ServerResponse } from 'node:http'

/** A client that does not read is dropped when this many bytes wait for it. */
const MAX_WAITING = 4 * 1024 * 1024

/** An empty line now and then, in milliseconds, keeps a quiet connection from looking dead. */
const HEARTBEAT = 10_000

/** Tells a document. Where the client is slow, it returns what resolves when it has caught up, or is gone. */
export type Tell = (document: object) => Promise<void> | undefined

/** Clients to whom documents are told as they come, one JSON document per line. */
export class Watchers {
  private readonly ends = new Map<ServerResponse, () => void>()

  get size(): number {
    return this.ends.size
  }

  /** @param begin - tells from now on, and returns what ends that */
  watch(response: ServerResponse, begin: (tell: Tell) => () => void): void {
    const write = (text: string) => {
      if (response.writableLength > MAX_WAITING) {
        response.destroy()
      } else {
        response.write(text)
      }
    }
    let waiting: Promise<void> | undefined
    const endTelling = begin(document => {
      write(`${JSON.stringify(document)}\n`)

      if (response.writableNeedDrain) {
        waiting ??= caughtUp(response).then(() => {
          waiting = undefined
        })
      }

      return waiting
    })
    const heartbeat = setInterval(() => write('\n'), HEARTBEAT).unref()
    const end = () => {
      endTelling()
      clearInterval(heartbeat)
      this.ends.delete(response)
    }

    this.ends.set(response, end)
    // it may read when it likes: what waits for it is bounded
    response.setTimeout(0)
    response.once('close', end)
    response.on('error', () => {})
    response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' })
    response.flushHeaders()
  }

  /** Ends every client's stream, in order. */
  close(): void {
    for (const [response, end] of this.ends) {
      end()
      response.end()
    }
  }
}

function caughtUp(response: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      response.off('drain', end)
      response.off('close', end)
      resolve()
    }

    response.once('drain', end)
    response.once('close', end)
  })
}
