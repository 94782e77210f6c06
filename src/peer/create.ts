import './compat.ts'
import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { Registry } from 'prom-client'
import { aggregation } from '../aggregation/index.ts'
import { checkRegistrations } from '../aggregation/registrations.ts'
import { proximityOverlay, torusOverlay } from '../overlay/index.ts'
import { contentPubSub } from '../pubsub/index.ts'
import { topics } from '../pubsub/topics/index.ts'
import { peerSampling, samplingSettings } from '../sampling/index.ts'
import { vivaldi } from '../vivaldi/index.ts'
import { checkup } from './checkup.ts'
import { serveControl } from './control-server.ts'
import { listenError, StartError } from './errors.ts'
import { openHome } from './home.ts'
import { serveHttp } from './http.ts'
import { loadOrCreateKey } from './identity.ts'
import type { GossipPeer, GossipPeerInit, GossipPeerServices } from './index.ts'
import { connectionLimits } from './limits.ts'
import { LocalDiscovery } from './local-discovery.ts'
import { listenAddresses, rememberPort } from './port.ts'
import { statusOf } from './status.ts'
import { openStore, type Store } from './store.ts'
import { Teardown } from './teardown.ts'
import { VERSION } from './version.ts'

/** Milliseconds that leaving may take, with some to spare of the three seconds that are promised. */
const STOP_PATIENCE = 2_500

/**
 * Starts a peer. It runs until {@link GossipPeer.stop}; that no member is reachable does not keep it from starting.
 *
 * @throws ParameterError for an impossible variant, timing, defence or admission of sampling, torus, position, epoch, dimensions
 * or value; nothing is made in the home then
 * @throws StartError when the home, the key, an address or a port cannot be used; nothing stays behind then
 */
export async function createPeer(init: GossipPeerInit = {}): Promise<GossipPeer> {
  // Before anything is made in the home: what cannot work leaves no trace.
  samplingSettings(init.sampling)
  layers(init)
  checkRegistrations(init.aggregation ?? {}, init.values ?? {})

  const teardown = new Teardown()

  try {
    return await bringUp(init, teardown)
  } catch (err) {
    await teardown.run(STOP_PATIENCE)
    throw err
  }
}

async function bringUp(init: GossipPeerInit, teardown: Teardown): Promise<GossipPeer> {
  const warn = init.onWarning ?? (() => {})
  const startedAt = performance.now()
  const home = init.home == null ? undefined : await openHome(init.home)
  const store = await openStore(home, warn)
  teardown.add(store.close)

  const registry = init.http == null ? undefined : new Registry()
  const discovery = init.mdns === true ? new LocalDiscovery(warn) : undefined
  const listen = await listenAddresses(init.listen, store.datastore, warn)
  const libp2p = await createNode(init, { home, store, listen, registry, discovery })
  const period = init.aggregation?.period ?? libp2p.services.sampling.timing.period
  const status = () => statusOf(libp2p, startedAt, period)
  let http: string | undefined

  if (init.http != null && registry != null) {
    // Before libp2p starts: others need not meet a peer that goes at once, because its page has no port.
    const server = await serveHttp({ ...init.http, status, registry })
    teardown.add(server.close)
    http = server.url
  }

  libp2p.services.sampling.addEventListener('stamp:search', ({ detail: { bits, expected } }) => {
    warn(`working on a stamp of ${bits} bits, about ${roughly(expected)}; until then it takes no part`)
  })
  teardown.add(async () => await libp2p.stop())

  for (const [name, options] of Object.entries(init.values ?? {})) {
    libp2p.services.aggregation.register(name, options)
  }

  const listening = await startNode(libp2p, listen)

  if (init.listen == null) {
    await rememberPort(store.datastore, listening)
  }

  if (discovery != null) {
    discovery.start(libp2p.services.sampling, libp2p.peerId)
    teardown.add(() => discovery.stop())
  }

  const stopped = Promise.withResolvers<void>()
  let stopping = false
  const stop = async () => {
    if (!stopping) {
      stopping = true
      teardown.run(STOP_PATIENCE).then(stopped.resolve)
    }

    await stopped.promise
  }

  if (home != null) {
    const control = await serveControl({
      home,
      libp2p,
      status,
      period,
      onStop: init.onStopRequest ?? stop,
      endsProcess: init.onStopRequest != null
    })
    teardown.add(control.close)
  }

  return {
    peerId: libp2p.peerId,
    libp2p,
    sampling: libp2p.services.sampling,
    aggregation: libp2p.services.aggregation,
    vivaldi: libp2p.services.vivaldi,
    topics: libp2p.services.topics,
    content: libp2p.services.content,
    torus: libp2p.services.torus,
    proximity: libp2p.services.proximity,
    home,
    http,
    stopped: stopped.promise,
    status,
    stop
  }
}

