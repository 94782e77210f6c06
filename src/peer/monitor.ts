import type { ServerResponse } from 'node:http'
import type { PeerSampling, PeerSamplingEvents } from '../sampling/index.ts'
import { peerDocument, suspectDocument } from './status.ts'

/** A client that does not read is dropped when this many bytes wait for it. */
const MAX_WAITING = 1024 * 1024

/** An empty line now and then, in milliseconds, keeps a quiet connection from looking dead. */
const HEARTBEAT = 10_000

type Describe = { [E in keyof PeerSamplingEvents]: (detail: PeerSamplingEvents[E]['detail']) => object }

/** What is told of each event. */
const DESCRIBE: Describe = {
  'view:enter': peerDocument,
  'view:leave': peerDocument,
  'view:full': ({ size }) => ({ size }),
  joined: ({ through }) => ({ through: through.toString() }),
  alone: ({ tried, pause }) => ({ tried, pause }),
  'stamp:search': ({ bits, expected }) => ({ bits, expected: Math.round(expected) }),
  'member:lost': ({ id, why }) => ({ peerId: id.toString(), why }),
  suspect: suspectDocument
}

/**
 * Tells the events of peer sampling as they come: `{ event, time, ... }`, time in ISO 8601.
 *
 * @returns ends the telling
 */
export function tellEvents(sampling: PeerSampling, tell: (document: object) => void): () => void {
  const ends = (Object.keys(DESCRIBE) as Array<keyof PeerSamplingEvents>).map(event => {
    const listener = ({ detail }: CustomEvent) => {
      const describe = DESCRIBE[event] as (detail: unknown) => object
      tell({ event, time: new Date().toISOString(), ...describe(detail) })
    }
    sampling.addEventListener(event, listener)
    return () => sampling.removeEventListener(event, listener)
  })

  return () => {
    for (const end of ends) {
      end()
    }
  }
}

/** Clients that watch events, one JSON document per line. */
export class Monitor {
  private readonly sampling: PeerSampling
  private readonly watchers = new Map<ServerResponse, () => void>()

  constructor(sampling: PeerSampling) {
    this.sampling = sampling
  }

  get size(): number {
    return this.watchers.size
  }

  watch(response: ServerResponse): void {
    const write = (text: string) => {
      if (response.writableLength > MAX_WAITING) {
        response.destroy()
      } else {
        response.write(text)
      }
    }
    const endTelling = tellEvents(this.sampling, document => write(`${JSON.stringify(document)}\n`))
    const heartbeat = setInterval(() => write('\n'), HEARTBEAT).unref()
    const forget = () => {
      endTelling()
      clearInterval(heartbeat)
      this.watchers.delete(response)
    }

    this.watchers.set(response, forget)
    response.once('close', forget)
    response.on('error', () => {})
    response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' })
    response.flushHeaders()
  }

  /** Ends every watcher's stream, in order. */
  close(): void {
    for (const [response, forget] of this.watchers) {
      forget()
      response.end()
    }
  }
}
