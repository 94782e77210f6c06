import assert from 'node:assert/strict'
import { MAX_EPOCH, MAX_MAGNITUDE } from '../../src/aggregation/constants.ts'
import { type AggregationMessage, APART } from '../../src/aggregation/message.ts'
import { type AggregationOptions, aggregationParameters } from '../../src/aggregation/parameters.ts'
import { AggregationProtocol } from '../../src/aggregation/protocol.ts'
import { Random } from '../../src/gossip/random.ts'
import { Crowd, type Lie, mean, variance } from './crowd.ts'

const RANGE = { from: -2, to: 2 }
const ALL: AggregationOptions = {
  aggregates: [
    { name: 'free', function: 'average' },
    { name: 'bound', function: 'variance', range: RANGE },
    { name: 'least', function: 'minimum', range: RANGE },
    { name: 'middle', function: 'median', range: RANGE, bins: 4 }
  ]
}

const LIES: [string, 'not-finite' | 'out-of-range', Lie][] = [
  ['an infinity', 'not-finite', ({ cells }) => cells.fill(Number.POSITIVE_INFINITY, 0, 1)],
  ['no number', 'not-finite', ({ cells }) => cells.fill(Number.NaN, 2, 3)],
  ['a huge value', 'out-of-range', ({ cells }) => cells.fill(MAX_MAGNITUDE * 2, 0, 1)],
  ['a value beyond its range', 'out-of-range', ({ cells }) => cells.fill(2.1, 1, 2)],
  ['a square below 0', 'out-of-range', ({ cells }) => cells.fill(-0.1, 2, 3)],
  ['a square beyond that of the range', 'out-of-range', ({ cells }) => cells.fill(4.1, 2, 3)],
  ['a minimum below all', 'out-of-range', ({ cells }) => cells.fill(-2.1, 3, 4)],
  ['more than all in a bin', 'out-of-range', ({ cells }) => cells.fill(1.1, 7, 8)],
  ['no share', 'not-finite', ({ shares }) => shares.fill(Number.NaN, 0, 1)],
  ['more than all of an instance', 'out-of-range', ({ shares }) => shares.fill(1.5, 0, 1)],
  ['an instance twice', 'out-of-range', lie => Object.assign(lie, { instances: 2 }).tags.fill(7)],
  ['too many instances', 'out-of-range', lie => Object.assign(lie, { instances: 17 })],
  ['too high an epoch', 'out-of-range', lie => Object.assign(lie, { epoch: MAX_EPOCH + 1 })],
  ['a round beyond its epoch', 'out-of-range', lie => Object.assign(lie, { round: 31 })],
  ['half a round', 'out-of-range', lie => Object.assign(lie, { round: 1.5 })]
]

/** Two nodes; what one says and hears. */
function pair(options: AggregationOptions) {
  const protocol = new AggregationProtocol({
    nodes: 2,
    parameters: aggregationParameters(options),
    random: new Random(1),
    source: { sample: node => 1 - node, members: () => 0 },
    values: node => node
  })
  const [request, reply] = [protocol.createMessage(), protocol.createMessage()]
  protocol.partner(0)
  protocol.request(0, 1, request)
  return { protocol, request, reply }
}

function held(protocol: AggregationProtocol, node: number): AggregationMessage {
  const message = protocol.createMessage()
  // what a node holds is what it would say; whether it waits for an answer is not looked at
  protocol.partner(node)
  protocol.request(node, 1 - node, message)
  protocol.abandon(node, 1 - node, 'aborted')
  return message
}

