import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { messageOf } from './errors.ts'

/** What a route answers. A string goes out as it is, anything else as JSON. */
export interface Answer {
  status?: number
  type?: string
  body: unknown
  /** Called when the answer is on its way. */
  after?: () => void
}

/** A route gives an answer, or takes the response over and gives none. */
export type Route = (request: {
  url: URL
  /** All that was sent with it. */
  body: Buffer
  response: ServerResponse
}) => Answer | undefined | Promise<Answer | undefined>

/** Routes by method and path, such as `GET /status`. */
export type Routes = Record<`${'GET' | 'POST'} /${string}`, Route>

/** A refusal with an HTTP status. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** More than a request needs that sends nothing, in bytes: a client that sends more is cut off here. */
const MAX_BODY = 1024

/**
 * One router for the control socket and for the public page: a table of exact paths. A web framework would add a tree of
 * dependencies to route a dozen paths without parameters.
 *
 * @param guard - throws {@link Refused} for a request that must not be answered
 * @param maxBody - bytes that a request may send
 */
export function router(
  routes: Routes,
  guard: (request: IncomingMessage) => void = () => {},
  maxBody = MAX_BODY
): RequestListener {
  return (request, response) => {
    // from the beginning: what nobody takes would keep the request from ending
    const body = readBody(request, maxBody)
    answer(routes, guard, request, response, body).catch(err => {
      if (response.headersSent) {
        response.destroy()
        return
      }

      const status = err instanceof Refused ? err.status : 500
      send(request, response, { status, body: { error: messageOf(err) } })
    })
  }
}

async function answer(
  routes: Routes,
  guard: (request: IncomingMessage) => void,
  request: IncomingMessage,
  response: ServerResponse,
  body: Promise<Buffer>
): Promise<void> {
  guard(request)

  const url = pathOf(request)
  const asked = request.method ?? 'GET'
  const methods = ['GET', 'POST'].filter(method => Object.hasOwn(routes, `${method} ${url.pathname}`))

  if (methods.length === 0) {
    const paths = Object.keys(routes).join(', ')
    throw new Refused(404, `nothing is at ${url.pathname}; there are ${paths}`)
  }

  // HEAD is GET without the body.
  const method = asked === 'HEAD' ? 'GET' : asked

  if (!methods.includes(method)) {
    response.setHeader('allow', methods.includes('GET') ? ['HEAD', ...methods].join(', ') : methods.join(', '))
    throw new Refused(405, `${asked} is not for ${url.pathname}; use ${methods.join(' or ')}`)
  }

  const result = await routes[`${method} ${url.pathname}` as keyof Routes]({ url, response, body: await body })

  if (result != null) {
    send(request, response, result)
  }
}

function pathOf(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? '/', 'http://peer')
  } catch {
    throw new Refused(400, 'the path is not one')
  }
}

/** All that is sent. Who sends too much is cut off, and its request is not answered. */
function readBody(request: IncomingMessage, maxBody: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0

  return new Promise(resolve => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length

      if (bytes > maxBody) {
        request.destroy()
      } else {
        chunks.push(chunk)
      }
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', () => {})
  })
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body, after }: Answer): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`

  if (after != null) {
    response.once('close', after)
  }

  response.on('error', () => {})
  response.writeHead(status ?? 200, {
    'content-type': type ?? 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff'
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}
