import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { gossipsub } from '@libp2p/gossipsub'
import { RPC } from '@libp2p/gossipsub/message'
import { identify } from '@libp2p/identify'
import type { PrivateKey, Startable } from '@libp2p/interface'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { lpStream } from '@libp2p/utils'
import { createLibp2p } from 'libp2p'
import { Registry } from 'prom-client'
import { concat } from 'uint8arrays/concat'
import { type QueuedMessage, topics } from '../../src/pubsub/topics/index.ts'
import { GOSSIPSUB_PROTOCOLS, MAX_TOPICS } from '../../src/pubsub/topics/limits.ts'
import { peerSampling } from '../../src/sampling/index.ts'
import { eventually } from '../support/eventually.ts'
import { LOOPBACK } from '../support/nodes.ts'
import { bytes, listen, Network, subscribersAt, type TopicsNode } from './network.ts'

const [GOSSIPSUB] = GOSSIPSUB_PROTOCOLS

describe('the service of topics', function () {
  this.timeout(60_000)

  const network = new Network()

  afterEach(async () => await network.stop())

  const sees = (node: TopicsNode, other: TopicsNode, topic: string) =>
    subscribersAt(node, topic).includes(other.peerId.toString())

  /** Two peers, each of which knows that the other one subscribes, and what each of them hears. */
  async function couple(topic: string): Promise<Array<{ node: TopicsNode; heard: string[] }>> {
    const nodes = await network.startMany(2)
    const both = nodes.map(node => ({ node, heard: listen(node, topic) }))
    await eventually(() => sees(nodes[0], nodes[1], topic) && sees(nodes[1], nodes[0], topic), { what: 'a couple' })
    return both
  }

  /** Publishes until somebody is there to whom it goes. */
  async function publish({ services }: TopicsNode, topic: string, text: string): Promise<void> {
    await eventually(async () => (await services.topics.publish(topic, bytes(text))).recipients > 0, {
      what: 'a recipient'
    })
  }

  const shownBy = ({ services }: TopicsNode) => services.sampling.underlay.own.current.profiles.get('topics')
  const protocolsOf = (node: TopicsNode) => node.getProtocols().filter(name => GOSSIPSUB_PROTOCOLS.includes(name))

  it('runs nothing and shows nothing before a topic is used, nor after it has stopped', async () => {
    // mocha's own timer begins when a test first waits
    await Promise.resolve()
    const timers = timersRunning()
    const [one, two] = await network.startMany(2)
    assert.deepEqual(protocolsOf(one), [])
    assert.equal(shownBy(one), undefined)
    assert.deepEqual([one.services.topics.topics, subscribersAt(one, 'news')], [[], []])
    const { topics, sampling } = one.services
    const service = topics as unknown as Required<Startable>

    for (const turn of [1, 2]) {
      const heard = listen(one, 'news')
      await eventually(() => protocolsOf(one).length === 3 && shownBy(one)?.byteLength === 4, { what: 'gossipsub' })
      await publish(two, 'news', `turn ${turn}`)
      await eventually(() => heard.includes(`turn ${turn}`), { what: 'the message' })
      const waiting = topics.subscribe('more').next()
      await service.stop()
      await service.stop()
      await sampling.underlay.own.settled
      assert.deepEqual([protocolsOf(one), shownBy(one), topics.topics], [[], undefined, []])
      assert.equal((await waiting).done, true)
      assert.throws(() => topics.subscribe('news'), { name: 'NotStartedError' })
      await assert.rejects(topics.publish('news', bytes('x')), { name: 'NotStartedError' })
      await service.start()
      await service.start()
    }

    assert.equal(topics.statistics().received >= 2, true)
    await network.stop()
    await eventually(() => timersRunning() <= timers, { what: `no more than ${timers} timers` })
  })

  it('stops in time also while it starts', async () => {
    const node = await network.start()
    listen(node, 'news')
    await (node.services.topics as unknown as Required<Startable>).stop()
    assert.deepEqual(protocolsOf(node), [])
    assert.equal(shownBy(node), undefined)
  })

  it('sends to a topic without having it, and nobody hears it who does not', async () => {
    const [one, two] = await network.startMany(2)
    const heard = listen(one, 'news')
    const other = listen(two, 'other')
    await publish(two, 'news', 'hello')
    await eventually(() => heard.includes('hello'), { what: 'the message' })
    assert.deepEqual([two.services.topics.topics, other], [['other'], []])
    assert.equal(one.services.topics.statistics().received, heard.length)
  })

  it('says that nobody is there', async () => {
    const [one, two] = await network.startMany(2)
    listen(two, 'news')
    assert.deepEqual(await one.services.topics.publish('empty', bytes('hello')), { recipients: 0 })
  })

  it('gives what was published: who by, in what order, and as it was then', async () => {
    const [{ node: one }, { node: two }] = await couple('news')
    const messages = two.services.topics.subscribe('news')
    const payloads = [Uint8Array.of(1, 2, 3), new Uint8Array(), new Uint8Array(65_536).fill(7)]

    for (const payload of payloads) {
      const changed = payload.slice()
      const published = one.services.topics.publish('news', changed)
      changed.fill(9)
      await published
    }

    const given: QueuedMessage[] = []

    for await (const message of messages) {
      if (given.push(message) === payloads.length) {
        break
      }
    }

    assert.deepEqual(
      given.map(({ data }) => data),
      payloads
    )
    assert.ok(given.every(({ from, topic, missed }) => from.equals(one.peerId) && topic === 'news' && missed === 0))
    assert.ok(given.every(({ sequenceNumber }, i) => i === 0 || sequenceNumber > given[i - 1].sequenceNumber))
    assert.deepEqual(two.services.topics.topics, ['news'], 'the handler still wants it')
  })

  it('tells each handler and each loop, until its signal, its own end, or that of the last one', async () => {
    const [{ node: one }, { node: two, heard }] = await couple('news')
    const { topics } = two.services
    const ending = new AbortController()
    const first = listen(two, 'news', { signal: ending.signal })
    const loop = topics.subscribe('news', { signal: ending.signal })
    const silent = topics.subscribe('news', () => assert.fail('ended'))
    silent()
    silent()
    topics.subscribe('news', () => assert.fail('a handler that fails'))
    topics.subscribe('news', async () => assert.fail('one that fails later'))
    await publish(one, 'news', '1')
    await eventually(() => heard.length === 1 && first.length === 1, { what: 'the first' })
    ending.abort()
    await publish(one, 'news', '2')
    await eventually(() => heard.length === 2, { what: 'the second' })
    assert.deepEqual(first, ['1'])
    const rest: string[] = []

    for await (const { data } of loop) {
      rest.push(new TextDecoder().decode(data))
    }

    assert.deepEqual(rest, ['1'], 'what had come before the end')
    assert.equal((await topics.subscribe('more', { signal: ending.signal }).next()).done, true)
    assert.deepEqual(topics.topics, ['news'])
  })

  it('tells others when it leaves a topic, and hears no more of it', async () => {
    const [one, two] = await network.startMany(2)
    listen(one, 'news')
    const heard: string[] = []
    const end = two.services.topics.subscribe('news', () => heard.push('news'))
    const other = listen(two, 'other')
    listen(one, 'other')
    const changes: Array<[string, number]> = []
    one.services.topics.addEventListener('subscribers:change', ({ detail }) => {
      changes.push([detail.topic, detail.subscribers])
    })
    await eventually(() => sees(one, two, 'news') && sees(one, two, 'other'), { what: 'two topics' })
    end()
    await eventually(() => !sees(one, two, 'news'), { what: 'the end' })
    assert.equal(shownBy(two)?.byteLength, 4)
    assert.deepEqual(await one.services.topics.publish('news', bytes('late')), { recipients: 0 })
    await publish(one, 'other', 'after')
    await eventually(() => other.includes('after'), { what: 'the other topic' })
    assert.deepEqual(heard, [])
    assert.deepEqual(
      changes.filter(([topic]) => topic === 'news'),
      [
        ['news', 1],
        ['news', 0]
      ]
    )
  })

  it('tells a slow consumer how many messages it has missed', async () => {
    const [{ node: one }, { node: two, heard }] = await couple('news')
    const slow = two.services.topics.subscribe('news', { queue: 3 })

    for (let i = 0; i < 10; i++) {
      await publish(one, 'news', `${i}`)
    }

    await eventually(() => heard.length === 10, { what: 'all' })
    const given: Array<[string, number]> = []

    for await (const { data, missed } of slow) {
      if (given.push([new TextDecoder().decode(data), missed]) === 3) {
        break
      }
    }

    assert.deepEqual(given, [
      ['7', 7],
      ['8', 0],
      ['9', 0]
    ])
    assert.equal(two.services.topics.statistics().missed, 7)
  })

  it('publishes no faster than others can take it: none of many large messages at once is lost', async () => {
    const [{ node: one }, { node: two }] = await couple('news')
    const payload = new Uint8Array(65_536)
    const given: bigint[] = []
    two.services.topics.subscribe('news', ({ sequenceNumber }) => given.push(sequenceNumber))
    await Promise.all(Array.from({ length: 150 }, () => one.services.topics.publish('news', payload)))
    await eventually(() => given.length === 150, { what: 'all of them' })
    assert.deepEqual(
      given,
      [...given].sort((a, b) => Number(a - b))
    )
  })

  it('takes no nonsense of the application', async () => {
    const { services } = await network.start()
    const { topics: service } = services
    const badTopic = { name: 'ParameterError', parameter: 'topic' }

    for (const topic of ['', 'x'.repeat(129)]) {
      assert.throws(() => service.subscribe(topic), badTopic)
      assert.throws(() => service.getSubscribers(topic), badTopic)
      await assert.rejects(service.publish(topic, bytes('x')), badTopic)
    }

    await assert.rejects(service.publish('a', new Uint8Array(65_537)), { parameter: 'payload' })

    for (const queue of [0, 1.5, 65_537]) {
      assert.throws(() => service.subscribe('a', { queue }), { name: 'ParameterError', parameter: 'queue' })
    }

    assert.throws(() => topics({ period: 0 }), { parameter: 'period' })
    assert.throws(() => topics({ seed: -1 }), { parameter: 'seed' })
    const signal = AbortSignal.abort()
    await assert.rejects(service.publish('a', bytes('x'), { signal }), { name: 'AbortError' })
    const ends = Array.from({ length: MAX_TOPICS }, (_, i) => service.subscribe(`${i}`, () => {}))
    assert.throws(() => service.subscribe('one more'), badTopic)
    await eventually(() => shownBy(network.nodes[0])?.byteLength === 256, { what: '64 marks' })
    ends[0]()
    service.subscribe('one more', () => {})
  })

  it('drops messages that are forged, unsigned or too long', async () => {
    const node = await network.start()
    const { services } = node
    const heard: string[] = []
    services.topics.subscribe('news', ({ data }) => heard.push(`${data.byteLength} ${data[0]}`))
    await eventually(() => protocolsOf(node).length === 3, { what: 'gossipsub' })
    const liar = network.keep(await createLibp2p({ ...LOOPBACK }))
    const connection = await liar.dial(node.getMultiaddrs())
    const stream = lpStream(await connection.newStream(GOSSIPSUB))
    const key = await generateKeyPair('Ed25519')
    const good = await signed(key, 1, Uint8Array.of(1))
    const altered = { ...(await signed(key, 2, Uint8Array.of(2))), data: Uint8Array.of(3) }
    const other = await generateKeyPair('Ed25519')
    const foreign = { ...(await signed(key, 3, Uint8Array.of(4))), from: other.publicKey.toMultihash().bytes }
    const unsigned = { ...(await signed(key, 4, Uint8Array.of(5))), signature: undefined }
    const long = await signed(key, 5, new Uint8Array(65_537).fill(6))
    const longest = await signed(key, 6, new Uint8Array(65_536).fill(7))
    const last = await signed(key, 7, Uint8Array.of(8))

    for (const message of [good, altered, foreign, unsigned, long, good, longest, last]) {
      await stream.write(RPC.encode({ subscriptions: [], messages: [message] }))
    }

    await eventually(() => heard.length >= 3, { what: 'what is genuine' })
    assert.deepEqual(heard, ['1 1', '65536 7', '1 8'])
    assert.deepEqual(services.topics.statistics().refusals, { 'too-long': 1 })
  })

  it('tells at once that a subscriber has gone, also in good order', async () => {
    const node = await network.start()
    listen(node, 'news')
    await eventually(() => protocolsOf(node).length === 3, { what: 'gossipsub' })
    const other = network.keep(await createLibp2p({ ...LOOPBACK }))
    const connection = await other.dial(node.getMultiaddrs())
    const stream = lpStream(await connection.newStream(GOSSIPSUB))
    await stream.write(RPC.encode({ subscriptions: [{ subscribe: true, topic: 'news' }], messages: [] }))
    const isListed = () => subscribersAt(node, 'news').includes(other.peerId.toString())
    await eventually(isListed, { what: 'a subscriber' })
    await stream.unwrap().close()
    const told: number[] = []
    node.services.topics.addEventListener('subscribers:change', ({ detail }) => told.push(detail.subscribers))
    await connection.close()
    await eventually(() => !isListed() && told.length > 0, { what: 'none' })
    assert.deepEqual(told, [0])
  })

  it('counts the records whose topics cannot be read, and goes on', async () => {
    const one = await network.start()
    listen(one, 'news')
    const liar = network.keep(
      await createLibp2p({
        ...LOOPBACK,
        services: { sampling: peerSampling({ profile: 'local', period: 100, bootstrap: one.getMultiaddrs() }) }
      })
    )
    liar.services.sampling.underlay.own.show('topics', Uint8Array.of(1, 2, 3))
    await eventually(() => (one.services.topics.statistics().refusals['bad-profile'] ?? 0) > 0, { what: 'a refusal' })
    const two = await network.start()
    const heard = listen(two, 'news')
    await publish(one, 'news', 'hello')
    await eventually(() => heard.includes('hello'), { what: 'the message' })
  })

  it('shares topics with peers that have gossipsub and nothing else', async () => {
    const one = network.keep(
      await createLibp2p({
        ...LOOPBACK,
        services: { identify: identify(), sampling: peerSampling({ profile: 'local' }), topics: topics() }
      })
    )
    const plain = network.keep(
      await createLibp2p({ ...LOOPBACK, services: { identify: identify(), pubsub: gossipsub() } })
    )
    const heard: string[] = []
    const heardThere: string[] = []
    one.services.topics.subscribe('news', ({ data }) => heard.push(new TextDecoder().decode(data)))
    await eventually(() => one.getProtocols().includes(GOSSIPSUB), { what: 'gossipsub' })
    plain.services.pubsub.addEventListener('message', ({ detail }) => {
      heardThere.push(new TextDecoder().decode(detail.data))
    })
    plain.services.pubsub.subscribe('news')
    await plain.dial(one.getMultiaddrs())
    await eventually(() => one.services.topics.getSubscribers('news').length === 1, { what: 'the plain peer' })
    await eventually(() => plain.services.pubsub.getSubscribers('news').length === 1, { what: 'this peer there' })
    await one.services.topics.publish('news', bytes('to the plain one'))
    await plain.services.pubsub.publish('news', bytes('from the plain one'))
    await eventually(() => heard.length > 0 && heardThere.length > 0, { what: 'a message each' })
    assert.deepEqual([heard, heardThere], [['from the plain one'], ['to the plain one']])
  })

  it('keeps the connections to subscribers, and no others', async () => {
    const [{ node: one }, { node: two }] = await couple('news')
    const isIdle = (from: TopicsNode, to: TopicsNode) =>
      from.getConnections(to.peerId).every(connection => from.services.sampling.underlay.isIdle(connection))
    const third = await network.start()
    listen(third, 'other')
    await eventually(() => protocolsOf(third).length === 3, { what: 'gossipsub' })
    await third.dial(one.getMultiaddrs())
    await eventually(() => isIdle(one, third), { what: 'one that is not kept' })

    // not only while it carries some exchange
    for (let turn = 0; turn < 200; turn++) {
      assert.equal(isIdle(one, two), false)
      await new Promise(resolve => setImmediate(resolve))
    }

    await two.services.topics.publish('news', bytes('last'))
    await (two.services.topics as unknown as Required<Startable>).stop()
    await eventually(() => isIdle(one, two), { what: 'none that is kept' })
  })

  it('renews a way that has broken', async () => {
    const [{ node: one }, { node: two, heard }] = await couple('news')

    for (const stream of one.getConnections(two.peerId).flatMap(({ streams }) => streams)) {
      if (stream.protocol === GOSSIPSUB && stream.direction === 'outbound') {
        stream.abort(new Error('broken'))
      }
    }

    await eventually(
      async () => {
        await one.services.topics.publish('news', bytes('again'))
        return heard.includes('again')
      },
      { what: 'the way is there again', deadline: 30_000 }
    )
  })

  it('is counted for whoever scrapes it', async () => {
    const registry = new Registry()
    const metrics = prometheusMetrics({ registry, collectDefaultMetrics: false })
    const one = await network.start({}, { node: { metrics } })
    const two = await network.start()
    listen(two, 'news')
    const heard = listen(one, 'news')
    await publish(one, 'news', 'out')
    await publish(two, 'news', 'in')
    await eventually(() => heard.includes('in'), { what: 'the message' })
    const text = await registry.metrics()
    assert.match(text, /^gossip_peer_topics_subscribed 1$/m)
    assert.match(text, /^gossip_peer_topics_messages\{kind="published"\} [1-9]/m)
    assert.match(text, /^gossip_peer_topics_messages\{kind="received"\} [1-9]/m)
    assert.match(text, /^gossip_peer_topics_dials\{outcome="failed"\} 0$/m)
  })

  it('needs peer sampling, and to be the only one that has gossipsub', async () => {
    await assert.rejects(
      createLibp2p({ ...LOOPBACK, services: { topics: topics() as never } }),
      /@gossip-peer\/sampling/
    )
    const node = network.keep(
      await createLibp2p({
        ...LOOPBACK,
        services: { identify: identify(), pubsub: gossipsub(), sampling: peerSampling(), topics: topics() }
      })
    )
    assert.throws(() => node.services.topics.subscribe('news'), { name: 'ParameterError', parameter: 'services' })
  })
})

/** A message as gossipsub signs it (libp2p specs, pubsub, "Message Signing"). */
async function signed(key: PrivateKey, seqno: number, data: Uint8Array) {
  const message = {
    from: key.publicKey.toMultihash().bytes,
    data,
    seqno: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, seqno),
    topic: 'news'
  }
  return { ...message, signature: await key.sign(concat([bytes('libp2p-pubsub:'), RPC.Message.encode(message)])) }
}

function timersRunning(): number {
  return process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length
}