/** How long luck is needed for: in the largest unit of which it is two or more. */
function roughly(milliseconds: number): string {
  const seconds = milliseconds / 1_000
  const [unit, name] = (
    [
      [86_400, 'days'],
      [3_600, 'hours'],
      [60, 'minutes']
    ] as const
  ).find(([unit]) => seconds >= 2 * unit) ?? [1, 's']
  return `${Math.ceil(seconds / unit)} ${name}`
}

interface Parts {
  home: string | undefined
  store: Store
  listen: Multiaddr[]
  registry: Registry | undefined
  discovery: LocalDiscovery | undefined
}

async function createNode(init: GossipPeerInit, parts: Parts): Promise<Libp2p<GossipPeerServices>> {
  const { home, store, listen, registry, discovery } = parts

  return await createLibp2p<GossipPeerServices>({
    start: false,
    nodeInfo: { name: 'gossip-peer', version: VERSION },
    ...(home == null ? {} : { privateKey: await loadOrCreateKey(home) }),
    datastore: store.datastore,
    addresses: {
      listen: listen.map(address => address.toString()),
      announce: (init.announce ?? []).map(address => address.toString())
    },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: connectionLimits(init.sampling),
    // It pings every connection every 10 seconds, the largest cost of an idle peer. Gossip finds the dead by itself: a
    // partner that does not answer is dropped, and its connection with it.
    connectionMonitor: { enabled: false },
    ...(registry == null ? {} : { metrics: prometheusMetrics({ registry }) }),
    ...(discovery == null ? {} : { peerDiscovery: [discovery.factory] }),
    services: {
      identify: identify(),
      checkup: checkup(),
      sampling: peerSampling(init.sampling),
      ...layers(init)
    }
  })
}

/** What runs above peer sampling. */
function layers({ aggregation: aggregated, vivaldi: coordinates, torus, proximity }: GossipPeerInit) {
  return {
    aggregation: aggregation(aggregated),
    vivaldi: vivaldi(coordinates),
    topics: topics(),
    content: contentPubSub(),
    ...(torus == null ? {} : { torus: torusOverlay(torus) }),
    ...(proximity === true ? { proximity: proximityOverlay({ dimensions: coordinates?.dimensions }) } : {})
  }
}

/** @returns the addresses that it listens on, with the ports that the system chose */
async function startNode(libp2p: Libp2p<GossipPeerServices>, listen: Multiaddr[]): Promise<Multiaddr[]> {
  const listening: Multiaddr[] = []
  libp2p.addEventListener('transport:listening', ({ detail }) => listening.push(...detail.getAddrs()))

  try {
    await libp2p.start()
  } catch (err) {
    // Somebody took the port after we looked.
    if (err instanceof Error && err.name === 'UnsupportedListenAddressesError' && !(err instanceof StartError)) {
      throw listenError(`--listen ${listen.join(' ')}`, err, '/ip4/0.0.0.0/tcp/4001')
    }

    throw err
  }

  return listening
}
