import { chmod, rm } from 'node:fs/promises'
import type { Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Aggregation, Registration } from '../aggregation/index.ts'
import { ParameterError, type Route } from '../overlay/index.ts'
import { aggregateDocument, sizeDocument } from './aggregation-documents.ts'
import { controlPath } from './control-path.ts'
import { coordinateOf, nearPeerDocument, roundTrip } from './coordinate-documents.ts'
import { diagnose } from './doctor.ts'
import { messageOf, StartError } from './errors.ts'
import { publish, subscribe, subscriptionsOf } from './event-documents.ts'
import type { GossipPeerServices, PeerStatus } from './index.ts'
import { tellEvents } from './monitor.ts'
import { overlayDocument, routeDocument, type Torus } from './overlay-documents.ts'
import { Refused, type Routes, router } from './router.ts'
import { memberDocument, peerDocument, suspectDocument } from './status.ts'
import type { Diagnosis } from './troubles.ts'
import { Watchers } from './watchers.ts'
import { closeServer, listen } from './web-server.ts'

/** Most random members given at once. */
const MAX_SAMPLE = 10_000

/** Bytes of an event that is published: a payload in base64, and attributes. */
const MAX_BODY = 2 * 1024 * 1024

export interface ControlInit {
  home: string
  libp2p: Libp2p<GossipPeerServices>
  status: () => PeerStatus
  /** Milliseconds of a round of aggregation. */
  period: number
  /** Called once the client has been told that the peer stops. */
  onStop: () => void
  /** Whether that ends this process, too. */
  endsProcess: boolean
}

export interface ControlServer {
  /** The socket's path. */
  readonly path: string
  close(): Promise<void>
}

/**
 * Serves the owner of the peer: HTTP with JSON over a unix socket in the home (a named pipe on Windows), which only the
 * owner can open.
 *
 * @throws StartError `control-unavailable`
 */
export async function serveControl(init: ControlInit): Promise<ControlServer> {
  const { home, libp2p, status, period, onStop, endsProcess } = init
  const { sampling, aggregation, vivaldi, topics, content, torus } = libp2p.services
  const places = { self: libp2p.peerId, sampling, vivaldi }
  const watchers = new Watchers()
  const path = controlPath(home, true)
  // Whoever asks while an examination runs gets that one: members answer a peer only so often.
  let examination: Promise<Diagnosis> | undefined
  const isFile = process.platform !== 'win32'

  const routes: Routes = {
    'GET /id': () => ({ body: { peerId: libp2p.peerId.toString() } }),
    'GET /status': () => ({ body: status() }),
    'GET /peers': () => ({ body: sampling.view.map(memberDocument) }),
    'GET /sample': ({ url }) => ({ body: sampling.getPeers(countOf(url)).map(peerDocument) }),
    'GET /neighbours': () => ({ body: overlayDocument(present(torus)) }),
    'GET /route': async ({ url, response }) => {
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      return { body: routeDocument(await routeTo(pointOf(url), present(torus), gone.signal)) }
    },
    'GET /aggregates': () => ({
      body: aggregation.registered().map(one => aggregateDocument(one, aggregation, period))
    }),
    'GET /aggregate': ({ url }) => ({ body: aggregateDocument(registered(aggregation, url), aggregation, period) }),
    'GET /size': () => ({ body: sizeDocument(aggregation, period) }),
    'GET /rtt': async ({ url, response }) => {
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      const from = url.searchParams.has('from') ? peerOf(url, 'from') : libp2p.peerId
      return { body: await roundTrip(places, from, peerOf(url, 'to'), gone.signal) }
    },
    'GET /coordinate': ({ url }) => {
      const peer = url.searchParams.has('peer') ? peerOf(url) : libp2p.peerId
      return { body: coordinateOf(places, peer) }
    },
    'GET /nearest': ({ url }) => ({ body: vivaldi.nearest(countOf(url, 5)).map(nearPeerDocument) }),
    'GET /suspects': () => ({ body: sampling.suspects().map(suspectDocument) }),
    'POST /suspects/clear': ({ url }) => {
      const peer = peerOf(url)

      if (!sampling.clearSuspect(peer)) {
        throw new Refused(404, `${peer} is no suspect`)
      }

      return { body: { cleared: peer.toString() } }
    },
    'GET /doctor': async () => {
      examination ??= diagnose(libp2p).finally(() => {
        examination = undefined
      })
      return { body: await examination }
    },
    'GET /monitor': ({ response }) => {
      watchers.watch(response, tell => tellEvents(libp2p.services, tell))
      return undefined
    },
    'GET /subscriptions': () => ({ body: subscriptionsOf(content) }),
    'POST /subscribe': ({ body, response }) => {
      watchers.watch(
        response,
        subscribe(body, { content, topics }, () => response.destroy())
      )
      return undefined
    },
    'POST /publish': async ({ body, response }) => {
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      return { body: await publish(body, { content, topics }, { signal: gone.signal }) }
    },
    'POST /stop': () => ({ body: { stopping: true, endsProcess }, after: onStop })
  }

  try {
    if (isFile) {
      // Left by a peer that was killed: we hold the lock of the home, so nobody listens there.
      await rm(path, { force: true })
    }

    const server = await listen(
      router(routes, () => {}, MAX_BODY),
      { path }
    )

    if (isFile) {
      // Connecting needs the right to write, which the usual umask gives the owner only; now it is so with any umask.
      await chmod(path, 0o600)
    }

    return {
      path,
      close: async () => {
        watchers.close()
        await closeServer(server)

        if (isFile) {
          await rm(path, { force: true })
        }
      }
    }
  } catch (err) {
    throw new StartError(
      'control-unavailable',
      `control socket ${path}: cannot be made (${messageOf(err)}); choose a --home on a local disk`,
      { cause: err }
    )
  }
}

function present(torus: Torus | undefined): Torus {
  if (torus == null) {
    throw new Refused(404, 'this peer has no place on a torus (start it with --torus 50x50)')
  }

  return torus
}

function pointOf(url: URL): number[] {
  return (url.searchParams.get('to') ?? '').split(',').map(part => (part.trim() === '' ? Number.NaN : Number(part)))
}

async function routeTo(point: number[], torus: Torus, signal: AbortSignal): Promise<Route<number[]>> {
  try {
    return await torus.route(point, { signal })
  } catch (err) {
    throw err instanceof ParameterError ? new Refused(400, err.reason) : err
  }
}

function registered(aggregation: Aggregation, url: URL): Registration {
  const name = url.searchParams.get('name') ?? ''
  const all = aggregation.registered()
  const found = all.find(({ aggregate }) => aggregate.name === name)

  if (found == null) {
    const names = all.map(({ aggregate }) => aggregate.name).join(', ')
    const there = names === '' ? 'it has none (start it with --value)' : `there are: ${names}`
    throw new Refused(404, `this peer has no value for an aggregate "${name}"; ${there}`)
  }

  return found
}

function peerOf(url: URL, parameter = 'peer'): PeerId {
  const text = url.searchParams.get(parameter) ?? ''

  try {
    return peerIdFromString(text)
  } catch {
    throw new Refused(400, `${parameter}: "${text}" is not a peer id`)
  }
}

function countOf(url: URL, usual = 1): number {
  const text = url.searchParams.get('n') ?? String(usual)
  const n = Number(text)

  if (!Number.isInteger(n) || n < 1 || n > MAX_SAMPLE) {
    throw new Refused(400, `n: "${text}" is not a whole number from 1 to ${MAX_SAMPLE}`)
  }

  return n
}
