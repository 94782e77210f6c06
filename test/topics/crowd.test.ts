import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { areOneMesh, bytes, listen, Network, subscribersAt, type TopicsNode } from './network.ts'

/** Milliseconds: a crowd in one process, on a machine that has other work. */
const DEADLINE = 60_000

describe('a topic that ten of thirty peers have', function () {
  this.timeout(2 * DEADLINE)

  const network = new Network()
  const members = new Map<TopicsNode, string[]>()
  const others: string[][] = []

  before(async () => {
    const nodes = await network.startMany(30)
    // all know some others before they have any topic: nobody has the bootstrap peer for one
    await eventually(() => nodes.every(({ services }) => services.sampling.view.length >= 10), { deadline: DEADLINE })

    for (const [i, node] of nodes.entries()) {
      if (i % 3 === 1) {
        members.set(node, listen(node, 'rare'))
      } else {
        others.push(listen(node, 'common'))
      }
    }
  })

  after(async () => await network.stop())

  /** Each member publishes once, and all others hear that, and nobody else. */
  async function tellsAll(what: string): Promise<void> {
    const nodes = [...members.keys()]
    await eventually(() => areOneMesh(nodes, 'rare'), { what: 'one mesh', deadline: DEADLINE })
    const texts = nodes.map((_, i) => `${what} ${i}`)

    for (const [i, { services }] of nodes.entries()) {
      assert.ok((await services.topics.publish('rare', bytes(texts[i]))).recipients > 0)
    }

    const missing = () =>
      nodes.flatMap((node, i) => texts.filter((text, j) => i !== j && members.get(node)?.includes(text) !== true))
    await eventually(() => missing().length === 0, { what: `${what}: all hear all`, deadline: DEADLINE })

    for (const heard of members.values()) {
      assert.equal(new Set(heard).size, heard.length, 'each message once')
    }

    assert.deepEqual(others.flat(), [])
  }

  it('brings every message to all of them, and to nobody else', async () => {
    await tellsAll('first')
    assert.equal(members.size, 10)
  })

  it('does not take more connections than it needs', () => {
    for (const { services } of members.keys()) {
      const { dialled } = services.topics.statistics().dials
      assert.ok(dialled <= 9 + 29, `${dialled} dials`)
    }
  })

  it('takes in those that come later, be they new or not', async () => {
    const late = await network.start()
    members.set(late, listen(late, 'rare'))
    const [old] = network.nodes
    members.set(old, listen(old, 'rare'))
    await tellsAll('later')
  })

  it('goes on when some leave it, and when some are gone without a word', async () => {
    const [gone, dead, killed] = [...members.keys()]
    const end = new AbortController()
    const heard = listen(gone, 'leaving', { signal: end.signal })
    end.abort()
    await (gone.services.topics as unknown as { stop(): Promise<void> }).stop()
    const before = members.get(gone)?.length
    members.delete(gone)

    for (const node of [dead, killed]) {
      members.delete(node)

      for (const connection of node.getConnections()) {
        connection.abort(new Error('killed'))
      }

      await node.stop()
    }

    await tellsAll('without them')
    const left = [gone, dead, killed].map(({ peerId }) => peerId.toString())
    const stillListed = () =>
      [...members.keys()].flatMap(node => subscribersAt(node, 'rare').filter(key => left.includes(key)))
    await eventually(() => stillListed().length === 0, { what: 'nobody lists them', deadline: DEADLINE })
    assert.deepEqual([heard, before], [[], before])
  })
})
