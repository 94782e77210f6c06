import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import type { AbortOptions } from '@libp2p/interface'
import { controlPath } from './control-path.ts'
import { NoPeerError, RefusedError, systemCode } from './errors.ts'

export { NoPeerError } from './errors.ts'

/** Milliseconds without a byte after which a peer counts as stuck. The doctor of a peer takes up to 8 seconds. */
const PATIENCE = 30_000

/** The peer that runs in a home, as its owner talks to it. */
export interface Control {
  /**
   * The JSON at a path: `/status`, `/peers`, `/sample?n=5`, `/suspects`, `/neighbours`, `/route?to=30,4`, `/aggregates`,
   * `/aggregate?name=load`, `/size`, `/rtt?to=12D3KooW...`, `/coordinate`, `/nearest?n=5`, `/id`, `/doctor`.
   *
   * @throws NoPeerError when no peer runs there
   * @throws RefusedError with the peer's message when it refuses
   */
  get(path: string, options?: AbortOptions): Promise<unknown>

  /** Asks for something to be done: `/stop`, `/suspects/clear?peer=12D3KooW...`. Throws as {@link Control.get}. */
  post(path: string, options?: AbortOptions): Promise<unknown>

  /** The documents at a path as they come: `/monitor`. Ends when the peer stops, or without an error on abort. */
  stream(path: string, options?: AbortOptions): AsyncIterable<object>
}

/** Opens the control socket of the peer that runs in a home. Nothing is sent before the first question. */
export function openControl(home: string): Control {
  return {
    get: async (path, options) => await ask(home, 'GET', path, options),
    post: async (path, options) => await ask(home, 'POST', path, options),
    stream: (path, options) => stream(home, path, options)
  }
}

async function ask(home: string, method: string, path: string, options: AbortOptions = {}): Promise<unknown> {
  const response = await open(home, method, path, options)
  let text = ''

  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk
  }

  return documentOf(response, text)
}

async function* stream(home: string, path: string, options: AbortOptions = {}): AsyncGenerator<object> {
  try {
    const response = await open(home, 'GET', path, options)

    if (response.statusCode !== 200) {
      response.destroy()
      throw new Error(`the peer refused ${path} with status ${response.statusCode}`)
    }

    for await (const line of createInterface({ input: response })) {
      // Empty lines are sent to keep the connection alive.
      if (line !== '') {
        yield JSON.parse(line)
      }
    }
  } catch (err) {
    if (options.signal?.aborted !== true) {
      throw err
    }
  }
}

async function open(home: string, method: string, path: string, { signal }: AbortOptions): Promise<IncomingMessage> {
  const socketPath = controlPath(home)

  return await new Promise((resolve, reject) => {
    const request: ClientRequest = httpRequest(
      { socketPath, method, path, agent: false, headers: { host: 'peer' }, ...(signal == null ? {} : { signal }) },
      resolve
    )

    request.setTimeout(PATIENCE, () => request.destroy(new Error('the peer does not answer')))
    request.once('error', err => reject(isAbsent(err) ? new NoPeerError(home, { cause: err }) : err))
    request.end()
  })
}

/** No socket, one that a killed peer left behind, or one that a peer closes as it stops. */
function isAbsent(err: Error): boolean {
  return ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'ENOTDIR'].includes(systemCode(err) ?? '')
}

function documentOf(response: IncomingMessage, text: string): unknown {
  const document = JSON.parse(text)

  if (response.statusCode !== 200) {
    const { statusCode = 500 } = response
    throw new RefusedError(document.error ?? `the peer refused with status ${statusCode}`, statusCode)
  }

  return document
}
