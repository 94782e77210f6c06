import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import fc from 'fast-check'
import { AggregationCodec } from '../../src/aggregation/codec.ts'
import { MAX_AGGREGATES, MAX_EPOCH } from '../../src/aggregation/constants.ts'
import type { AggregateOptions } from '../../src/aggregation/index.ts'
import { MAX_CELLS, MAX_MESSAGE_BYTES } from '../../src/aggregation/limits.ts'
import { type AggregationMessage, APART, TAKES_PART, WAITS } from '../../src/aggregation/message.ts'
import { AggregationProtocol } from '../../src/aggregation/protocol.ts'
import { Registrations } from '../../src/aggregation/registrations.ts'
import { aggregationSettings } from '../../src/aggregation/settings.ts'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { RefusalError } from '../../src/live/refusal.ts'

const RANGE = { from: -1, to: 1 }
const INSTANCES = 64

const AGGREGATES: AggregateOptions[] = [
  { name: 'load', function: 'average' },
  { name: 'heat', function: 'variance', range: RANGE },
  { name: 'peers', function: 'count' },
  { name: 'age', function: 'histogram', range: RANGE, bins: 5 }
]

const part = fc.constantFrom(TAKES_PART, APART, WAITS)

/** A peer with these aggregates, and what is between it and the wire. */
function peerWith(aggregates: AggregateOptions[]) {
  const { parameters } = aggregationSettings({ instances: INSTANCES })
  const registrations: Registrations = new Registrations({ protocol: () => protocol, onLeftOut: () => {} })
  const protocol: AggregationProtocol = new AggregationProtocol({
    nodes: 1,
    parameters,
    random: new Random(1),
    source: { sample: () => NOBODY, members: () => 0 },
    values: (_node, number) => registrations.read(number)
  })
  let wrongEpochs = 0
  const codec = new AggregationCodec({
    protocol,
    registrations,
    numberOf: () => 7,
    onWrongEpoch: () => wrongEpochs++
  })

  for (const options of aggregates) {
    registrations.add(options, options.function === 'count' ? undefined : 0)
  }

  return { protocol, registrations, codec, wrongEpochs: () => wrongEpochs }
}

/** What a peer says of one of its aggregates, or nothing. */
function claims({ protocol, registrations }: ReturnType<typeof peerWith>, name: string, message: AggregationMessage) {
  const number = registrations.named(name)?.number ?? Number.NaN
  const { first, end } = protocol.schema
  return message.has(number) ? [...message.cells.subarray(first[number], end[number])] : undefined
}

