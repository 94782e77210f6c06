import assert from 'node:assert/strict'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { createPeer, openControl, type PeerStatus } from '../../src/peer/index.ts'
import { LOOPBACK, startPeer, withinFolder } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'

/** A peer that is up: where it is, and how it is doing. */
const statusOf = async (home: string) => (await openControl(home).get('/status')) as PeerStatus

const portsOf = ({ addresses }: PeerStatus) => [...new Set(addresses.map(address => /tcp\/(\d+)/.exec(address)?.[1]))]

const membersOf = ({ sampling }: PeerStatus) => sampling.view.map(({ peerId }) => peerId)

describe('the life of a peer', function () {
  this.timeout(90_000)

  let folder: string

  withinFolder(path => {
    folder = path
  })

  it('goes on after a sudden death, with nothing of the bootstrap peer left: same id, same port, same network', async () => {
    const [home, friendHome] = ['survivor', 'friend'].map(name => join(folder, name))
    const bootstrap = await startPeer(['--bootstrap', '--ephemeral', ...LOOPBACK])
    const [through] = await bootstrap.says(/\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\S+/)
    await startPeer(['--home', friendHome, '--bootstrap', through, '--profile', 'local'])
    // Without --listen: the port that the system chooses is kept.
    const args = ['--home', home, '--bootstrap', through, '--profile', 'local']
    const survivor = await startPeer(args)
    const friendId = (await statusOf(friendHome)).peerId

    await eventually(
      async () => {
        const status = await statusOf(home)
        return membersOf(status).includes(friendId) && status.sampling.rounds > 16
      },
      { what: 'it knows the other one, and has had the time to write that down' }
    )
    const then = await statusOf(home)
    await Promise.all([survivor.endBy('SIGKILL'), bootstrap.endBy('SIGKILL')])
    await eventually(async () => (await statusOf(friendHome)).sampling.viewSize === 0, {
      what: 'the other one has forgotten both'
    })

    const again = await startPeer(args)
    assert.equal((await again.says(/joined through (\S+)/))[1], friendId)
    const now = await statusOf(home)

    assert.equal(now.peerId, then.peerId)
    assert.deepEqual(portsOf(now), portsOf(then))
    assert.equal(portsOf(now).length, 1)
    await eventually(async () => membersOf(await statusOf(friendHome)).includes(then.peerId), {
      what: 'the other one knows it again'
    })
  })

  it('tries again after ever longer pauses while nobody answers, and joins who appears at last', async () => {
    const home = join(folder, 'late')
    const gone = await startPeer(['--home', home, ...LOOPBACK])
    const [through, address] = await gone.says(/(\/ip4\/127\.0\.0\.1\/tcp\/\d+)\/p2p\/\S+/)
    await gone.endBy('SIGTERM')

    const tries: number[] = []
    const pauses: number[] = []
    const peer = await createPeer({
      listen: [multiaddr('/ip4/127.0.0.1/tcp/0')],
      sampling: { profile: 'local', retryPause: 100, maxRetryPause: 800, bootstrap: [multiaddr(through)] }
    })

    try {
      peer.sampling.addEventListener('alone', ({ detail }) => {
        tries.push(detail.tried)
        pauses.push(detail.pause)
      })
      await eventually(() => pauses.length === 6, { what: 'six tries' })
      assert.deepEqual(new Set(tries), new Set([1]))

      // 100, 200, 400 and 800 ms, each by up to a fifth longer or shorter; and no longer than that
      pauses.forEach((pause, i) => {
        const planned = Math.min(100 * 2 ** i, 800)
        assert.ok(Math.abs(pause - planned) <= planned * 0.2 + 1, `pauses of ${pauses.join(', ')} ms`)
      })

      await startPeer(['--home', home, '--listen', address, '--profile', 'local'])
      const member = await peer.sampling.waitForPeer({ signal: AbortSignal.timeout(20_000) })
      assert.equal(member.id.toString(), through.split('/p2p/')[1])
    } finally {
      await peer.stop()
    }
  })

  it('lets go of a member that hangs before they ever had a stream, and of the connection to it', async () => {
    const peer = await createPeer({
      listen: [multiaddr('/ip4/127.0.0.1/tcp/0')],
      sampling: { period: 1_000, dialTimeout: 500 }
    })

    try {
      const lost = Promise.withResolvers<string>()
      peer.sampling.addEventListener('member:lost', ({ detail }) => lost.resolve(detail.why))
      const [address] = peer.status().addresses
      const other = await startPeer(['--ephemeral', '--bootstrap', address, '--listen', '/ip4/127.0.0.1/tcp/0'])
      // It has asked, on a stream of its own. Now it still has its connection, and does nothing any more.
      await peer.sampling.waitForPeer({ signal: AbortSignal.timeout(20_000) })
      other.child.kill('SIGSTOP')

      assert.equal(await lost.promise, 'timeout')
      assert.deepEqual(peer.sampling.view, [])
      // what else was under way on it, such as identifying each other, waits in vain as well, and then it is looked after again
      await eventually(() => peer.libp2p.getConnections().length === 0, {
        what: 'the connection is gone',
        deadline: 60_000
      })
    } finally {
      await peer.stop()
    }
  })
})
