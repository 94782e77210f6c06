import { chmod, rm } from 'node:fs/promises'
import type { Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { controlPath } from './control-path.ts'
import { diagnose } from './doctor.ts'
import { messageOf, StartError } from './errors.ts'
import type { GossipPeerServices, PeerStatus } from './index.ts'
import { Monitor } from './monitor.ts'
import { Refused, type Routes, router } from './router.ts'
import { memberDocument, peerDocument, suspectDocument } from './status.ts'
import type { Diagnosis } from './troubles.ts'
import { closeServer, listen } from './web-server.ts'

/** Most random members given at once. */
const MAX_SAMPLE = 10_000

export interface ControlInit {
  home: string
  libp2p: Libp2p<GossipPeerServices>
  status: () => PeerStatus
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
export async function serveControl({ home, libp2p, status, onStop, endsProcess }: ControlInit): Promise<ControlServer> {
  const { sampling } = libp2p.services
  const monitor = new Monitor(sampling)
  const path = controlPath(home, true)
  // Whoever asks while an examination runs gets that one: members answer a peer only so often.
  let examination: Promise<Diagnosis> | undefined
  const isFile = process.platform !== 'win32'

  const routes: Routes = {
    'GET /id': () => ({ body: { peerId: libp2p.peerId.toString() } }),
    'GET /status': () => ({ body: status() }),
    'GET /peers': () => ({ body: sampling.view.map(memberDocument) }),
    'GET /sample': ({ url }) => ({ body: sampling.getPeers(countOf(url)).map(peerDocument) }),
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
      monitor.watch(response)
      return undefined
    },
    'POST /stop': () => ({ body: { stopping: true, endsProcess }, after: onStop })
  }

  try {
    if (isFile) {
      // Left by a peer that was killed: we hold the lock of the home, so nobody listens there.
      await rm(path, { force: true })
    }

    const server = await listen(router(routes), { path })

    if (isFile) {
      // Connecting needs the right to write, which the usual umask gives the owner only; now it is so with any umask.
      await chmod(path, 0o600)
    }

    return {
      path,
      close: async () => {
        monitor.close()
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

function peerOf(url: URL): PeerId {
  const text = url.searchParams.get('peer') ?? ''

  try {
    return peerIdFromString(text)
  } catch {
    throw new Refused(400, `peer: "${text}" is not a peer id`)
  }
}

function countOf(url: URL): number {
  const text = url.searchParams.get('n') ?? '1'
  const n = Number(text)

  if (!Number.isInteger(n) || n < 1 || n > MAX_SAMPLE) {
    throw new Refused(400, `n: "${text}" is not a whole number from 1 to ${MAX_SAMPLE}`)
  }

  return n
}
