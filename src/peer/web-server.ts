import { createServer, type RequestListener, type Server } from 'node:http'
import type { ListenOptions } from 'node:net'

/** Our choice: a person's tools and a monitoring system ask now and then, with one connection each. */
const LIMITS = { connections: 64, headerBytes: 8 * 1024 }

/** Milliseconds for a whole request, between two requests of a connection, and without any byte moving. */
const TIMEOUTS = { request: 5_000, keepAlive: 2_000, idle: 30_000 }

/** An HTTP server with limits for bad clients, that listens. @throws the system error when it cannot listen */
export async function listen(onRequest: RequestListener, where: ListenOptions): Promise<Server> {
  const server = createServer(
    {
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: TIMEOUTS.request,
      requestTimeout: TIMEOUTS.request,
      keepAliveTimeout: TIMEOUTS.keepAlive,
      connectionsCheckingInterval: 1_000
    },
    onRequest
  )
  server.maxConnections = LIMITS.connections
  // Also cuts off who asks and does not read the answer.
  server.setTimeout(TIMEOUTS.idle)

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      // Out of file descriptors for one client is no reason to end.
      server.on('error', () => {})
      resolve()
    })
  })

  return server
}

/** Stops listening and ends every connection. */
export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
