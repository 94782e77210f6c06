import assert from 'node:assert/strict'
import { PeerTable } from '../../src/gossip/peer-table.ts'
import type { VerifiedRecord } from '../../src/live/records.ts'
import type { PeerSamplingInit } from '../../src/sampling/index.ts'
import { SamplingUnderlay, type SamplingUnderlayInit } from '../../src/sampling/underlay.ts'
import { slowClock } from '../support/clock.ts'
import { eventually } from '../support/eventually.ts'
import { type SamplingNode, startNode, viewOf } from '../support/nodes.ts'

const QUICK: PeerSamplingInit = { period: 50, retryPause: 50 }

describe('what peer sampling hands to services above it', function () {
  this.timeout(60_000)

  const running: Array<{ stop(): unknown }> = []
  let realTime = () => {}

  async function node(init: PeerSamplingInit = QUICK, options = {}): Promise<SamplingNode> {
    const started = await startNode(init, options)
    running.push(started)
    return started
  }

  afterEach(async () => {
    realTime()
    await Promise.all(running.splice(0).map(each => each.stop()))
  })

  it('is what every peer is by each protocol: a change travels with its record', async () => {
    const first = await node()
    const bootstrap = first.getMultiaddrs()
    const others = await Promise.all([1, 2, 3].map(() => node({ ...QUICK, bootstrap })))
    const { own } = first.services.sampling.underlay
    const known = (listener: SamplingNode) =>
      listener.services.sampling.underlay.members().find(({ id }) => id.equals(first.peerId))

    for (const place of [Uint8Array.of(3, 4), Uint8Array.of(5, 6), undefined]) {
      own.show('torus', place)
      await own.settled
      assert.deepEqual(own.current.profiles.get('torus'), place)
      await eventually(() => others.every(other => known(other)?.seq === own.current.seq), { what: 'the news' })

      for (const other of others) {
        assert.deepEqual(known(other)?.profiles, own.current.profiles)
      }
    }
  })

  it('are the members of the view, and random ones of them', async () => {
    const first = await node()
    const { underlay } = first.services.sampling
    assert.deepEqual(underlay.members(), [])
    assert.equal(underlay.sample(), undefined)

    await Promise.all([1, 2, 3].map(() => node({ ...QUICK, bootstrap: first.getMultiaddrs() })))
    await eventually(() => viewOf(first).length === 3, { what: 'a view of everybody' })
    const keys = underlay.members().map(({ key }) => key)
    assert.deepEqual([...keys].sort(), viewOf(first).sort())
    const sampled = new Set(Array.from({ length: 100 }, () => underlay.sample()?.key ?? 'nobody'))
    assert.deepEqual([...sampled].sort(), [...keys].sort())
  })

  it('is whom it has just met, at both ends, for as long as somebody watches', async () => {
    const first = await node({ ...QUICK, period: 3_600_000 })
    const second = await node({ ...QUICK, period: 3_600_000 })
    const met: string[][] = [[], []]
    const ends = [first, second].map(({ services }, i) =>
      services.sampling.underlay.watch(id => met[i].push(id.toString()))
    )
    assert.equal(await second.services.sampling.join(first.getMultiaddrs()), 'answered')
    assert.deepEqual(met, [[second.peerId.toString()], [first.peerId.toString()]])

    for (const end of ends) {
      end()
    }

    assert.equal(await second.services.sampling.join(first.getMultiaddrs()), 'answered')
    assert.deepEqual(met.flat().length, 2)
  })

  it('is how long the way to a peer took, for who asked it, as long as somebody watches', async () => {
    const first = await node({ ...QUICK, period: 3_600_000 })
    const second = await node({ ...QUICK, period: 3_600_000 })
    const timed: Array<[at: string, peer: string, newest: boolean, positive: boolean]> = []
    const failing = () => {
      throw new Error('as applications do')
    }
    const ends = Object.entries({ first, second }).flatMap(([at, { services }]) => {
      const { underlay } = services.sampling
      return [
        underlay.watch(failing),
        underlay.watchRoundTrips(failing),
        underlay.watchRoundTrips((peer, roundTrip) => {
          const newest = underlay.newest(`${peer}`)?.seq === first.services.sampling.underlay.own.current.seq
          timed.push([at, `${peer}`, newest, roundTrip > 0])
        })
      ]
    })
    // a round trip that is held up for long by what else the machine does is not told
    realTime = slowClock()
    const once = ['second', `${first.peerId}`, true, true]
    assert.equal(await second.services.sampling.join(first.getMultiaddrs()), 'answered')
    assert.deepEqual(timed, [once])

    first.services.sampling.underlay.own.show('torus', Uint8Array.of(1))
    await first.services.sampling.underlay.own.settled
    assert.equal(await second.services.sampling.join(first.getMultiaddrs()), 'answered')
    assert.deepEqual(timed, [once, once])

    for (const end of ends) {
      end()
    }

    assert.equal(await second.services.sampling.join(first.getMultiaddrs()), 'answered')
    assert.deepEqual(timed.length, 2)
  })

  it('is the newest record of a peer, whichever table has it: a flood of records makes nobody forget its members', () => {
    const peers = new PeerTable<VerifiedRecord>(8, () => true)
    const cached = new Map<string, VerifiedRecord>()
    const records = { newest: (key: string) => cached.get(key) }
    const underlay = new SamplingUnderlay({ records, peers } as never as SamplingUnderlayInit)
    const record = (seq: bigint) => ({ key: 'peer', seq }) as VerifiedRecord
    const [first, second, third] = [record(1n), record(2n), record(3n)]
    assert.equal(underlay.newest('peer'), undefined)

    cached.set('peer', second)
    assert.equal(underlay.newest('peer'), second)

    peers.set('peer', first)
    assert.equal(underlay.newest('peer'), second)

    peers.set('peer', third)
    assert.equal(underlay.newest('peer'), third)

    cached.clear()
    assert.equal(underlay.newest('peer'), third)
    assert.equal(underlay.newest('another'), undefined)
  })

  it('is when this peer takes part: not before the work for its identity is done, and not after it has stopped', async () => {
    const { signal } = new AbortController()
    const working = await node()
    const { underlay } = working.services.sampling
    assert.equal(underlay.takesPart, true)
    assert.equal(await underlay.participation(signal), true)
    assert.equal(await underlay.participation(AbortSignal.abort()), false)
    await working.stop()
    assert.equal(underlay.takesPart, false)

    const pending = await node({ ...QUICK, stampBits: 40 })
    const waiting = pending.services.sampling.underlay.participation(signal)
    const impatient = new AbortController()
    const gaveUp = pending.services.sampling.underlay.participation(impatient.signal)
    impatient.abort()
    assert.equal(await gaveUp, false)
    assert.equal(pending.services.sampling.underlay.takesPart, false)
    await pending.stop()
    assert.equal(await waiting, false)
  })
})
