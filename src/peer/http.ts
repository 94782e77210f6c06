import type { IncomingMessage } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import type { Registry } from 'prom-client'
import { listenError } from './errors.ts'
import type { PeerStatus } from './index.ts'
import { Refused, type Routes, router } from './router.ts'
import { closeServer, listen } from './web-server.ts'

export interface HttpInit {
  /** Where to listen. Port 0: any that is free. */
  host: string
  port: number
  status: () => PeerStatus
  registry: Registry
}

export interface HttpServer {
  /** Where it is, such as `http://127.0.0.1:8080`. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves /status, /metrics and /healthz, to be read only.
 *
 * @throws StartError `port-in-use`, `port-forbidden`, `address-unavailable`
 */
export async function serveHttp({ host, port, status, registry }: HttpInit): Promise<HttpServer> {
  const routes: Routes = {
    'GET /status': () => ({ body: status() }),
    'GET /metrics': async () => ({ type: registry.contentType, body: await registry.metrics() }),
    'GET /healthz': () => ({ body: { status: 'ok' } })
  }

  try {
    const server = await listen(
      router(routes, request => refuseForeign(request, host)),
      { host, port }
    )
    const address = server.address() as AddressInfo
    const name = isIP(host) === 6 ? `[${host}]` : host

    return { url: `http://${name}:${address.port}`, close: async () => await closeServer(server) }
  } catch (err) {
    throw listenError(`--http ${host}:${port}`, err, '127.0.0.1:8080')
  }
}

/**
 * A web page anywhere can make its reader's browser ask us. It cannot forge the headers Host and Origin: with a name of
 * its own that points here (DNS rebinding) the host is that name, and from a page of its own the origin is that page.
 */
function refuseForeign({ headers }: IncomingMessage, ownHost: string): void {
  const host = hostOf(headers.host)

  if (host == null || !(isIP(host) !== 0 || host === 'localhost' || host === ownHost.toLowerCase())) {
    throw new Refused(403, `foreign Host "${headers.host ?? ''}"; use the address of the peer, or localhost`)
  }

  if (headers.origin != null && headers.origin.toLowerCase() !== `http://${headers.host?.toLowerCase()}`) {
    throw new Refused(403, `foreign Origin "${headers.origin}"`)
  }
}

function hostOf(header: string | undefined): string | undefined {
  if (header == null || !/^[^/?#@\\]+$/.test(header)) {
    return undefined
  }

  try {
    return new URL(`http://${header}`).hostname.replace(/^\[(.*)\]$/, '$1')
  } catch {
    return undefined
  }
}
