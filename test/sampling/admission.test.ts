import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { encodeFrame } from '../../src/live/frame.ts'
import { admissionOf } from '../../src/sampling/admission.ts'
import { MAX_OFFENCES, type PeerSamplingInit } from '../../src/sampling/index.ts'
import { Keepsake } from '../../src/sampling/keepsake.ts'
import { type Descriptor, Exchange } from '../../src/sampling/messages.ts'
import { eventually } from '../support/eventually.ts'
import { offencesAt, startNode, startPassiveNode, viewOf } from '../support/nodes.ts'
import { answer, lax, requestOf, Stranger } from '../support/stranger.ts'

const QUICK: PeerSamplingInit = { period: 50, retryPause: 50 }
const STAMP = new Key('/gossip-peer/sampling/stamp')

describe('admission', () => {
  it('asks for nothing where nothing is said, and can be set value by value', () => {
    assert.deepEqual(admissionOf({}), { stampBits: 0, maxPerBlock: 0 })
    assert.deepEqual(admissionOf({ stampBits: 40 }), { stampBits: 40, maxPerBlock: 0 })
    assert.deepEqual(admissionOf({ maxPerBlock: 200 }), { stampBits: 0, maxPerBlock: 200 })
  })

  it('is refused when it is impossible', () => {
    assert.throws(() => admissionOf({ stampBits: 41 }), { name: 'ParameterError', parameter: 'stampBits' })
    assert.throws(() => admissionOf({ stampBits: 1.5 }), { name: 'ParameterError', parameter: 'stampBits' })
    assert.throws(() => admissionOf({ maxPerBlock: -1 }), { name: 'ParameterError', parameter: 'maxPerBlock' })
  })
})

describe('peers whose identities cost work', function () {
  this.timeout(60_000)

  const running: Array<{ stop(): unknown }> = []

  async function keep<T extends { stop(): unknown }>(starting: Promise<T>): Promise<T> {
    const started = await starting
    running.push(started)
    return started
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map(each => each.stop()))
  })

  it('make a network among themselves, and let nobody in who has not done the work', async () => {
    const init = { ...QUICK, stampBits: 8 }
    const first = await keep(startNode(init))
    const bootstrap = first.getMultiaddrs()
    const datastore = new MemoryDatastore()
    const second = await keep(startNode({ ...init, bootstrap }))
    const third = await keep(startNode({ ...init, bootstrap }, { datastore }))
    const nodes = [first, second, third]
    await eventually(() => nodes.every(node => viewOf(node).length === 2), { what: 'everybody knows everybody' })

    const idler = await keep(startNode({ ...QUICK, maxRetryPause: 100, bootstrap }))
    const { sampling } = idler.services
    const refused = () => first.services.sampling.statistics().refusals['too-little-work'] ?? 0
    await eventually(() => refused() > 0, { what: 'a refusal' })
    const [connection] = idler.getConnections(first.peerId)
    await eventually(() => refused() > MAX_OFFENCES + 1, { what: 'more refusals than there may be offences' })
    assert.deepEqual(viewOf(idler), [])
    assert.equal(sampling.statistics().outcomes.answered, 0)

    for (const node of nodes) {
      assert.ok(!viewOf(node).includes(idler.peerId.toString()))
    }

    // to have done no work is no offence
    assert.equal(connection.status, 'open')

    for (const node of [second, third]) {
      assert.deepEqual(offencesAt(node), {})
    }

    await third.stop()
    const remembered = await new Keepsake(datastore, lax, defaultLogger().forComponent('test')).load()
    assert.ok(remembered.length > 0)
    assert.ok(remembered.every(({ record }) => (record.stamp?.bits ?? 0) >= 8))
  })

  it('learn of others through a peer that asks for nothing, as far as those have done the work', async () => {
    const lenient = await keep(startPassiveNode())
    const paid = await Promise.all([1, 2, 3].map(() => keep(startNode({ period: 3_600_000, stampBits: 8 }))))

    for (const node of paid) {
      // it has no stamp itself: its answer may be refused, and tells it of the others all the same
      await node.services.sampling.join(lenient.getMultiaddrs())
    }

    const unpaid = await keep(startPassiveNode())
    assert.equal(await unpaid.services.sampling.join(lenient.getMultiaddrs()), 'answered')
    await eventually(() => viewOf(lenient).length === 4, { what: 'the lenient peer knows all' })

    const newcomer = await keep(startNode({ period: 3_600_000, stampBits: 8 }))
    assert.equal(await newcomer.services.sampling.join(lenient.getMultiaddrs()), 'answered')
    const ids = new Set(paid.map(({ peerId }) => peerId.toString()))
    assert.deepEqual(new Set(viewOf(newcomer)), ids)
    assert.deepEqual(newcomer.services.sampling.statistics().refusals, { 'too-little-work': 1 })
  })

  it('search for their stamp once, and again only when more bits are asked for', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const datastore = new MemoryDatastore()
    const stamps: string[] = []

    for (const stampBits of [8, 8, 4, 0, 16, 8]) {
      // libp2p writes into its options
      const node = await keep(startPassiveNode({ stampBits }, { datastore, privateKey }))
      stamps.push(String(await datastore.get(STAMP)))
      await node.stop()
    }

    const [first, , , , better] = stamps
    assert.notEqual(first, better)
    assert.deepEqual(stamps, [first, first, first, first, better, better])
  })

  it('show a stamp that they have although they ask for none', async () => {
    const datastore = new MemoryDatastore()
    const privateKey = await generateKeyPair('Ed25519')
    await (await keep(startPassiveNode({ stampBits: 8 }, { datastore, privateKey }))).stop()
    const peer = await keep(startPassiveNode({}, { datastore, privateKey }))
    const strict = await keep(startPassiveNode({ stampBits: 8 }))
    assert.equal(await peer.services.sampling.join(strict.getMultiaddrs()), 'answered')
    assert.deepEqual(viewOf(strict), [peer.peerId.toString()])
  })

  it('take no part before they have found it, and stop in the middle of the search', async () => {
    const friend = await keep(startPassiveNode())
    const node = await keep(startNode({ ...QUICK, stampBits: 40 }, { start: false }))
    const { sampling } = node.services
    const searching = new Promise<{ bits: number }>(resolve => {
      sampling.addEventListener('stamp:search', ({ detail }) => resolve(detail), { once: true })
    })
    await node.start()
    const joining = sampling.join(friend.getMultiaddrs())
    const impatient = sampling.join(friend.getMultiaddrs(), { signal: AbortSignal.timeout(10) })
    await assert.rejects(impatient, { name: 'TimeoutError' })
    assert.equal((await searching).bits, 40)
    assert.equal(await friend.services.sampling.join(node.getMultiaddrs()), 'unsupported')
    await node.stop()
    assert.equal(await joining, 'aborted')
    assert.equal(await sampling.join(friend.getMultiaddrs()), 'aborted')
    assert.equal(sampling.statistics().rounds, 0)
    assert.equal(sampling.statistics().exchanges.initiated, 0)
  })

  it('join as soon as they have found it', async () => {
    const friend = await keep(startPassiveNode({ stampBits: 12 }))
    const node = await keep(startNode({ period: 3_600_000, stampBits: 12 }))
    assert.equal(await node.services.sampling.join(friend.getMultiaddrs()), 'answered')
    assert.deepEqual(viewOf(friend), [node.peerId.toString()])
  })
})