describe('aggregation on the wire', () => {
  const id = generateKeyPair('Ed25519').then(peerIdFromPrivateKey)

  it('is the same at both ends, whatever numbers aggregates have there', async () => {
    const from = await id
    const sender = peerWith(AGGREGATES)
    const receiver = peerWith([...AGGREGATES].reverse().concat({ name: 'own', function: 'average' }))

    const messages = fc.record({
      part,
      epoch: fc.nat(MAX_EPOCH),
      round: fc.nat(30),
      exchange: fc.integer(),
      present: fc.array(fc.boolean(), { minLength: AGGREGATES.length, maxLength: AGGREGATES.length }),
      cells: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 10, maxLength: 10 }),
      shares: fc.uniqueArray(fc.tuple(fc.nat(2 ** 32 - 1), fc.double({ min: 0, max: 1, noNaN: true })), {
        selector: ([tag]) => tag,
        maxLength: INSTANCES
      })
    })

    fc.assert(
      fc.property(messages, ({ part, epoch, round, exchange, present, cells, shares }) => {
        const message = sender.codec.createMessage()
        const received = receiver.codec.createMessage()
        Object.assign(message, { part, epoch, round, exchange, partial: true, instances: shares.length })
        message.cells.set(cells)
        shares.sort(([a], [b]) => a - b)
        message.tags.set(shares.map(([tag]) => tag))
        message.shares.set(shares.map(([, share]) => share))

        for (const [i, { name }] of AGGREGATES.entries()) {
          message.present[sender.registrations.named(name)?.number ?? Number.NaN] = present[i] ? 1 : 0
        }

        const opened = receiver.codec.open(sender.codec.encode(message), 'reply')
        assert.equal(receiver.codec.adopt(opened, from, received), 7)
        assert.deepEqual([received.part, received.exchange], [part, exchange])

        if (part !== WAITS) {
          assert.deepEqual([received.epoch, received.round], [epoch, round])
        }

        for (const { name } of AGGREGATES.filter(({ name }) => name !== 'peers')) {
          const wanted = part === TAKES_PART ? claims(sender, name, message) : undefined
          assert.deepEqual(claims(receiver, name, received), wanted, name)
        }

        assert.equal(claims(receiver, 'own', received), undefined)
        const heard = [...received.tags.subarray(0, received.instances)].map((tag, i) => [tag, received.shares[i]])
        assert.deepEqual(heard, part === TAKES_PART ? shares : [])
      })
    )
  })

  it('is refused for a reason, or is a message, whatever bytes come', () => {
    const sender = peerWith(AGGREGATES)
    const receiver = peerWith(AGGREGATES)
    const message = sender.codec.createMessage()
    sender.protocol.request(0, 1, message)
    message.partial = false
    const sound = sender.codec.encode(message)
    const before = receiver.protocol.createMessage()
    receiver.protocol.request(0, 1, before)

    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { maxLength: 6 }), changes => {
        const bytes = sound.slice()

        for (const [at, byte] of changes) {
          bytes[at] = byte
        }

        try {
          const opened = receiver.codec.open(bytes, 'request')
          const cells = opened.part === TAKES_PART ? [...opened.cells, ...opened.shares] : []
          assert.ok(cells.every(Number.isFinite))
        } catch (err) {
          assert.ok(err instanceof RefusalError, String(err))
        }
      }),
      { numRuns: 1_000 }
    )
    const after = receiver.protocol.createMessage()
    receiver.protocol.request(0, 1, after)
    assert.deepEqual(after.cells, before.cells)
  })

  it('is within the limit when it is as long as it can be', () => {
    const range = { from: 0, to: 1 }
    // one number is the size's, and 31 histograms take all cells but a few
    const bins = Math.floor(MAX_CELLS / (MAX_AGGREGATES - 1))
    const longest = Array.from({ length: MAX_AGGREGATES - 1 }, (_, i) => ({
      name: `${i}`,
      function: 'histogram' as const,
      range,
      bins
    }))
    const { codec } = peerWith(longest)
    const message = codec.createMessage()
    message.epoch = MAX_EPOCH
    message.round = 1_000
    message.exchange = -1
    message.instances = INSTANCES
    const { length } = codec.encode(message)
    assert.ok(length <= MAX_MESSAGE_BYTES && length > 0.9 * MAX_MESSAGE_BYTES, `${length} bytes`)
  })

  it('counts epochs that are not believed, and lets them pass', () => {
    const sender = peerWith(AGGREGATES)
    const receiver = peerWith(AGGREGATES)
    const message = sender.codec.createMessage()
    sender.protocol.request(0, 1, message)

    for (const epoch of [0, 1, 100]) {
      message.epoch = epoch
      assert.equal(receiver.codec.open(sender.codec.encode(message), 'request').epoch, epoch)
    }

    assert.equal(receiver.wrongEpochs(), 2)
  })

  it('knows aggregates by all that must be the same', () => {
    const base = { name: 'x', function: 'median', range: RANGE, bins: 5 } as const
    const key = (options: AggregateOptions) => {
      const { registrations } = peerWith([options])
      return registrations.named(options.name)?.key
    }
    const others: AggregateOptions[] = [
      base,
      { ...base, name: 'y' },
      { ...base, function: 'histogram' },
      { ...base, range: { from: -1, to: 2 } },
      { ...base, range: { from: -2, to: 1 } },
      { ...base, bins: 6 },
      { name: 'x', function: 'average' },
      { name: 'x', function: 'average', range: RANGE }
    ]
    assert.equal(new Set(others.map(key)).size, others.length)
    assert.equal(key(base), key({ ...base }))
    const quantile = { ...base, function: 'quantile' } as const
    assert.equal(key({ ...quantile, quantile: 0.1 }), key({ ...quantile, quantile: 0.9 }))
  })
})

describe('an answer that is asked for again', () => {
  it('brings nothing of an aggregate that was registered or withdrawn since', () => {
    const { protocol, registrations } = peerWith([])
    const request = protocol.createMessage()
    const reply = protocol.createMessage()
    const ask = (exchange: number) => {
      Object.assign(request, { part: TAKES_PART, epoch: protocol.epoch(0), round: 1, exchange, partial: true })
      assert.ok(protocol.respond(0, 3, request, reply))
    }
    const finish = () => {
      for (const epoch = protocol.epoch(0); protocol.epoch(0) === epoch; ) {
        protocol.partner(0)
      }
    }

    ask(1)
    const load = registrations.add({ name: 'load', function: 'average' }, 5)
    ask(1)
    assert.equal(reply.has(load.number), false)
    assert.equal(protocol.counts.repeated, 1)

    finish()
    ask(2)
    assert.equal(reply.has(load.number), true)
    registrations.remove(load)
    const heat = registrations.add({ name: 'heat', function: 'average' }, 6)
    assert.equal(heat.number, load.number)
    Object.assign(request, { exchange: 2 })
    assert.ok(protocol.respond(0, 3, request, reply))
    assert.equal(protocol.counts.repeated, 2)
    assert.equal(reply.has(heat.number), false)
  })
})

describe('an aggregate that its own function withdraws when it is asked for a value', () => {
  it('is gone when all have been asked, and whoever gets its number waits like anybody', async () => {
    const { protocol, registrations } = peerWith([])
    const load = registrations.add({ name: 'load', function: 'average' }, () => {
      registrations.remove(load)
      return 1
    })

    for (const epoch = protocol.epoch(0); protocol.epoch(0) === epoch; ) {
      protocol.partner(0)
    }

    assert.equal(registrations.has(load), true)
    await Promise.resolve()
    assert.equal(registrations.has(load), false)
    const heat = registrations.add({ name: 'heat', function: 'average' }, 2)
    assert.equal(heat.number, load.number)
    assert.equal(protocol.estimate(0, heat.number), undefined)
  })
})
