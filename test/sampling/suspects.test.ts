import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { multiaddr } from '@multiformats/multiaddr'
import { Registry } from 'prom-client'
import { Random } from '../../src/gossip/random.ts'
import type { VerifiedRecord } from '../../src/live/records.ts'
import type { Defence, PeerSamplingInit, Suspect } from '../../src/sampling/index.ts'
import { eventually } from '../support/eventually.ts'
import { offencesAt, type SamplingNode, startNode, startPassiveNode, viewOf } from '../support/nodes.ts'
import { answer, lax, replyOf, Stranger } from '../support/stranger.ts'

/** Peers that there are not, one of whom is in every answer. */
const CROWD = 150

/** Peers that an answer names beside the one in all of them. */
const NAMED = 13

/** Exchanges after which that one has been seen far too often. */
const ENOUGH = 30

describe('the suspects of a live peer', function () {
  this.timeout(60_000)

  const running: Array<{ stop(): unknown }> = []
  let crowd: VerifiedRecord[]

  async function keep<T extends { stop(): unknown }>(starting: Promise<T>): Promise<T> {
    const started = await starting
    running.push(started)
    return started
  }

  before(async () => {
    crowd = await Promise.all(Array.from({ length: CROWD }, somebody))
  })

  afterEach(async () => {
    await Promise.all(running.splice(0).map(each => each.stop()))
  })

  /** A peer, how it hears a few names again, and whom it has then told to suspect. */
  async function listener(init: PeerSamplingInit) {
    const random = new Random(1)
    const [loud, ...others] = crowd
    const stranger = await keep(Stranger.start())
    await stranger.onRequest(async ({ exchange }, stream) => {
      random.choose(others, NAMED)
      const named = [stranger.record, loud, ...others.slice(0, NAMED)]
      const descriptors = named.map(({ envelope }) => ({ record: envelope, age: 0 }))
      await answer(stream, replyOf(descriptors, exchange))
    })
    const registry = new Registry()
    const metrics = prometheusMetrics({ registry })
    const peer = await keep(startPassiveNode({ ...init, requestsPerPeriod: Number.POSITIVE_INFINITY }, { metrics }))
    const { sampling } = peer.services
    const told: Suspect[] = []
    sampling.addEventListener('suspect', ({ detail }) => told.push(detail))
    const hear = async () => {
      for (let i = 0; i < ENOUGH; i++) {
        assert.equal(await sampling.join(stranger.node.getMultiaddrs()), 'answered')
      }
    }
    const metric = async (name: string) => {
      const text = await registry.metrics()
      return Number(new RegExp(`^gossip_peer_sampling_${name} (\\S+)$`, 'm').exec(text)?.[1])
    }
    return { peer, sampling, told, hear, loud, metric }
  }

  for (const defence of ['none', 'statistics', 'ranking'] as Defence[]) {
    it(`are told of with the evidence, and can be cleared by hand: ${defence}`, async () => {
      const { peer, sampling, told, hear, loud, metric } = await listener({ defence })
      await hear()

      assert.deepEqual(
        told.map(({ id }) => id.toString()),
        [loud.key]
      )
      const [suspect] = sampling.suspects()
      assert.ok(suspect.id.equals(loud.id))
      assert.ok(suspect.seen > 5 * suspect.expected && suspect.expected > 0)
      assert.ok(suspect.offences === 1 && suspect.rounds > 0)
      const { sightings } = sampling.statistics()
      assert.equal(sightings.suspects, 1)
      assert.ok(sightings.judged > sightings.unheeded)
      assert.equal(await metric('unheeded_replies_total'), sightings.unheeded)
      assert.equal(await metric('suspects'), 1)
      assert.equal(await metric('refused_peers'), sightings.refused)
      assert.equal(await metric('seen{statistic="max"}'), ENOUGH)
      assert.equal(await metric('seen{statistic="expected"}'), sightings.expected)
      assert.equal(sightings.counts[sightings.counts.length - 1].seen, ENOUGH)
      assert.ok(sightings.peers <= CROWD && sightings.peers > CROWD / 2)

      if (defence === 'statistics') {
        assert.ok(sightings.refused >= 1)
        assert.ok(!viewOf(peer).includes(loud.key))
      } else {
        assert.equal(sightings.refused, 0)
      }

      assert.equal(sampling.clearSuspect(peer.peerId), false)
      assert.equal(sampling.clearSuspect(crowd[1].id), false)
      assert.equal(sampling.clearSuspect(loud.id), true)
      assert.equal(sampling.clearSuspect(loud.id), false)
      await hear()
      assert.deepEqual(sampling.suspects(), [])
      assert.equal(told.length, 1)
      assert.deepEqual(offencesAt(peer), {})
    })
  }
})

describe('peers with different defences', function () {
  this.timeout(60_000)

  it('make one network: everybody has members, and is one of somebody', async () => {
    const init: PeerSamplingInit = { period: 50, retryPause: 50 }
    const kinds: PeerSamplingInit[] = [{ defence: 'ranking', view: 6 }, { defence: 'statistics', view: 6 }, { view: 6 }]
    const first = await startNode({ ...init, ...kinds[0] })
    const bootstrap = first.getMultiaddrs()
    const later = [...kinds, ...kinds, ...kinds, ...kinds].slice(1)
    const nodes = [first, ...(await Promise.all(later.map(kind => startNode({ ...init, ...kind, bootstrap }))))]

    try {
      const kindOf = new Map(nodes.map((node, i) => [node.peerId.toString(), i % kinds.length]))
      const known = new Set<string>()
      const look = () => {
        const members = new Set(nodes.flatMap(viewOf))

        for (const node of nodes) {
          for (const id of viewOf(node)) {
            known.add(`${kindOf.get(node.peerId.toString())} knows ${kindOf.get(id)}`)
          }
        }

        return members.size === nodes.length && nodes.every(node => viewOf(node).length >= 3)
      }
      await eventually(() => look() && known.size === kinds.length ** 2, {
        what: 'everybody is known, and every kind knows every kind'
      })

      for (const node of nodes as SamplingNode[]) {
        assert.deepEqual(offencesAt(node), {})
        assert.equal(node.services.sampling.statistics().outcomes.malformed, 0)
      }
    } finally {
      await Promise.all(nodes.map(node => node.stop()))
    }
  })
})

/** A peer that there is not, with a record that is as good as any. */
async function somebody(): Promise<VerifiedRecord> {
  return await lax.seal(await generateKeyPair('Ed25519'), [multiaddr('/ip4/127.0.0.1/tcp/1')], 1n)
}
