import assert from 'node:assert/strict'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { lpStream } from '@libp2p/utils'
import { createLibp2p } from 'libp2p'
import { Registry } from 'prom-client'
import { encodeFrame } from '../../src/live/frame.ts'
import { AxisNumbers } from '../../src/pubsub/axis-numbers.ts'
import {
  contentPubSub,
  DEFAULT_MAX_PAYLOAD_BYTES,
  type DeliveredEvent,
  EVENTS_PROTOCOL,
  MAX_SUBSCRIPTIONS,
  PROTOCOL,
  parseFilter
} from '../../src/pubsub/index.ts'
import { MAX_OFFENCES } from '../../src/pubsub/limits.ts'
import { Links } from '../../src/pubsub/messages.ts'
import { SubscriptionRecords } from '../../src/pubsub/subscription-records.ts'
import { peerSampling } from '../../src/sampling/index.ts'
import { eventually } from '../support/eventually.ts'
import { LOOPBACK } from '../support/nodes.ts'
import { answer } from '../support/stranger.ts'
import { ContentNetwork, type ContentNode, idsOf, listen, untilReached } from './content.ts'
import { linksOf, Rogue } from './rogue.ts'

describe('publish/subscribe by content', function () {
  this.timeout(60_000)

  const network = new ContentNetwork()
  const unhandled: unknown[] = []
  const onUnhandled = (err: unknown) => unhandled.push(err)

  before(() => process.on('unhandledRejection', onUnhandled))

  afterEach(async () => {
    await network.stop()
    assert.deepEqual(unhandled, [])
  })

  after(() => process.off('unhandledRejection', onUnhandled))

  const statistics = ({ services }: ContentNode) => services.content.statistics()

  describe('among some peers', () => {
    it('brings each event once to all who ask for it and to nobody else, also from one who asks for nothing', async () => {
      const nodes = await network.startAll(5)
      const filters = ['price in [10, 20)', 'price in [15, 30)', 'price in [10, 20)', 'symbol = "A"', '{}', 'price < 5']
      // several at one peer, the same at several, one at nobody
      const listeners = filters.map((filter, i) => listen(nodes[i % 4], filter === '{}' ? 'n >= 0' : filter))
      const publisher = nodes[4]
      await untilReached(publisher, { price: 17, symbol: 'A', n: 0 }, listeners.slice(0, 5))
      await untilReached(publisher, { price: 1 }, listeners.slice(5))
      const events = Array.from({ length: 40 }, (_, n) => ({ price: n, symbol: n % 2 ? 'A' : 'B', n, truth: true }))
      const published = await Promise.all(
        events.map(async (event, i) => ({
          event,
          ...(await nodes[i % nodes.length].services.content.publish(event, `event ${event.n}`))
        }))
      )

      for (const { outcome, handed } of published) {
        assert.equal(outcome, 'handed')
        assert.ok(handed >= 1)
      }

      for (const listener of listeners) {
        const matches = published.filter(({ event }) =>
          listener.subscription.filter.matches(new Map(Object.entries(event)))
        )
        const had = () => matches.filter(({ id }) => listener.events.some(event => event.id === id))
        await eventually(() => had().length === matches.length, { what: `all of ${listener.subscription.filter}` })
      }

      for (const listener of listeners) {
        const ids = idsOf(listener)

        for (const { id, event } of published) {
          assert.equal(ids.includes(id), listener.subscription.filter.matches(new Map(Object.entries(event))))
        }

        for (const { attributes, payload, publisher, id } of listener.events) {
          const sent = published.find(event => event.id === id)

          if (sent !== undefined) {
            const by = nodes[published.indexOf(sent) % nodes.length].peerId
            assert.deepEqual({ ...attributes }, sent.event)
            assert.equal(new TextDecoder().decode(payload), `event ${sent.event.n}`)
            assert.ok(publisher.equals(by))
          }
        }

        assert.deepEqual([listener.subscription.missed, listener.subscription.delivered], [0, listener.events.length])
      }

      for (const node of nodes) {
        const { events, refusals, batches } = statistics(node)
        assert.equal(events.published >= 8, true)
        assert.deepEqual([refusals, batches.refusals, events.missed], [{}, {}, 0])
      }
    })

    it('says that nobody wants an event when there are some, and that nobody was there to be asked when not', async () => {
      const [one, other] = await network.startAll(2)
      const listener = listen(other, 'price < 5')
      await untilReached(one, { price: 1 }, [listener])
      assert.deepEqual(await outcomeOf(one, { price: 7 }), ['nobody', 0])
      assert.deepEqual(await outcomeOf(one, { other: 'x' }), ['nobody', 0])
      const alone = await new ContentNetwork().start()
      network.keep(alone)
      assert.deepEqual(await outcomeOf(alone, { price: 1 }), ['unreachable', 0])
    })

    it('brings no more events to one that has unsubscribed, of which others forget that it was there', async () => {
      const nodes = await network.startAll(3)
      const listeners = nodes.map(node => listen(node, 'price < 5'))
      await untilReached(nodes[0], { price: 1 }, listeners)
      const linked = (count: number) => listeners.slice(0, 2).every(({ subscription }) => subscription.links === count)
      await eventually(() => linked(2), { what: 'links to both others' })
      const gone = listeners[2]
      await gone.subscription.unsubscribe()
      const had = gone.events.length
      assert.deepEqual([statistics(nodes[2]).subscriptions, gone.subscription.links], [0, 0])
      await eventually(() => linked(1), { what: 'links to the other one only' })
      await untilReached(nodes[2], { price: 2 }, listeners.slice(0, 2))
      assert.equal(gone.events.length, had)
      const again = listen(nodes[2], 'price < 5')
      await untilReached(nodes[0], { price: 3 }, [...listeners.slice(0, 2), again])
      await eventually(() => again.subscription.links > 0, { what: 'links of the new one' })
      assert.deepEqual([gone.events.length, gone.subscription.links], [had, 0])
    })

    it('goes on when a peer has gone', async () => {
      const nodes = await network.startAll(4)
      const listeners = nodes.map(node => listen(node, 'price < 5'))
      await untilReached(nodes[0], { price: 1 }, listeners)
      await nodes[3].stop()
      const left = listeners.slice(0, 3)
      await eventually(() => left.every(({ subscription }) => subscription.links === 2), {
        what: 'links to the others'
      })
      await untilReached(nodes[1], { price: 2 }, left)
    })

    it('ends all subscriptions when the peer stops, and serves new ones when it starts again', async () => {
      const [one, other] = await network.startAll(2)
      const before = listen(other, 'price < 5')
      const iterated = other.services.content.subscribe('price < 5')
      const next = iterated[Symbol.asyncIterator]().next()
      const { signal } = new AbortController()
      await untilReached(one, { price: 1 }, [before])
      await other.stop()
      assert.equal((await next).done, false)
      assert.deepEqual([statistics(other).subscriptions, other.services.content.subscriptions], [0, []])
      assert.ok(!other.getProtocols().some(name => name.includes('pubsub')))
      await assert.rejects(other.services.content.publish({ price: 1 }, '', { signal }), { name: 'AbortError' })
      const had = before.events.length
      await other.start()
      assert.ok(other.getProtocols().some(name => name.includes('pubsub')))
      await other.services.sampling.join(one.getMultiaddrs())
      const after = listen(other, 'price < 5')
      await untilReached(one, { price: 2 }, [after])
      await untilReached(other, { price: 3 }, [after])
      assert.equal(before.events.length, had)
    })
  })

  async function outcomeOf({ services }: ContentNode, event: Record<string, number | string>) {
    const { outcome, handed } = await services.content.publish(event)
    return [outcome, handed]
  }

  describe('at one peer', () => {
    let node: ContentNode

    beforeEach(async () => {
      node = await network.start()
    })

    it('hands an event to its own subscriptions at once, and counts all of them and no others', async () => {
      const { content } = node.services
      const listeners = ['price < 5', 'price < 9', 'price > 9', 's starts "abcdefghij"', 's starts "abcdefghix"'].map(
        f => listen(node, f)
      )
      assert.deepEqual(await outcomeOf(node, { price: 1 }), ['handed', 2])
      // by the time that they are members
      await eventually(() => statistics(node).links >= 5 && statistics(node).rounds > 7, { what: 'they are members' })
      assert.deepEqual(await outcomeOf(node, { price: 2 }), ['handed', 2])
      assert.deepEqual(await outcomeOf(node, { s: 'abcdefghijk' }), ['handed', 1])
      assert.deepEqual(await outcomeOf(node, { s: 'abcdefghik' }), ['unreachable', 0])
      await eventually(() => listeners[3].events.length === 1, { what: 'the last event' })
      assert.deepEqual(
        listeners.map(listener => idsOf(listener).length),
        [2, 2, 0, 1, 0]
      )
      const { published, received, delivered, duplicates } = content.statistics().events
      assert.deepEqual([published, received, delivered, duplicates], [4, 0, 5, 0])
    })

    it('gives events as an async iterable, which a break ends', async () => {
      const { content } = node.services
      const subscription = content.subscribe({ price: { '<': 5 } })
      const ids = [(await content.publish({ price: 1 })).id, (await content.publish({ price: 2 }, Uint8Array.of(7))).id]
      const came: DeliveredEvent[] = []

      for await (const event of subscription) {
        came.push(event)

        if (came.length === 2) {
          break
        }
      }

      assert.deepEqual([came.map(({ id }) => id), [...came[1].payload]], [ids, [7]])
      assert.ok(came[1].sequence > came[0].sequence)
      assert.ok(came[0].time instanceof Date)
      assert.deepEqual(content.subscriptions, [])
      assert.deepEqual(await outcomeOf(node, { price: 1 }), ['unreachable', 0])
    })

    it('has one reader a subscription: to iterate one with a handler, or twice, throws and ends nothing', async () => {
      const { content } = node.services
      const listener = listen(node, 'price < 5')
      assert.throws(() => listener.subscription[Symbol.asyncIterator](), { message: /reads it already/ })
      const iterated = content.subscribe('price < 5')
      const next = iterated[Symbol.asyncIterator]().next()
      assert.throws(() => iterated[Symbol.asyncIterator](), { message: /reads it already/ })
      assert.equal(content.subscriptions.length, 2)
      const { id } = await content.publish({ price: 1 })
      assert.equal((await next).value?.id, id)
      await eventually(() => listener.events.length === 1, { what: 'the event' })
    })

    it('ends a subscription with its signal, and the loop that waits for its events', async () => {
      const { content } = node.services
      const controller = new AbortController()
      const events: unknown[] = []
      content.subscribe('price < 5', event => events.push(event), { signal: controller.signal })
      const subscription = content.subscribe('price < 5', { signal: controller.signal })
      const loop = (async () => {
        for await (const event of subscription) {
          events.push(event)
        }
      })()
      controller.abort(new Error('enough'))
      await loop
      assert.deepEqual([content.subscriptions, await outcomeOf(node, { price: 1 })], [[], ['unreachable', 0]])
      assert.equal(events.length, 0)
      assert.throws(() => content.subscribe('price < 5', controller), { message: 'enough' })
      await subscription.unsubscribe()
    })

    it('lets a slow handler lose the oldest, and tells it how many; one that throws gets the next one', async () => {
      const { content } = node.services
      const gate = Promise.withResolvers<void>()
      const came: Array<[number, number]> = []
      const subscription = content.subscribe(
        'n >= 0',
        async ({ attributes, missed }) => {
          came.push([attributes.n as number, missed])
          await gate.promise
          throw new Error('not today')
        },
        { queue: 3 }
      )
      await content.publish({ n: 0 })
      await eventually(() => came.length === 1, { what: 'the first one' })

      for (let n = 1; n <= 10; n++) {
        await content.publish({ n })
      }

      gate.resolve()
      await eventually(() => came.length === 4, { what: 'the last one' })
      assert.deepEqual(came, [
        [0, 0],
        [8, 7],
        [9, 0],
        [10, 0]
      ])
      assert.deepEqual([subscription.missed, subscription.delivered, statistics(node).events.missed], [7, 11, 7])
      await subscription.unsubscribe()
      assert.equal(statistics(node).events.missed, 7)
    })

    it('has as many subscriptions as there may be, and no more until one ends', async () => {
      const { content } = node.services
      const subscriptions = Array.from({ length: MAX_SUBSCRIPTIONS }, (_, i) => content.subscribe(`a = ${i}`))
      assert.throws(() => content.subscribe('b = 1'), { name: 'ParameterError', parameter: 'filter' })
      await subscriptions[5].unsubscribe()
      content.subscribe('b = 1')
      assert.equal(content.subscriptions.length, MAX_SUBSCRIPTIONS)
      assert.deepEqual(await outcomeOf(node, { b: 1 }), ['handed', 1])
      assert.deepEqual(await outcomeOf(node, { a: 5 }), ['unreachable', 0])
    })

    it('refuses what is no filter, no queue, no event, and a payload of one byte more than there may be', async () => {
      const { content } = node.services
      assert.throws(() => content.subscribe('price in'), { name: 'FilterError' })
      assert.throws(() => content.subscribe('a in [5, 3]'), { name: 'FilterError' })

      for (const queue of [0, 65_537, 1.5, Number.NaN]) {
        assert.throws(() => content.subscribe('a = 1', { queue }), { name: 'ParameterError', parameter: 'queue' })
      }

      assert.equal(content.subscriptions.length, 0)
      const bad = { name: 'EventError', reason: 'not-finite' }
      await assert.rejects(content.publish({ a: Number.NaN }), bad)
      const limit = DEFAULT_MAX_PAYLOAD_BYTES
      const tooLong = { name: 'EventError', reason: 'too-long' }
      await assert.rejects(content.publish({ a: 1 }, new Uint8Array(limit + 1)), tooLong)
      await assert.rejects(content.publish({ a: 1 }, 'é'.repeat(limit / 2 + 1)), tooLong)
      const aborted = AbortSignal.abort(new Error('changed my mind'))
      await assert.rejects(content.publish({ a: 1 }, '', { signal: aborted }), { message: 'changed my mind' })
      assert.equal(statistics(node).events.published, 0)
      content.subscribe(parseFilter('a = 1'))
      assert.equal((await content.publish({ a: 1 }, new Uint8Array(limit))).outcome, 'handed')
    })
  })

  it('says so when it unsubscribes to those it has links to, and to those who turn to it later', async () => {
    const node = await network.startStill()
    const rogue = network.keep(await Rogue.start())
    const { subscription } = listen(node, 'price < 5')
    let number = 0
    const find = async () => {
      number = await rogue.find(node, { price: 1 })
      return number > 0
    }
    await eventually(find, { what: 'the subscription' })
    const from = {
      record: rogue.stranger.record.envelope,
      subscription: await rogue.subscription('price < 9'),
      age: 0
    }
    const heard: Links[] = []
    await rogue.stranger.onRequest(async ({ exchange, body }, stream) => {
      heard.push(Links.decode(body))
      await answer(stream, encodeFrame('reply', exchange, linksOf({ from })))
    }, PROTOCOL)
    const [{ body }] = await rogue.enter(node, number, 'price < 9')
    assert.deepEqual([Links.decode(body).leaving, subscription.links], [false, 1])
    await subscription.unsubscribe()
    assert.deepEqual(
      heard.map(({ leaving, to }) => [leaving, to]),
      [[true, 1]]
    )
    const records = new SubscriptionRecords(new AxisNumbers())
    assert.equal((await records.verify(heard[0].from?.subscription ?? new Uint8Array(0))).number, number)
    const [later] = await rogue.enter(node, number, 'price < 9')
    assert.equal(Links.decode(later.body).leaving, true)
  })

  it('carries payloads as long as they may be, and blames nobody for longer ones that others may take', async () => {
    const maxPayloadBytes = 1_048_576
    const one = await network.start({ maxPayloadBytes })
    const other = await network.start()
    const listener = listen(other, 'price < 5')
    await untilReached(one, { price: 1 }, [listener])
    const bytes = Uint8Array.from({ length: DEFAULT_MAX_PAYLOAD_BYTES }, (_, i) => i)
    const { id } = await one.services.content.publish({ price: 2 }, bytes)
    await eventually(() => listener.events.some(event => event.id === id), { what: 'the longest' })
    assert.deepEqual(listener.events.find(event => event.id === id)?.payload, bytes)

    const [connection] = one.getConnections(other.peerId)

    for (const length of [maxPayloadBytes, ...new Array(MAX_OFFENCES).fill(bytes.length + 1)]) {
      assert.equal((await one.services.content.publish({ price: 3 }, new Uint8Array(length))).outcome, 'unreachable')
    }

    const { refusals } = statistics(other).batches
    assert.deepEqual(refusals, { 'long-payload': MAX_OFFENCES + 1 })
    assert.equal(connection.status, 'open')
    await untilReached(one, { price: 4 }, [listener])
  })

  it('takes events by clocks of fractions, and uses no number twice when a clock stands still or goes back', async () => {
    let now = Date.now() + 0.5
    const node = await network.start({ clock: () => now })
    const sequences: bigint[] = []

    for (let run = 0; run < 3; run++) {
      node.services.content.subscribe('a = 1', ({ sequence }) => sequences.push(sequence))
      await node.services.content.publish({ a: 1 })
      await eventually(() => sequences.length === run + 1, { what: 'the event' })
      await node.stop()
      now -= run * 1_000
      await node.start()
    }

    assert.ok(sequences[0] < sequences[1] && sequences[1] < sequences[2], `${sequences}`)
  })

  it('gives up a publication when its signal is aborted, or it stops, while another peer does not answer', async () => {
    const node = await network.startStill()
    const { content } = node.services
    const rogue = network.keep(await Rogue.start())
    let asked = 0
    await rogue.stranger.onStream(async stream => {
      await lpStream(stream).read()
      asked++
    }, EVENTS_PROTOCOL)
    await rogue.enter(node, 0, 'price < 5')
    const controller = new AbortController()
    const aborted = content.publish({ price: 1 }, '', { signal: controller.signal })
    const stopped = content.publish({ price: 2 })
    await eventually(() => asked > 0, { what: 'it is on its way' })
    controller.abort(new Error('changed my mind'))
    await assert.rejects(aborted, { message: 'changed my mind' })
    await Promise.all([node.stop(), assert.rejects(stopped, { name: 'AbortError' })])
    assert.equal(statistics(node).links, 1, 'whoever had no time to answer is not forgotten')
  })

  it('says unreachable when the only one that asks for an event does not take it', async () => {
    const node = await network.startStill()
    const rogue = network.keep(await Rogue.start())
    // refused
    await rogue.onBatch(({ handOffs }) => ({
      fates: new Uint8Array(handOffs.flatMap(({ targets }) => targets).length).fill(3),
      events: []
    }))
    await rogue.enter(node, 0, 'price < 5')
    // who knows nobody
    await network.startStill()
    await eventually(() => node.services.sampling.view.length === 1, { what: 'another one to be asked' })
    assert.deepEqual(await outcomeOf(node, { other: 1 }), ['nobody', 0])
    assert.deepEqual(await outcomeOf(node, { price: 1 }), ['unreachable', 0])
  })

  it('may not have the name of a component of libp2p', async () => {
    const services = { sampling: peerSampling(), events: contentPubSub() }
    await assert.rejects(async () => network.keep(await createLibp2p({ ...LOOPBACK, services })))
  })

  it('leaves no timer, no stream and no listener behind when it stops', async () => {
    const timers = timersRunning()
    const nodes = await network.startAll(3)
    const { signal } = new AbortController()
    let listening = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening--
      remove(...args)
    }
    const listeners = nodes.map(node => listen(node, 'price < 5'))
    nodes[0].services.content.subscribe('price < 5', { signal })
    await untilReached(nodes[0], { price: 1 }, listeners)
    assert.equal(listening, 1)
    await Promise.all(nodes.map(node => node.stop()))
    assert.equal(listening, 0)

    for (const node of nodes) {
      assert.deepEqual(node.getConnections(), [])
      assert.ok(!node.getProtocols().some(name => name.includes('pubsub')))
    }

    await eventually(() => timersRunning() <= timers, { what: `no more than ${timers} timers` })
  })

  it('counts in metrics what it counts in its statistics', async () => {
    const registry = new Registry()
    const metrics = prometheusMetrics({ registry, collectDefaultMetrics: false })
    const first = await network.start()
    const node = await network.start({}, {}, { metrics })
    const listener = listen(node, 'price < 5')
    await untilReached(first, { price: 1 }, [listener])
    await node.services.content.publish({ price: 2 })
    await eventually(() => statistics(node).batches.exchanges.answered > 0, { what: 'a batch' })
    const value = async (name: string) => {
      const metric = await registry.getSingleMetric(`gossip_peer_pubsub_${name}`)?.get()
      return metric?.values[0]?.value
    }
    assert.equal(await value('subscriptions'), 1)
    assert.equal(await value('published'), 1)
    assert.equal(await value('received'), statistics(node).events.received)
    assert.equal(await value('delivered'), statistics(node).events.delivered)
    assert.equal(await value('missed'), 0)
    const text = await registry.metrics()

    for (const name of [
      'links',
      'known_members',
      'duplicates',
      'rounds_total',
      'events_exchanges_total',
      'events_bytes_total'
    ]) {
      assert.ok(text.includes(`gossip_peer_pubsub_${name}`), name)
    }
  })
})

function timersRunning(): number {
  return process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length
}
