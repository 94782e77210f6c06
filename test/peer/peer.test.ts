import '../../src/peer/compat.ts'
import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { multiaddr } from '@multiformats/multiaddr'
import { CHECKUP_PROTOCOL } from '../../src/peer/checkup.ts'
import { createPeer, type GossipPeer, type GossipPeerInit, openControl, type PeerStatus } from '../../src/peer/index.ts'
import { eventually } from '../support/eventually.ts'
import { withFolder } from '../support/folder.ts'

const LOOPBACK = multiaddr('/ip4/127.0.0.1/tcp/0')

describe('a peer', function () {
  this.timeout(60_000)
  const running: GossipPeer[] = []

  afterEach(async () => {
    await Promise.all(running.splice(0).map(peer => peer.stop()))
  })

  async function start(init: GossipPeerInit = {}): Promise<GossipPeer> {
    const peer = await createPeer({ listen: [LOOPBACK], ...init, sampling: { profile: 'local', ...init.sampling } })
    running.push(peer)
    return peer
  }

  const join2 = (peer: GossipPeer) => ({ bootstrap: peer.libp2p.getMultiaddrs() })

  it('finds another one, and both tell how they are', async () => {
    const first = await start()
    const second = await start({ sampling: join2(first) })
    await eventually(() => first.sampling.view.length === 1 && second.sampling.view.length === 1, { what: 'two views' })

    const status: PeerStatus = JSON.parse(JSON.stringify(second.status()))
    assert.equal(status.peerId, second.peerId.toString())
    assert(status.addresses.every(address => address.endsWith(`/p2p/${status.peerId}`)))
    assert(status.uptimeSeconds >= 0)
    assert.equal(status.connections, 1)
    assert.equal(status.pid, process.pid)
    assert.match(status.version, /^\d+\.\d+\.\d+/)
    assert.equal(status.sampling.viewSize, 1)
    assert(status.sampling.capacity > 0)
    assert(status.sampling.rounds >= 0)
    assert.deepEqual(Object.keys(status.sampling.exchanges), ['initiated', 'answered', 'failed', 'busy', 'rejected'])
    assert.deepEqual(Object.keys(status.sampling.view[0]).sort(), ['addresses', 'age', 'peerId'])
    assert.equal(status.sampling.view[0].peerId, first.peerId.toString())
  })

  it('keeps its identity, its port and its members in the home', async () => {
    await withFolder(async folder => {
      const home = join(folder, 'home')
      const before = await createPeer({ home, sampling: { profile: 'local' } })
      const ports = (peer: GossipPeer) =>
        peer.libp2p.getMultiaddrs().map(address => /tcp\/(\d+)/.exec(`${address}`)?.[1])
      const [port] = ports(before)
      await before.stop()
      const after = await createPeer({ home, sampling: { profile: 'local' } })
      running.push(after)

      assert.equal(after.peerId.toString(), before.peerId.toString())
      assert.deepEqual([...new Set(ports(after))], [port])
      await after.stop()
      assert.deepEqual((await readdir(home)).sort(), ['datastore', 'identity.key'])
    })
  })

  it('takes another port when the one of the last time is in use, and says so', async () => {
    await withFolder(async home => {
      const before = await createPeer({ home })
      const port = Number(/tcp\/(\d+)/.exec(`${before.libp2p.getMultiaddrs()[0]}`)?.[1])
      await before.stop()

      const other = createServer().listen({ port, host: '0.0.0.0' })
      await eventually(() => other.listening)

      try {
        const warnings: string[] = []
        const after = await createPeer({ home, onWarning: message => warnings.push(message) })
        running.push(after)
        assert.match(warnings.join(), new RegExp(`port ${port}.*is in use`))
        assert(!after.status().addresses.some(address => address.includes(`/tcp/${port}/`)))
      } finally {
        await new Promise(resolve => other.close(resolve))
      }
    })
  })

  it('has its home for itself', async () => {
    await withFolder(async home => {
      const first = await start({ home })
      await assert.rejects(start({ home }), { code: 'home-in-use' })
      assert.deepEqual(await openControl(home).get('/id'), { peerId: first.peerId.toString() }, 'the first is unharmed')
    })
  })

  it('says which address it cannot listen on, and leaves nothing running', async () => {
    await withFolder(async home => {
      const first = await start()
      const taken = multiaddr(/(.*)\/p2p/.exec(first.status().addresses[0])?.[1] ?? '')
      await assert.rejects(start({ home, listen: [taken] }), { code: 'port-in-use', message: /--listen \/ip4/ })
      await assert.rejects(start({ home, listen: [multiaddr('/ip4/192.0.2.1/tcp/0')] }), {
        code: 'address-unavailable'
      })
      await assert.rejects(start({ home, http: { host: '192.0.2.1', port: 0 } }), { code: 'address-unavailable' })
      await start({ home })
    })
  })

  it('does not touch the home when the variant is impossible', async () => {
    await withFolder(async folder => {
      const home = join(folder, 'home')
      await assert.rejects(start({ home, sampling: { view: 0 } }), { name: 'ParameterError' })
      await assert.rejects(start({ home, sampling: { period: -1 } }), { name: 'ParameterError' })
      assert.deepEqual(await readdir(folder), [])
    })
  })

  it('leaves nothing behind when its control socket cannot be made', async () => {
    await withFolder(async home => {
      await mkdir(join(home, 'control.sock'))
      await writeFile(join(home, 'control.sock', 'mine'), '')
      await assert.rejects(start({ home }), { code: 'control-unavailable' })
      assert.deepEqual(await readdir(join(home, 'control.sock')), ['mine'])
    })
  })

  it('is watched and stopped by its owner', async () => {
    await withFolder(async home => {
      const first = await start({ home })
      const control = openControl(home)
      const told: string[] = []
      const telling = (async () => {
        for await (const document of control.stream('/monitor')) {
          told.push((document as { event: string }).event)
        }
      })()
      await control.get('/id')
      await start({ sampling: join2(first) })
      await eventually(() => told.includes('view:enter'), { what: 'a member' })

      const status = (await control.get('/status')) as PeerStatus
      assert.equal(status.sampling.viewSize, 1)
      await control.post('/stop')
      await first.stopped
      await telling
      await assert.rejects(control.get('/id'), { name: 'NoPeerError' })
    })
  })

  it('shows itself over HTTP', async () => {
    const peer = await start({ http: { host: '127.0.0.1', port: 0 } })
    const status = await fetch(`${peer.http}/status`)
    assert.equal(((await status.json()) as PeerStatus).peerId, peer.peerId.toString())
    const metrics = await (await fetch(`${peer.http}/metrics`)).text()
    assert.match(metrics, /libp2p_data_transfer_bytes_total/)
    assert.match(metrics, /gossip_peer_|sampling/)
    assert.match(metrics, /^gossip_peer_sampling_suspects 0$/m)
    assert.match(metrics, /^gossip_peer_sampling_refused_peers 0$/m)
    assert.match(metrics, /^gossip_peer_sampling_seen{statistic="max"} 0$/m)
  })

  it('counts what it does once, however often its metrics are read', async () => {
    const first = await start({ http: { host: '127.0.0.1', port: 0 }, sampling: { period: 3_600_000 } })
    const second = await start({ sampling: { period: 3_600_000 } })
    assert.equal(await first.sampling.join(second.libp2p.getMultiaddrs()), 'answered')
    assert.equal(await second.sampling.join(first.libp2p.getMultiaddrs()), 'answered')
    const counters = async () => {
      const text = await (await fetch(`${first.http}/metrics`)).text()
      return Object.fromEntries(
        [...text.matchAll(/^gossip_peer_sampling_(\w+_total)(?:{\w+="([\w-]+)"})? (\d+)$/gm)].map(
          ([, name, label, count]) => [label == null ? name : `${name} ${label}`, Number(count)]
        )
      )
    }

    // the first round of each, to its end; the next ones come in an hour
    let [before, after] = [await counters(), await counters()]
    await eventually(
      async () => {
        const rounds = [first, second].map(({ sampling }) => sampling.statistics().rounds)
        before = await counters()
        after = await counters()
        return Math.min(...rounds) > 0 && isDeepStrictEqual(after, before)
      },
      { what: 'the counters stand still' }
    )
    const { rounds, exchanges, outcomes, bytes } = first.sampling.statistics()
    assert.ok(after['bytes_total received'] > 0)
    assert.equal(after.rounds_total, rounds)
    assert.equal(after.unheeded_replies_total, 0)
    assert.equal(after.answered_total, exchanges.answered)
    assert.equal(after['exchanges_total answered'], outcomes.answered)
    assert.equal(after['bytes_total sent'], bytes.sent)
    assert.equal(after['bytes_total received'], bytes.received)
  })

  it('is called back by its members, and its doctor says what they found', async () => {
    const first = await start()
    const second = await start({ sampling: join2(first) })
    const member = await second.sampling.waitForPeer()
    const answer = await second.libp2p.services.checkup.ask(member)

    assert.equal(answer.tried, true)
    assert.equal(answer.reachable, true)
    assert(
      second.libp2p.getMultiaddrs().some(address => `${address}`.startsWith(`${answer.address}`.split('/p2p/')[0]))
    )
    assert(Math.abs(answer.clockOffset) < 10_000)
    assert.equal((await second.libp2p.services.checkup.ask(member)).tried, false, 'asked again at once')
    await eventually(() => second.libp2p.getConnections().length === 1, { what: 'the end of the call' })
  })

  it('finds its troubles', async () => {
    await withFolder(async home => {
      const first = await start({ home })
      const doctor = async () =>
        (await openControl(home).get('/doctor')) as { healthy: boolean; troubles: [{ name: string }] }
      const alone = await doctor()
      assert.deepEqual([alone.healthy, alone.troubles.map(({ name }) => name)], [false, ['nobody-reachable']])

      await start({ sampling: join2(first) })
      await eventually(() => first.sampling.view.length === 1)
      const together = await doctor()
      assert.deepEqual(
        together.troubles.map(({ name }) => name),
        ['one-host']
      )
    })
  })

  it('is not reachable when it announces what nobody can call', async () => {
    const first = await start()
    const hidden = await start({ announce: [multiaddr('/ip4/127.0.0.1/tcp/1')], sampling: join2(first) })
    const { tried, reachable } = await hidden.libp2p.services.checkup.ask({
      id: first.peerId,
      multiaddrs: first.libp2p.getMultiaddrs()
    })
    assert.deepEqual([tried, reachable], [true, false])
  })

  it('leaves, and nothing stays', async () => {
    await withFolder(async home => {
      const handles = () =>
        process
          .getActiveResourcesInfo()
          .filter(name => !/^(TTY|Immediate|TickObject)/.test(name))
          .sort()
      await eventually(() => !handles().some(name => /TCP|Pipe.*Server/.test(name)), {
        what: 'the end of earlier tests'
      })
      const before = handles()
      const first = await start({ home, http: { host: '127.0.0.1', port: 0 } })
      const second = await start({ sampling: join2(first) })
      await eventually(() => second.sampling.view.length === 1)
      await Promise.all([first.stop(), second.stop(), second.stop()])
      // libp2p's own timers run on for a second
      await eventually(() => handles().length <= before.length, { what: 'the end of all handles' }).catch(err =>
        assert.fail(`${err.message}: ${handles()} instead of ${before}`)
      )
    })
  })

  it('answers a stranger who talks nonsense with an end of the stream, and lives', async () => {
    const peer = await start()
    const stranger = await start()
    const nonsense = [
      new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
      new Uint8Array([0xff, 0xff, 0x7f]),
      new Uint8Array([3, 0x0a, 0x7f, 1]),
      new Uint8Array(100_000).fill(1)
    ]

    for (const bytes of nonsense) {
      const stream = await stranger.libp2p.dialProtocol(peer.libp2p.getMultiaddrs(), CHECKUP_PROTOCOL)
      stream.send(bytes)
      await eventually(() => stream.status !== 'open', { what: `the end of a stream with ${bytes.subarray(0, 10)}` })
    }

    const answer = await stranger.libp2p.services.checkup.ask({
      id: peer.peerId,
      multiaddrs: peer.libp2p.getMultiaddrs()
    })
    assert.equal(answer.reachable, true)
  })
})