describe('a bad message', () => {
  for (const [name, defect, lie] of LIES) {
    it(`changes nothing at the responder, nor at who asked: ${name}`, () => {
      const { protocol, request, reply } = pair(ALL)
      const before = [0, 1].map(node => ALL.aggregates?.map((_, i) => protocol.estimate(node, i)?.value))
      const good = protocol.createMessage()
      good.copy(request)
      lie(request)
      assert.equal(protocol.defect(1, request), defect)
      assert.ok(!protocol.respond(1, 0, request, reply))
      assert.equal(protocol.defect(1, good), undefined)
      reply.copy(good)
      lie(reply)
      protocol.absorb(0, 1, good, reply)
      assert.equal(protocol.counts.refused, 2)
      const after = [0, 1].map(node => ALL.aggregates?.map((_, i) => protocol.estimate(node, i)?.value))
      assert.deepEqual(after, before)
      assert.equal(held(protocol, 0).instances, 1)
      assert.equal(held(protocol, 1).instances, 1)
    })
  }

  it('is found in the shortest way, too', () => {
    for (const claim of [Number.NaN, Number.NEGATIVE_INFINITY, 1e200, 2.1, -2.1]) {
      const { protocol, request, reply } = pair({
        aggregates: [{ name: 'a', function: 'average', range: RANGE }],
        size: false
      })
      request.cells[0] = claim
      assert.ok(!protocol.respond(1, 0, request, reply))
      assert.equal(protocol.estimate(1, 0)?.value, 1)
      reply.copy(request)
      protocol.absorb(0, 1, request, reply)
      assert.equal(protocol.estimate(0, 0)?.value, 0)
      assert.equal(protocol.counts.refused, 2)
    }
  })

  it('of a wrong epoch moves nothing', () => {
    const { protocol, request, reply } = pair(ALL)
    request.epoch = 1
    assert.equal(protocol.defect(1, request), 'wrong-epoch')
    assert.ok(protocol.respond(1, 0, request, reply))
    assert.equal(reply.part, APART)
    assert.equal(protocol.estimate(1, 0)?.value, 1)
    assert.equal(protocol.counts.wrongEpoch, 1)
  })

  it('that comes again, or answers what was not asked, moves nothing', () => {
    const { protocol, request, reply } = pair({ ...ALL, retries: 3 })
    assert.ok(protocol.respond(1, 0, request, reply))
    const values = () => [0, 1].map(node => protocol.estimate(node, 0)?.value)
    const wrong = protocol.createMessage()
    wrong.copy(reply)
    wrong.exchange++
    protocol.absorb(0, 1, request, wrong)
    assert.deepEqual(values(), [0, 0.5])
    protocol.absorb(0, 1, request, reply)
    assert.deepEqual(values(), [0.5, 0.5])
    protocol.absorb(0, 1, request, reply)
    protocol.respond(1, 0, request, reply)
    assert.deepEqual(values(), [0.5, 0.5])
    assert.equal(protocol.counts.repeated, 1)
    const late = protocol.createMessage()
    late.copy(request)
    late.exchange--
    late.cells[0] = -2
    assert.ok(!protocol.respond(1, 0, late, reply), 'older than one that was answered')
    assert.deepEqual(values(), [0.5, 0.5])
  })
})

describe('mode trimmed', () => {
  const NODES = 2_000
  const options = (trimmed: boolean): AggregationOptions => ({
    aggregates: [{ name: 'a', function: 'average', range: { from: 0, to: 1 } }],
    size: false,
    trimmed
  })

  it('lets two nodes meet in the middle at once', () => {
    const { protocol, request, reply } = pair(options(true))
    assert.ok(protocol.respond(1, 0, request, reply))
    protocol.absorb(0, 1, request, reply)
    assert.deepEqual(
      [0, 1].map(node => protocol.estimate(node, 0)?.value),
      [0.5, 0.5]
    )
  })

  it('leaves honest results as they are, sum and spread', () => {
    for (const values of [
      (node: number) => node / NODES,
      (node: number) => node % 2,
      (node: number) => (node ? 0 : 1)
    ]) {
      const crowd = new Crowd(NODES, options(true), values)
      const before = mean(crowd.estimates())
      crowd.run(30)
      assert.ok(Math.abs(mean(crowd.estimates()) / before - 1) < 1e-9)
      assert.ok(Math.sqrt(variance(crowd.estimates())) < 1e-6)
    }
  })

  it('keeps a liar that claims the highest value all along from moving the average by more than 3.5 ranges / N', () => {
    const harm = [false, true].map(trimmed => {
      const lie: Lie = message => {
        message.cells[0] = 1
        // whatever the liar says of its round
        message.round = 1
      }
      const crowd = new Crowd(NODES, options(trimmed), () => 0, { liars: new Map([[0, lie]]) })
      crowd.run(30)
      crowd.members = crowd.members.filter(node => node !== 0)
      return mean(crowd.estimates()) * NODES
    })
    assert.ok(harm[0] > 20 && harm[0] < 40, `${harm[0]}`)
    assert.ok(harm[1] > 2 && harm[1] < 5, `${harm[1]}`)
  })
})
