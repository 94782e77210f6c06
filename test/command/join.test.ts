import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { joinCommands, loopbackOf } from '../../bin/join.ts'

const ID = '/p2p/12D3KooWGFfWTJUFF8hw6Yc3bHm8w3XCVYsCPu6Uq2HVCRDJyXqc'

describe('the command that joins a peer', () => {
  it('uses loopback on this host and the network elsewhere', () => {
    const { here, elsewhere } = joinCommands([`/ip4/127.0.0.1/tcp/4001${ID}`, `/ip4/192.168.1.5/tcp/4001${ID}`])

    assert.equal(here, `npx gossip-peer --ephemeral --bootstrap /ip4/127.0.0.1/tcp/4001${ID}`)
    assert.equal(elsewhere, `npx gossip-peer --bootstrap /ip4/192.168.1.5/tcp/4001${ID}`)
  })

  it('has none for elsewhere when the peer listens on loopback only', () => {
    assert.equal(joinCommands([`/ip4/127.0.0.1/tcp/1${ID}`, `/ip6/::1/tcp/1${ID}`]).elsewhere, undefined)
  })

  it('uses the network on this host too, when the peer does not listen on loopback', () => {
    const { here } = joinCommands([`/ip4/192.168.1.5/tcp/4001${ID}`])
    assert.equal(here, `npx gossip-peer --ephemeral --bootstrap /ip4/192.168.1.5/tcp/4001${ID}`)
  })

  it('prefers IPv4, and leaves link-local addresses out', () => {
    const { elsewhere } = joinCommands([
      `/ip6/fe80::1/tcp/1${ID}`,
      `/ip4/169.254.7.7/tcp/1${ID}`,
      `/ip6/2001:db8::1/tcp/1${ID}`,
      `/ip4/10.0.0.1/tcp/1${ID}`
    ])
    assert.equal(elsewhere, `npx gossip-peer --bootstrap /ip4/10.0.0.1/tcp/1${ID}`)
  })

  it('carries what the newcomer should share', () => {
    const { elsewhere } = joinCommands([`/ip4/10.0.0.1/tcp/1${ID}`], ['--profile', 'wan'])
    assert.equal(elsewhere, `npx gossip-peer --bootstrap /ip4/10.0.0.1/tcp/1${ID} --profile wan`)
  })

  it('finds this host when other addresses than those listened on are announced', () => {
    const listen = ['/ip4/0.0.0.0/tcp/4001', '/ip4/0.0.0.0/tcp/0', '/ip4/10.0.0.1/tcp/4002'].map(text =>
      multiaddr(text)
    )
    assert.deepEqual(loopbackOf(listen, ID.slice(5)), [`/ip4/127.0.0.1/tcp/4001${ID}`])
  })

  it('has none at all for a peer without addresses', () => {
    assert.deepEqual(joinCommands([]), { here: undefined, elsewhere: undefined })
  })
})
