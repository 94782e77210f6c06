import '../../src/peer/compat.ts'
import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import type { MulticastDNSComponents } from '@libp2p/mdns'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { LocalDiscovery } from '../../src/peer/local-discovery.ts'
import type { Outcome, PeerSampling } from '../../src/sampling/index.ts'

describe('discovery on the local network', () => {
  it('contacts a stranger once, and neither members nor itself', async () => {
    const [self, member, stranger] = await Promise.all([newPeer(), newPeer(), newPeer()])
    const { find, contacted } = discoveryOf(self, [member], 'unreachable')

    for (const peer of [self, member, stranger, stranger]) {
      await find(peer)
    }

    assert.deepEqual(contacted, [stranger])
  })

  it('tries again soon when the stranger was busy', async () => {
    const [self, stranger] = await Promise.all([newPeer(), newPeer()])
    const { find, contacted } = discoveryOf(self, [], 'busy')
    await find(stranger)
    await find(stranger)
    assert.deepEqual(contacted, [stranger, stranger])
  })

  it('contacts nobody once it has stopped', async () => {
    const [self, stranger] = await Promise.all([newPeer(), newPeer()])
    const { find, contacted, discovery } = discoveryOf(self, [], 'answered')
    discovery.stop()
    await find(stranger)
    assert.deepEqual(contacted, [])
  })

  async function newPeer(): Promise<PeerId> {
    return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  }

  function discoveryOf(self: PeerId, members: PeerId[], outcome: Outcome) {
    const contacted: PeerId[] = []
    const discovery = new LocalDiscovery(message => assert.fail(message))
    // Never started: nothing goes over the network.
    const source = discovery.factory({ logger: defaultLogger() } as MulticastDNSComponents)
    discovery.start(
      {
        view: members.map(id => ({ id, multiaddrs: [], age: 0 })),
        join: async ({ id }: PeerInfo) => {
          contacted.push(id)
          return outcome
        }
      } as unknown as PeerSampling,
      self
    )
    const find = async (id: PeerId) => {
      source.dispatchEvent(new CustomEvent<PeerInfo>('peer', { detail: { id, multiaddrs: [] } }))
      await new Promise(setImmediate)
    }

    return { discovery, contacted, find }
  }
})