describe('a peer with a cap per address block', function () {
  this.timeout(60_000)

  it('has no more members of a block than that, whoever names them', async () => {
    const peer = await startPassiveNode({ view: 12, maxPerBlock: 3, requestsPerPeriod: Number.POSITIVE_INFINITY })
    const inventors = await Promise.all([1, 2, 3, 4].map(() => Stranger.start()))
    const membersOf = (block: number) =>
      peer.services.sampling.view.filter(({ multiaddrs }) => multiaddrs.join().startsWith(`/ip4/8.8.${block}.`))

    try {
      for (const inventor of inventors) {
        await inventor.onRequest(({ exchange }, stream) => answer(stream, encodeFrame('busy', exchange)))

        for (const block of [1, 2]) {
          const invented = await Promise.all([1, 2].map(() => somebody(`/ip4/8.8.${block}.1/tcp/1`)))
          const [{ kind, body }] = await inventor.ask(
            peer,
            requestOf([{ record: inventor.record.envelope, age: 0 }, ...invented])
          )
          assert.equal(kind, 'reply')
          assert.ok(Exchange.decode(body).descriptors.length > 0)
          assert.ok(membersOf(block).length <= 3)
        }
      }

      assert.ok((peer.services.sampling.statistics().refusals['crowded-block'] ?? 0) > 0)
      assert.deepEqual(Object.keys(offencesAt(peer)), ['crowded-block'])
      assert.ok(membersOf(1).length + membersOf(2).length > 0)
    } finally {
      await Promise.all([peer, ...inventors].map(each => each.stop()))
    }
  })
})

/** A peer that there is not, said to be there. */
async function somebody(address: string): Promise<Descriptor> {
  const { envelope } = await lax.seal(await generateKeyPair('Ed25519'), [multiaddr(address)], 1n)
  return { record: envelope, age: 0 }
}
