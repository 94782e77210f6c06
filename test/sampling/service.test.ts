import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core'
import { encodeFrame } from '../../src/live/frame.ts'
import type { PeerSamplingInit } from '../../src/sampling/index.ts'
import { Keepsake } from '../../src/sampling/keepsake.ts'
import type { Descriptor } from '../../src/sampling/messages.ts'
import { eventually } from '../support/eventually.ts'
import { offencesAt, type SamplingNode, startNode, startPassiveNode, viewOf } from '../support/nodes.ts'
import { answer, lax, requestOf, Stranger } from '../support/stranger.ts'

const QUICK: PeerSamplingInit = { period: 50, retryPause: 50 }

describe('the sampling service', function () {
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

  /** Whom the peer has joined through so far. */
  function joinedThrough(peer: SamplingNode): string[] {
    const through: string[] = []
    peer.services.sampling.addEventListener('joined', ({ detail }) => through.push(detail.through.toString()))
    return through
  }

  it('makes one network of peers with views of different sizes and kinds', async () => {
    const kinds: PeerSamplingInit[] = [{ view: 4 }, { view: 20 }, { view: 20, preset: 'newscast' }]
    const first = await keep(startNode({ ...QUICK, ...kinds[0] }))
    const bootstrap = first.getMultiaddrs()
    const later = [...kinds.slice(1), ...kinds, ...kinds]
    const newcomers = await Promise.all(later.map(kind => keep(startNode({ ...QUICK, ...kind, bootstrap }))))
    const nodes = [first, ...newcomers]
    const kindOf = new Map(nodes.map((node, i) => [node.peerId.toString(), i % kinds.length]))
    const known = new Set<string>()

    await eventually(
      () => {
        for (const node of nodes) {
          for (const id of viewOf(node)) {
            known.add(`${kindOf.get(node.peerId.toString())} knows ${kindOf.get(id)}`)
          }
        }

        const isFull = ({ services: { sampling } }: SamplingNode) =>
          sampling.view.length === Math.min(sampling.parameters.view, nodes.length - 1)
        return known.size === kinds.length ** 2 && nodes.every(isFull)
      },
      { what: 'everybody knows as many as it can, of every kind' }
    )

    for (const node of nodes) {
      assert.deepEqual(offencesAt(node), {})
      assert.equal(node.services.sampling.statistics().outcomes.malformed, 0)
    }
  })

  it('announces every member of a small network to the app', async () => {
    const first = await keep(startPassiveNode())
    const bootstrap = first.getMultiaddrs()

    const discoveries = Array.from({ length: 6 }, async () => {
      const discovered = new Set<string>()
      const node = await keep(startNode({ ...QUICK, view: 6, bootstrap }, { start: false }))
      node.addEventListener('peer:discovery', ({ detail }) => discovered.add(detail.id.toString()))
      await node.start()
      return discovered
    })
    const all = await Promise.all(discoveries)
    await eventually(() => all.every(({ size }) => size === all.length), { what: 'everybody has heard of everybody' })
  })

  it('announces a view of members at once, and not a crowd that is invented', async () => {
    const view = 6
    const peer = await keep(startPassiveNode({ view, requestsPerPeriod: Number.POSITIVE_INFINITY }))
    const discovered = new Set<string>()
    const entered = new Set<string>()
    peer.addEventListener('peer:discovery', ({ detail }) => discovered.add(detail.id.toString()))
    peer.services.sampling.addEventListener('view:enter', ({ detail }) => entered.add(detail.id.toString()))
    const inventor = await keep(Stranger.start())

    while (entered.size < 10 * view) {
      const invented = await Promise.all(Array.from({ length: view / 2 }, somebody))
      await inventor.ask(peer, requestOf([{ record: inventor.record.envelope, age: 0 }, ...invented]))
    }

    assert.equal(discovered.size, view)
  })

  it('says whom it has met first: the newcomer its bootstrap peer, and that one the newcomer', async () => {
    const first = await keep(startPassiveNode())
    const joinedFirst = joinedThrough(first)
    const members = await Promise.all(Array.from({ length: 5 }, () => keep(startPassiveNode())))

    for (const member of members) {
      assert.equal(await member.services.sampling.join(first.getMultiaddrs()), 'answered')
    }

    // it is introduced to others, not to whom it asks
    const newcomer = await keep(startPassiveNode())
    const joinedNewcomer = joinedThrough(newcomer)
    assert.equal(await newcomer.services.sampling.join(first.getMultiaddrs()), 'answered')
    assert.ok(!viewOf(newcomer).includes(first.peerId.toString()))
    assert.deepEqual(joinedNewcomer, [first.peerId.toString()])
    assert.deepEqual(joinedFirst, [members[0].peerId.toString()])
  })

  it('keeps nobody waiting for a peer when it stops, or has stopped', async () => {
    const peer = await keep(startPassiveNode())
    const { sampling } = peer.services
    const waiting = assert.rejects(sampling.waitForPeer(), { name: 'AbortError' })
    await peer.stop()
    await waiting
    await assert.rejects(sampling.waitForPeer(), { name: 'AbortError' })
  })

  it('goes on when it is started again, and nobody is younger or far older than before', async () => {
    const member = await keep(Stranger.start())
    await member.onRequest(({ exchange }, stream) => answer(stream, encodeFrame('busy', exchange)))
    const peer = await keep(startNode({ ...QUICK, preset: 'newscast' }))
    const { sampling } = peer.services
    const age = () => sampling.view[0].age
    await member.enter(peer)
    await eventually(() => age() > 100, { what: 'an age of some rounds' })

    const before = age()
    await peer.stop()
    await peer.start()
    const { busy } = sampling.statistics().outcomes
    await eventually(() => sampling.statistics().outcomes.busy > busy, { what: 'another exchange' })
    assert.ok(age() >= before && age() < before + 10_000, `${before} before, ${age()} after`)
  })

  it('remembers as lost who does not answer after a restart, although it was no member any more', async () => {
    const datastore = new MemoryDatastore()
    const friend = await keep(startPassiveNode())
    const before = await keep(startPassiveNode({}, { datastore }))
    assert.equal(await before.services.sampling.join(friend.getMultiaddrs()), 'answered')
    await before.stop()
    await friend.stop()
    const remembered = async () => {
      const peers = await new Keepsake(datastore, lax, defaultLogger().forComponent('test')).load()
      return peers.map(({ record, lost }) => [record.key, lost])
    }
    assert.deepEqual(await remembered(), [[friend.peerId.toString(), false]])

    const alone = Promise.withResolvers<void>()
    const after = await keep(startNode(QUICK, { datastore, start: false }))
    after.services.sampling.addEventListener('alone', () => alone.resolve())
    await after.start()
    await alone.promise
    await after.stop()
    assert.deepEqual(await remembered(), [[friend.peerId.toString(), true]])
  })
})

/** A peer that there is not, with a record that is as good as any. */
async function somebody(): Promise<Descriptor> {
  const { envelope } = await lax.seal(await generateKeyPair('Ed25519'), [multiaddr('/ip4/127.0.0.1/tcp/1')], 1n)
  return { record: envelope, age: 0 }
}
