import assert from 'node:assert/strict'
import { CLAIMS_BELIEVED, MAX_EPOCH, ROUNDS_ALONE } from '../../src/aggregation/constants.ts'
import { type AggregationMessage, APART, TAKES_PART, WAITS } from '../../src/aggregation/message.ts'
import { type AggregationOptions, aggregationParameters } from '../../src/aggregation/parameters.ts'
import { AggregationProtocol } from '../../src/aggregation/protocol.ts'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { Crowd, mean, variance } from './crowd.ts'

const AVERAGE: AggregationOptions = { aggregates: [{ name: 'value', function: 'average' }], size: false, epoch: 20 }

/** A node that has begun so many rounds; whoever it talks to, it gets no answer. */
function alone(rounds: number, nodes = 1): AggregationProtocol {
  const protocol = new AggregationProtocol({
    nodes,
    parameters: aggregationParameters(AVERAGE),
    random: new Random(1),
    source: { sample: () => NOBODY, members: () => 0 },
    values: () => 5
  })
  pass(protocol, rounds)
  return protocol
}

function pass(protocol: AggregationProtocol, rounds: number): void {
  for (let i = 0; i < rounds; i++) {
    protocol.partner(0)
  }
}

function message(protocol: AggregationProtocol, fields: Partial<AggregationMessage>): AggregationMessage {
  return Object.assign(protocol.createMessage(), fields)
}

/** Node 0 is told of an epoch by a request. */
function tell(protocol: AggregationProtocol, from: number, epoch: number, round: number): AggregationMessage {
  const reply = protocol.createMessage()
  const request = message(protocol, { epoch, round })
  request.cells[0] = 9
  assert.ok(protocol.respond(0, from, request, reply))
  return reply
}

/** Node 0 asks, and is told of an epoch by the answer. */
function answerWith(protocol: AggregationProtocol, from: number, epoch: number, round: number, part = APART): void {
  protocol.request(0, from, protocol.createMessage())
  protocol.absorb(0, from, protocol.createMessage(), message(protocol, { part, epoch, round }))
}

