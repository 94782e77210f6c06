import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { contactsOf } from '../../src/sampling/contacts.ts'

const PEER = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
const RELAY = '12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE'

describe('the contacts of a list of addresses', () => {
  it('are the peers at their ends, each with all its addresses, and never the relays on the way', () => {
    const addresses = [
      `/ip4/1.2.3.4/tcp/4001/p2p/${PEER}`,
      `/ip4/5.6.7.8/tcp/4001/p2p/${RELAY}/p2p-circuit/p2p/${PEER}`,
      `/ip4/5.6.7.8/tcp/4001/p2p/${RELAY}/p2p-circuit`,
      '/ip4/1.2.3.4/tcp/4002'
    ]
    assert.deepEqual(
      contactsOf(addresses.map(address => multiaddr(address))).map(({ id, multiaddrs }) => [
        id?.toString(),
        multiaddrs.map(String)
      ]),
      [
        [PEER, addresses.slice(0, 2)],
        [undefined, [addresses[2]]],
        [undefined, [addresses[3]]]
      ]
    )
  })
})
