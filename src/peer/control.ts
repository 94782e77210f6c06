import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
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
   * `/aggregate?name=load`, `/size`, `/rtt?to=12D3KooW...`, `/coordinate`, `/nearest?n=5`, `/subscriptions`, `/id`, `/doctor`.
   *
   * @throws NoPeerError when no peer runs there
   * @throws RefusedError with the peer's message when it refuses
   */
  get(path: string, options?: AbortOptions): Promise<unknown>

  /**
   * Asks for something to be done: `/stop`, `/suspects/clear?peer=12D3KooW...`, `/publish`. Throws as {@link Control.get}.
   *
   * @param body - sent with it, as JSON
   */
  post(path: string, body?: object, options?: AbortOptions): Promise<unknown>

  /**
   * The documents at a path as they come: `/monitor`, `/subscribe`. Ends when the peer stops, or without an error on abort.
   *
   * @param body - sent with it, as JSON
   */
  stream(path: string, options?: AbortOptions & { body?: object }): AsyncIterable<object>
}

/** Opens the control socket of the peer that runs in a home. Nothing is sent before the first question. */
export function openControl(home: string): Control {
  return {
    get: async (path, options) => await ask(home, 'GET', path, options),
    post: async (path, body = {}, options = {}) => await ask(home, 'POST', path, { ...options, body }),
    stream: (path, options) => stream(home, path, options)
  }
}

interface AskOptions extends AbortOptions {
  body?: object
}

async function ask(home: string, method: string, path: string, options: AskOptions = {}): Promise<unknown> {
  const response = await open(home, method, path, options)
  return documentOf(response, await textOf(response))
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''

  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk
  }

  return text
}

async function* stream(home: string, path: string, options: AskOptions = {}): AsyncGenerator<object> {
  try {
    const response = await open(home, options.body == null ? 'GET' : 'POST', path, options)

    if (response.statusCode !== 200) {
      // says why
      documentOf(response, await textOf(response))
    }

    for await (const line of linesOf(response)) {
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

/** Reads no further than lines are taken. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let begun = ''

  for await (const chunk of response.setEncoding('utf8')) {
    const [first, ...others] = (chunk as string).split('\n')
    const lines = [begun + first, ...others]
    begun = lines.pop() as string
    yield* lines
  }
}

async function open(home: string, method: string, path: string, options: AskOptions): Promise<IncomingMessage> {
  const { signal, body } = options
  const socketPath = controlPath(home)

  return await new Promise((resolve, reject) => {
    const request: ClientRequest = httpRequest(
      { socketPath, method, path, agent: false, headers: { host: 'peer' }, ...(signal == null ? {} : { signal }) },
      resolve
    )

    let response: IncomingMessage | undefined
    request.once('response', opened => {
      response = opened
    })
    request.setTimeout(PATIENCE, () => {
      // unless it is we who do not read
      if (response == null || response.readableLength === 0) {
        request.destroy(new Error('the peer does not answer'))
      }
    })
    request.once('error', err => reject(isAbsent(err) ? new NoPeerError(home, { cause: err }) : err))
    request.end(body == null ? undefined : JSON.stringify(body))
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