describe('epochs', () => {
  it('begin anew from current values, and leave a result', () => {
    let added = 0
    const crowd = new Crowd(200, AVERAGE, node => node + added)
    crowd.run(10)
    added = 1_000
    assert.equal(crowd.protocol.result(0, 0), undefined)
    crowd.run(11)
    const { value, epoch, rounds } = crowd.protocol.result(0, 0) ?? {}
    assert.ok(Math.abs((value as number) - 99.5) < 0.01)
    assert.equal(epoch, 0)
    assert.ok(rounds === 20)
    assert.ok(Math.abs(mean(crowd.estimates()) - 1_099.5) < 1e-9)
    crowd.run(20)
    assert.ok(crowd.results().every(result => Math.abs(result - 1_099.5) < 0.01))
    assert.ok(crowd.members.every(node => crowd.protocol.epoch(node) === 2))
  })

  it('draw in whoever has made three quarters of the one before, and nobody earlier', () => {
    for (const hear of [tell, answerWith]) {
      for (const rounds of [1, 14, 15, 20]) {
        const protocol = alone(rounds)
        hear(protocol, 1, 1, 1)
        assert.equal(protocol.epoch(0), rounds >= 15 ? 1 : 0, `${rounds}`)
        assert.equal(protocol.result(0, 0)?.epoch, rounds >= 15 ? 0 : undefined)
        assert.equal(protocol.counts.drawn, rounds >= 15 ? 1 : 0)
      }
    }
  })

  it('exchange with who has drawn the node in, at once', () => {
    const protocol = alone(18)
    const reply = tell(protocol, 1, 1, 1)
    assert.equal(reply.part, TAKES_PART)
    assert.equal(reply.cells[0], 5)
    assert.equal(protocol.estimate(0, 0)?.value, 7)
  })

  it('cannot be hurried by one peer, however often it claims whatever it likes', () => {
    const protocol = alone(1)

    for (let i = 0; i < 13; i++) {
      protocol.partner(0)
      assert.equal(tell(protocol, 1, 1 + i * 1_000, i).part, APART)
      answerWith(protocol, 1, 7, 0)
    }

    assert.equal(protocol.epoch(0), 0)
    assert.equal(protocol.round(0), 14)
    assert.equal(protocol.estimate(0, 0)?.value, 5)
    assert.equal(protocol.counts.leftBehind, 0)
  })

  it('let a sleeper find back as a newcomer, when enough different peers are ahead', () => {
    const protocol = alone(4)

    for (let peer = 1; peer < CLAIMS_BELIEVED; peer++) {
      tell(protocol, peer, 30 + peer, 12)
      assert.equal(protocol.epoch(0), 0)
    }

    assert.equal(tell(protocol, CLAIMS_BELIEVED, 900, 12).part, WAITS)
    assert.equal(protocol.epoch(0), NOBODY)
    assert.equal(protocol.estimate(0, 0), undefined)
    // of 31, 32 and 900 the middle one
    pass(protocol, 8)
    assert.equal(protocol.epoch(0), NOBODY)
    pass(protocol, 1)
    assert.equal(protocol.epoch(0), 33)
  })

  it('leave a result to who is left behind when it had nearly converged', () => {
    for (const rounds of [14, 15]) {
      const protocol = alone(rounds)

      for (let peer = 1; peer <= CLAIMS_BELIEVED; peer++) {
        tell(protocol, peer, 30, 12)
      }

      assert.equal(protocol.epoch(0), NOBODY)
      assert.equal(protocol.result(0, 0)?.epoch, rounds === 15 ? 0 : undefined)
    }
  })

  it('do not count claims of the epoch before', () => {
    const protocol = alone(4)
    tell(protocol, 1, 30, 12)
    tell(protocol, 2, 30, 12)
    pass(protocol, 17)
    assert.equal(protocol.epoch(0), 1)
    tell(protocol, 3, 30, 12)
    assert.equal(protocol.epoch(0), 1)
  })

  it('answer who is behind with their number, and take nothing of it', () => {
    const protocol = alone(41)
    const reply = tell(protocol, 1, 1, 19)
    assert.equal(protocol.epoch(0), 2)
    assert.deepEqual([reply.part, reply.epoch, reply.round], [APART, 2, 1])
    assert.equal(protocol.estimate(0, 0)?.value, 5)
  })

  it('bring together two parts of a network that counted differently', () => {
    const crowd = new Crowd(400, AVERAGE, node => node)
    const all = crowd.members
    crowd.members = all.filter(node => node % 2 === 0)
    crowd.run(90)
    crowd.members = all.filter(node => node % 2 === 1)
    crowd.run(7)
    crowd.members = all
    crowd.run(100)
    assert.equal(new Set(all.map(node => crowd.protocol.epoch(node))).size, 1)
    assert.ok(crowd.results().every(value => Math.abs(value - 199.5) < 0.5))
    assert.ok(crowd.protocol.counts.leftBehind >= 200)
  })

  for (const [few, many] of [
    [1, 1],
    [1, 6],
    [2, 6],
    [2, 40],
    [3, 3],
    [1, 100],
    [100, 1],
    [100, 2]
  ]) {
    it(`bring together ${few} who are far ahead and ${many} others`, () => {
      for (let seed = 1; seed <= 5; seed++) {
        const crowd = new Crowd(few + many, AVERAGE, node => node, {}, seed)
        const all = crowd.members
        crowd.members = all.slice(0, few)
        crowd.run(90)
        crowd.members = all.slice(few)
        crowd.run(7)
        crowd.members = all
        crowd.run(140)
        const epochs = all.map(node => crowd.protocol.epoch(node))
        assert.ok(Math.max(...epochs) - Math.min(...epochs) <= 1 && Math.min(...epochs) > 0, `seed ${seed}: ${epochs}`)
        const truth = (few + many - 1) / 2
        const results = crowd.results()
        assert.ok(
          results.every(value => Math.abs(value - truth) < 0.02 * truth),
          `seed ${seed}: ${results}`
        )
      }
    })
  }
})

