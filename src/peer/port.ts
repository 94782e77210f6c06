import { createServer } from 'node:net'
import { getNetConfig } from '@libp2p/utils'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { type Datastore, Key } from 'interface-datastore'
import { listenError, StartError } from './errors.ts'

/** Where a peer listens that was not told where: everywhere, on a port that the system chooses. */
export const DEFAULT_HOST = '0.0.0.0'

const PORT_KEY = new Key('/gossip-peer/port')

/**
 * Where to listen. Without explicit addresses, on the port of the last time: others remember it.
 *
 * @throws StartError `port-in-use`, `port-forbidden`, `address-unavailable` for an explicit address
 */
export async function listenAddresses(
  explicit: Multiaddr[] | undefined,
  datastore: Datastore,
  onWarning: (message: string) => void
): Promise<Multiaddr[]> {
  if (explicit != null) {
    // All of them before the first one is used: libp2p tells only in words which one failed, and why.
    for (const address of explicit) {
      await checkAddress(address)
    }

    return explicit
  }

  let port = await rememberedPort(datastore)

  if (port !== 0 && (await tryListening(DEFAULT_HOST, port)) != null) {
    onWarning(`port ${port}, where this peer was last, is in use; listening on another one, which others have to learn`)
    port = 0
  }

  return [multiaddr(`/ip4/${DEFAULT_HOST}/tcp/${port}`)]
}

/** Keeps the port that the peer listens on, for its next start. */
export async function rememberPort(datastore: Datastore, listening: Multiaddr[]): Promise<void> {
  const port = listening.map(tcpPort).find(port => port != null && port !== 0)

  if (port != null) {
    await datastore.put(PORT_KEY, new TextEncoder().encode(String(port)))
  }
}

async function rememberedPort(datastore: Datastore): Promise<number> {
  try {
    const port = Number(new TextDecoder().decode(await datastore.get(PORT_KEY)))
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0
  } catch {
    return 0
  }
}

async function checkAddress(address: Multiaddr): Promise<void> {
  const { host, port } = tcpEndpoint(address)
  const err = await tryListening(host, port)

  if (err != null) {
    throw listenError(`--listen ${address}`, err, '/ip4/0.0.0.0/tcp/4001')
  }
}

/** Undefined when it could be listened on. */
async function tryListening(host: string, port: number): Promise<unknown> {
  return await new Promise(resolve => {
    const server = createServer()
    server.once('error', resolve)
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

function tcpEndpoint(address: Multiaddr): { host: string; port: number } {
  try {
    const { type, host, port, protocol } = getNetConfig(address)

    if ((type === 'ip4' || type === 'ip6') && protocol === 'tcp' && port != null) {
      return { host, port }
    }
  } catch {}

  throw new StartError(
    'address-unavailable',
    `--listen ${address}: is not an IP address with a TCP port (example: /ip4/0.0.0.0/tcp/4001)`
  )
}

function tcpPort(address: Multiaddr): number | undefined {
  const port = address.getComponents().find(({ name }) => name === 'tcp')?.value
  return port == null ? undefined : Number(port)
}
