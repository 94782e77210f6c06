import '../../src/peer/compat.ts'
import assert from 'node:assert/strict'
import { chmod, mkdir, rm, stat } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { join } from 'node:path'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import type { AggregationEvents } from '../../src/aggregation/index.ts'
import { openControl } from '../../src/peer/control.ts'
import { controlPath } from '../../src/peer/control-path.ts'
import { type ControlServer, serveControl } from '../../src/peer/control-server.ts'
import type { GossipPeerServices, PeerStatus } from '../../src/peer/index.ts'
import type { TopicsEvents } from '../../src/pubsub/topics/index.ts'
import type { PeerSampling, PeerSamplingEvents } from '../../src/sampling/index.ts'
import type { NetworkCoordinatesEvents } from '../../src/vivaldi/index.ts'
import { eventually } from '../support/eventually.ts'
import { withFolder } from '../support/folder.ts'

const EVIDENCE = { seen: 12, expected: 1.5, offences: 1, rounds: 60 }
const STATUS = { peerId: 'me' } as PeerStatus

describe('the control socket', () => {
  const id = peerIdFromPrivateKey
  let member: { id: ReturnType<typeof id>; multiaddrs: ReturnType<typeof multiaddr>[]; age: number }

  before(async () => {
    member = { id: id(await generateKeyPair('Ed25519')), multiaddrs: [multiaddr('/ip4/10.0.0.1/tcp/4001')], age: 3 }
  })

  it('answers its owner', async () => {
    await withPeer(async (home, { peerId }) => {
      const control = openControl(home)
      const peer = { peerId: member.id.toString(), addresses: [`/ip4/10.0.0.1/tcp/4001/p2p/${member.id}`] }

      assert.deepEqual(await control.get('/status'), STATUS)
      assert.deepEqual(await control.get('/id'), { peerId })
      assert.deepEqual(await control.get('/peers'), [{ ...peer, age: 3 }])
      assert.deepEqual(await control.get('/sample?n=2'), [peer, peer])
      assert.deepEqual(await control.get('/sample'), [peer])
      assert.deepEqual(await control.get('/suspects'), [{ peerId: member.id.toString(), ...EVIDENCE }])
      await assert.rejects(control.get('/sample?n=0'), /n: "0" is not a whole number/)
      await assert.rejects(control.get('/nothing'), /nothing is at \/nothing/)
      await assert.rejects(control.get('/stop'), /use POST/)
      await assert.rejects(control.post('/status'), /use GET/)
    })
  })

  it('clears a suspect', async () => {
    await withPeer(async (home, { peerId }) => {
      const control = openControl(home)
      const path = `/suspects/clear?peer=${member.id}`

      assert.deepEqual(await control.post(path), { cleared: member.id.toString() })
      await assert.rejects(control.post(`/suspects/clear?peer=${peerId}`), { message: `${peerId} is no suspect` })
      await assert.rejects(control.post('/suspects/clear?peer=abc'), { message: 'peer: "abc" is not a peer id' })
      await assert.rejects(control.post('/suspects/clear'), { message: 'peer: "" is not a peer id' })
      await assert.rejects(control.get(path), /use POST/)
    })
  })

  it('is for its owner only', async () => {
    await withPeer(async (_home, { server }) => {
      assert.equal((await stat(server.path)).mode & 0o777, 0o600)
    })
  })

  it('tells that the peer stops before it does', async () => {
    await withPeer(async (home, { stops }) => {
      assert.deepEqual(await openControl(home).post('/stop'), { stopping: true, endsProcess: false })
      await eventually(() => stops() === 1, { what: 'the call to stop' })
    })
  })

  it('is gone with the peer', async () => {
    await withFolder(async home => {
      const { server } = await serve(home)
      await server.close()
      await assert.rejects(stat(server.path), { code: 'ENOENT' })
      await assert.rejects(openControl(home).get('/id'), { name: 'NoPeerError', home })
    })
  })

  it('says that no peer runs where there is no home', async () => {
    await withFolder(async folder => {
      await assert.rejects(openControl(join(folder, 'none')).get('/id'), { name: 'NoPeerError' })
      await assert.rejects(
        async () => {
          for await (const _ of openControl(join(folder, 'none')).stream('/monitor')) {
          }
        },
        { name: 'NoPeerError' }
      )
    })
  })

  it('works in a home whose path is too long for a socket', async () => {
    await withFolder(async folder => {
      const home = join(folder, 'a'.repeat(60), 'b'.repeat(60))
      await mkdir(home, { recursive: true })
      const { server, peerId } = await serve(home)

      assert(Buffer.byteLength(server.path) <= 103)
      assert.notEqual(server.path, join(home, 'control.sock'))
      assert.equal((await stat(join(server.path, '..'))).mode & 0o777, 0o700)
      assert.deepEqual(await openControl(home).get('/id'), { peerId })
      await server.close()
      await assert.rejects(stat(server.path), { code: 'ENOENT' })
    })
  })

  it('does not trust a folder for it that others can enter', async () => {
    await withFolder(async folder => {
      const before = process.env.TMPDIR
      const home = join(folder, 'a'.repeat(60), 'b'.repeat(60))
      await mkdir(home, { recursive: true })
      process.env.TMPDIR = folder

      try {
        const path = controlPath(home, true)
        await chmod(join(path, '..'), 0o777)
        assert.throws(() => controlPath(home, true), { code: 'control-unavailable' })
        await rm(join(path, '..'), { recursive: true })
        assert.equal(controlPath(home, true), path)
      } finally {
        if (before == null) {
          delete process.env.TMPDIR
        } else {
          process.env.TMPDIR = before
        }
      }
    })
  })

  it('takes the place of one that a killed peer left behind', async () => {
    await withFolder(async home => {
      const path = controlPath(home)
      const dead = createServer().listen(path)
      await eventually(() => dead.listening)
      // Closing would remove the file, as a killed process does not: rename what is left in its place.
      const { link, rename } = await import('node:fs/promises')
      await link(path, `${path}.left`)
      await new Promise(resolve => dead.close(resolve))
      await rename(`${path}.left`, path)
      await assert.rejects(openControl(home).get('/id'), { name: 'NoPeerError' })

      const { server, peerId } = await serve(home)
      assert.deepEqual(await openControl(home).get('/id'), { peerId })
      await server.close()
    })
  })

  it('tells events as they come, until the peer stops', async () => {
    await withFolder(async home => {
      const { server, sampling, vivaldi, topics, watched } = await serve(home)
      const told: Array<Record<string, unknown>> = []
      const telling = (async () => {
        for await (const document of openControl(home).stream('/monitor')) {
          told.push(document as Record<string, unknown>)
        }
      })()

      await eventually(watched, { what: 'the watcher' })
      sampling.safeDispatchEvent('view:enter', { detail: member })
      sampling.safeDispatchEvent('joined', { detail: { through: member.id } })
      sampling.safeDispatchEvent('member:lost', { detail: { id: member.id, why: 'timeout' } })
      sampling.safeDispatchEvent('suspect', { detail: { id: member.id, ...EVIDENCE } })
      sampling.safeDispatchEvent('alone', { detail: { tried: 2, pause: 500 } })
      const coordinate = { position: [1, 2], height: 0.5, error: 0.2 }
      vivaldi.safeDispatchEvent('coordinate:change', { detail: { coordinate, previous: coordinate, moved: 3 } })
      topics.safeDispatchEvent('subscribers:change', { detail: { topic: 'news', subscribers: 2 } })
      await eventually(() => told.length === 7, { what: 'seven events' })
      await server.close()
      await telling

      const peerId = member.id.toString()
      assert(told.every(({ time }) => !Number.isNaN(Date.parse(String(time)))))
      assert.deepEqual(
        told.map(({ time: _, ...rest }) => rest),
        [
          { event: 'view:enter', peerId, addresses: [`/ip4/10.0.0.1/tcp/4001/p2p/${peerId}`] },
          { event: 'joined', through: peerId },
          { event: 'member:lost', peerId, why: 'timeout' },
          { event: 'suspect', peerId, ...EVIDENCE },
          { event: 'alone', tried: 2, pause: 500 },
          { event: 'coordinate:change', ...coordinate, moved: 3 },
          { event: 'subscribers:change', topic: 'news', subscribers: 2 }
        ]
      )
    })
  })

  it('stops telling when the client has seen enough', async () => {
    await withPeer(async (home, { watched }) => {
      const abort = new AbortController()
      const telling = (async () => {
        for await (const _ of openControl(home).stream('/monitor', { signal: abort.signal })) {
        }
      })()
      await eventually(watched, { what: 'the watcher' })
      abort.abort()
      await telling
      await eventually(() => !watched(), { what: 'the end of the watch' })
    })
  })

  it('drops a client that does not read', async () => {
    await withPeer(async (home, { sampling, watched }) => {
      const socket = createConnection(controlPath(home), () => {
        socket.write('GET /monitor HTTP/1.1\r\nhost: peer\r\n\r\n')
        socket.pause()
      })
      socket.on('error', () => {})
      await eventually(watched, { what: 'the watcher' })

      const multiaddrs = Array.from({ length: 500 }, (_, i) => multiaddr(`/ip4/10.0.0.1/tcp/${i + 1}`))

      for (let i = 0; i < 200 && watched(); i++) {
        sampling.safeDispatchEvent('view:enter', { detail: { ...member, multiaddrs } })
      }

      await eventually(() => !watched(), { what: 'the end of the watch' })
      socket.destroy()
    })
  })

  interface Served {
    server: ControlServer
    sampling: TypedEventEmitter<PeerSamplingEvents>
    vivaldi: TypedEventEmitter<NetworkCoordinatesEvents>
    topics: TypedEventEmitter<TopicsEvents>
    peerId: string
    stops: () => number
    /** Whether somebody watches the events. */
    watched: () => boolean
  }

  async function withPeer(run: (home: string, served: Served) => Promise<void>): Promise<void> {
    await withFolder(async home => {
      const served = await serve(home)

      try {
        await run(home, served)
      } finally {
        await served.server.close()
      }
    })
  }

  async function serve(home: string): Promise<Served> {
    const peerId = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const sampling = new TypedEventEmitter<PeerSamplingEvents>()
    const aggregation = new TypedEventEmitter<AggregationEvents>()
    const vivaldi = new TypedEventEmitter<NetworkCoordinatesEvents>()
    const topics = new TypedEventEmitter<TopicsEvents>()
    const { age: _, ...info } = member
    Object.assign(sampling, {
      view: [member],
      getPeers: (n: number) => Array(n).fill(info),
      suspects: () => [{ id: member.id, ...EVIDENCE }],
      clearSuspect: id => id.equals(member.id)
    } as Partial<PeerSampling>)
    let stops = 0

    const server = await serveControl({
      home,
      libp2p: { peerId, services: { sampling, aggregation, vivaldi, topics } } as unknown as Libp2p<GossipPeerServices>,
      status: () => STATUS,
      period: 1_000,
      onStop: () => {
        stops++
      },
      endsProcess: false
    })

    return {
      server,
      sampling,
      vivaldi,
      topics,
      peerId: peerId.toString(),
      stops: () => stops,
      watched: () => sampling.listenerCount('joined') > 0
    }
  }
})