describe('a newcomer', () => {
  it('changes nothing until the next epoch, which it begins with the others', () => {
    const crowd = new Crowd(300, AVERAGE, node => node)
    const all = crowd.members
    crowd.protocol.newcomers(200, 300)
    crowd.members = all.slice(0, 200)
    crowd.run(5)
    crowd.members = all
    crowd.run(14)
    assert.ok(all.slice(200).every(node => crowd.protocol.epoch(node) === NOBODY))
    crowd.members = all.slice(0, 200)
    assert.ok(Math.abs(mean(crowd.estimates()) - 99.5) < 1e-9)
    crowd.members = all
    crowd.run(4)
    assert.ok(all.every(node => crowd.protocol.epoch(node) === 1))
    crowd.run(20)
    assert.ok(crowd.results().every(value => Math.abs(value - 149.5) < 0.5))
  })

  it('begins the first epoch when there seems to be none: soon among newcomers, later when it is alone', () => {
    for (const meets of [true, false]) {
      const protocol = alone(0)
      protocol.newcomers(0, 1)

      if (meets) {
        answerWith(protocol, 1, 0, 0, WAITS)
      }

      pass(protocol, meets ? ROUNDS_ALONE : protocol.parameters.epoch)
      assert.equal(protocol.epoch(0), NOBODY)
      pass(protocol, 1)
      assert.equal(protocol.epoch(0), 0)
    }
  })

  it('believes one liar among three nothing', () => {
    const protocol = alone(0)
    protocol.newcomers(0, 1)
    answerWith(protocol, 1, 900_000, 19)
    pass(protocol, 3)
    answerWith(protocol, 2, 6, 10)
    answerWith(protocol, 3, 6, 10)
    pass(protocol, 10)
    assert.equal(protocol.epoch(0), NOBODY)
    pass(protocol, 1)
    assert.equal(protocol.epoch(0), 7)
  })

  it('is kept waiting for no more than two epochs, whatever a liar says again and again', () => {
    for (const liars of [1, 2, 3]) {
      const protocol = alone(0)
      protocol.newcomers(0, 1)

      for (let round = 1; round <= 2 * 20; round++) {
        pass(protocol, 1)
        tell(protocol, 1 + (round % liars), 5, 0)
        assert.equal(protocol.epoch(0), NOBODY, `${round}`)
      }

      pass(protocol, 1)
      assert.equal(protocol.epoch(0), 6)
    }
  })

  it('is led into no epoch by a liar in which nobody would listen to it', () => {
    for (const claimed of [MAX_EPOCH, MAX_EPOCH - 1]) {
      const protocol = alone(0)
      protocol.newcomers(0, 1)
      answerWith(protocol, 1, claimed, 19)
      pass(protocol, ROUNDS_ALONE + 1)
      assert.equal(protocol.epoch(0), MAX_EPOCH)
      const said = protocol.createMessage()

      for (let round = 0; round < 140; round++) {
        protocol.partner(0)
        protocol.request(0, 2, said)
        assert.ok(said.part === WAITS || said.epoch <= MAX_EPOCH, `epoch ${said.epoch}`)
        const others = { part: APART, epoch: 3 + Math.floor(round / 20), round: round % 20 }
        protocol.absorb(0, 2, said, message(protocol, others))
      }

      assert.equal(protocol.epoch(0), 9)
    }
  })

  it('begins as soon as it hears that the epoch it waits for has just begun, but not late', () => {
    for (const [round, epoch] of [
      [1, 7],
      [5, 7],
      [6, NOBODY]
    ]) {
      const protocol = alone(0)
      protocol.newcomers(0, 1)
      answerWith(protocol, 2, 6, 10)
      answerWith(protocol, 3, 7, round)
      assert.equal(protocol.epoch(0), epoch)
    }
  })
})

describe('many epochs', () => {
  it('stay together though nodes lose messages, and each ends with a small spread', () => {
    const crowd = new Crowd(500, { ...AVERAGE, retries: 5, epoch: 30 }, node => node, { loss: 0.05 })
    crowd.run(160)
    const epochs = crowd.members.map(node => crowd.protocol.epoch(node))
    assert.ok(Math.max(...epochs) - Math.min(...epochs) <= 1)
    assert.ok(Math.abs(mean(crowd.results()) - 249.5) < 1)
    assert.ok(variance(crowd.results()) < 1)
    assert.equal(crowd.protocol.counts.leftBehind, 0)
  })
})
