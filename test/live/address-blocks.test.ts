import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { blockOf, blocksOf } from '../../src/live/address-blocks.ts'

const RELAY = '12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE'
const PEER = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'

/** Addresses of one block each, and the block. */
const BLOCKS: Array<[block: string, ...addresses: string[]]> = [
  [
    '8.8.4.0/24',
    '/ip4/8.8.4.4/tcp/4001',
    '/ip4/8.8.4.255/udp/1/quic-v1',
    '/ip6/::ffff:8.8.4.9/tcp/1',
    `/ip4/8.8.4.1/tcp/1/p2p/${RELAY}/p2p-circuit`,
    `/ip4/8.8.4.1/tcp/1/p2p/${RELAY}/p2p-circuit/ip4/9.9.9.9/tcp/1/p2p/${PEER}`
  ],
  ['8.8.5.0/24', '/ip4/8.8.5.4/tcp/4001'],
  ['2a0014500000/48', '/ip6/2a00:1450::1/tcp/1', '/ip6/2a00:1450:0000:ffff:0:0:0:2/tcp/1'],
  ['2a0014500001/48', '/ip6/2a00:1450:1::1/tcp/1', '/ip6zone/eth0/ip6/2a00:1450:1::1/tcp/1'],
  [
    'example.org',
    '/dns4/example.org/tcp/1',
    '/dns/a.b.Example.ORG/tcp/1',
    '/dns6/example.org./tcp/1',
    '/dnsaddr/other.example.org'
  ],
  ['peer', '/dns4/peer/tcp/1'],
  ['/number', '/dns4/8.8.4.4/tcp/1', '/dns4/134743044/tcp/1', '/dns4/0x8.0x8.0x404/tcp/1', '/dns4/8.8.4.4./tcp/1'],
  [`/p2p/${RELAY}`, `/p2p/${RELAY}/p2p-circuit`, `/p2p/${RELAY}/p2p-circuit/p2p/${PEER}`],
  ['/onion3', '/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234'],
  ['/unix', '/unix/a', '/unix/b']
]

describe('the block of an address', () => {
  for (const [block, ...addresses] of BLOCKS) {
    for (const address of addresses) {
      it(`${address} is in ${block}`, () => {
        assert.equal(blockOf(multiaddr(address)), block)
      })
    }
  }

  it('is the same in text and in bytes', () => {
    for (const [block, ...addresses] of BLOCKS) {
      for (const address of addresses) {
        assert.equal(blockOf(multiaddr(multiaddr(address).bytes)), block, address)
      }
    }
  })

  it('of no address at all is none', () => {
    assert.equal(blockOf(multiaddr('')), '/')
  })
})

describe('the blocks of a peer', () => {
  const blocks = (...addresses: string[]) => blocksOf(addresses.map(address => multiaddr(address)))

  it('are those of all its addresses, each once', () => {
    assert.deepEqual(blocks('/ip4/8.8.4.4/tcp/1', '/ip4/8.8.4.5/tcp/2', '/ip4/8.8.5.5/tcp/2', '/dns4/a.b.c/tcp/1'), [
      '8.8.4.0/24',
      '8.8.5.0/24',
      'b.c'
    ])
  })

  it('are not those of its private addresses, which half the world has, unless it has no others', () => {
    const inner = ['/ip4/192.168.1.7/tcp/1', '/ip4/127.0.0.1/tcp/1', '/ip6/fd00::7/tcp/1', '/ip4/172.17.0.2/tcp/1']
    assert.deepEqual(blocks(...inner, '/ip4/8.8.4.4/tcp/1'), ['8.8.4.0/24'])
    assert.deepEqual(blocks(...inner), ['192.168.1.0/24', 'fd0000000000/48', '172.17.0.0/24'])
  })

  it('are none on loopback: on one machine all peers are neighbours', () => {
    assert.deepEqual(blocks('/ip4/127.0.0.1/tcp/1', '/ip6/::1/tcp/1'), [])
    assert.deepEqual(blocks(), [])
  })
})
