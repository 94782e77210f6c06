import assert from 'node:assert/strict'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromString } from '@libp2p/peer-id'
import { MemoryDatastore } from 'datastore-core'
import { type Datastore, Key } from 'interface-datastore'
import { Random } from '../../src/gossip/random.ts'
import { OwnStamp } from '../../src/sampling/own-stamp.ts'

const PEER = peerIdFromString('12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5')
const OTHER = peerIdFromString('12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE')
const { signal } = new AbortController()

function ownStamp(datastore: Datastore, peerId = PEER, searches: Array<[number, number]> = []): OwnStamp {
  return new OwnStamp({
    peerId,
    datastore,
    random: new Random(1),
    log: defaultLogger().forComponent('test'),
    onSearch: (bits, expected) => searches.push([bits, expected])
  })
}

describe('the own stamp', () => {
  it('is found again after a restart, whatever its nonce', async () => {
    for (const bits of [1, 4, 8]) {
      const datastore = new MemoryDatastore()
      const stamp = await ownStamp(datastore).search(bits, signal)
      assert.ok(stamp.bits >= bits)
      assert.deepEqual(await ownStamp(datastore).load(), stamp)
    }
  })

  it('is none at the first start, and worth nothing to another identity', async () => {
    const datastore = new MemoryDatastore()
    assert.equal(await ownStamp(datastore).load(), undefined)
    await ownStamp(datastore).search(16, signal)
    assert.ok(((await ownStamp(datastore, OTHER).load())?.bits ?? 0) < 16)
  })

  it('is none when what was kept cannot be read', async () => {
    const datastore = new MemoryDatastore()
    await datastore.put(new Key('/gossip-peer/sampling/stamp'), new Uint8Array(9).fill(0xff))
    assert.equal(await ownStamp(datastore).load(), undefined)
  })

  it('is found although it cannot be kept', async () => {
    const datastore = new MemoryDatastore()
    datastore.put = () => {
      throw new Error('the disk is full')
    }
    assert.ok((await ownStamp(datastore).search(4, signal)).bits >= 4)
  })

  it('is announced once when its search takes long, with the time that it takes on average', async () => {
    const searches: Array<[number, number]> = []
    const controller = new AbortController()
    const announced = ownStamp(new MemoryDatastore(), PEER, searches)
    const searching = announced.search(40, controller.signal)
    const timer = setInterval(() => searches.length > 0 && controller.abort(new Error('enough')), 50)
    await assert.rejects(searching, { message: 'enough' })
    clearInterval(timer)
    assert.equal(searches.length, 1)
    const [[bits, expected]] = searches
    assert.equal(bits, 40)
    // between a thousand and a thousand million hashes a second
    assert.ok(expected > 2 ** 40 / 1e6 && expected < 2 ** 40, `${expected} ms`)
  })
})
