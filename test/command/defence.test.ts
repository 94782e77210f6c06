import assert from 'node:assert/strict'
import { startPeer } from '../support/command.ts'

const ALONE = ['--bootstrap', '--ephemeral', '--listen', '/ip4/127.0.0.1/tcp/0']

describe('the defence of a peer', function () {
  this.timeout(60_000)

  it('is told of where what was asked for leaves the profile without one', async () => {
    const peer = await startPeer([...ALONE, '--profile', 'wan', '--preset', 'cyclon'])
    const { stderr } = await peer.endBy('SIGTERM')
    assert.match(stderr, /^gossip-peer: goes without the defence of profile wan[^\n]+\n$/)
  })

  it('is nothing to speak of where it is the usual one, or was chosen', async () => {
    for (const options of [
      ['--profile', 'wan'],
      ['--profile', 'wan', '--preset', 'cyclon', '--defence', 'none']
    ]) {
      const peer = await startPeer([...ALONE, ...options])
      assert.equal((await peer.endBy('SIGTERM')).stderr, '')
    }
  })
})
