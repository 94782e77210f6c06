import assert from 'node:assert/strict'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { withId, withoutId } from '../../src/live/addresses.ts'

const ID = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
const RELAY = '12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE'

const addresses: Array<[what: string, without: string]> = [
  ['a peer', '/ip4/1.2.3.4/tcp/4001'],
  ['a peer behind a relay', `/ip4/1.2.3.4/tcp/4001/p2p/${RELAY}/p2p-circuit`]
]

describe('the address of', () => {
  for (const [what, without] of addresses) {
    it(`${what} gets and loses the id at its end, and no other`, () => {
      const id = peerIdFromString(ID)
      const complete = `${without}/p2p/${ID}`

      for (const address of [without, complete]) {
        assert.equal(withoutId(multiaddr(address)).toString(), without)
        assert.equal(withId(multiaddr(address), id).toString(), complete)
      }
    })
  }
})
