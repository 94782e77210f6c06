import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ANSWERS_KEPT } from '../../src/aggregation/constants.ts'
import { type AggregationMessage, WAITS } from '../../src/aggregation/message.ts'
import { aggregationParameters } from '../../src/aggregation/parameters.ts'
import { AggregationProtocol } from '../../src/aggregation/protocol.ts'
import { Random } from '../../src/gossip/random.ts'

const NODES = 5
const RETRIES = 64

/** The slow and obvious twin of a node. */
interface Twin {
  value: number
  /** The exchange that it is in. */
  asked?: { partner: number; number: number }
  /** The last answer it has given to each peer, the latest one last. */
  answers: { peer: number; number: number; value: number }[]
}

type Step = { act: 'go on' | 'lose' | 'replay'; node: number; partner: number }

const steps = fc.array(
  fc.record({
    act: fc.constantFrom('go on', 'go on', 'go on', 'go on', 'lose', 'replay'),
    node: fc.nat(NODES - 1),
    partner: fc.nat(NODES - 2)
  }),
  { maxLength: 120 }
) as fc.Arbitrary<Step[]>

/** Exchanges of five nodes that overlap, with lost, late and repeated messages; next to the twin of each node. */
class Stage {
  readonly protocol: AggregationProtocol
  readonly twins: Twin[]
  /** Whether somebody had forgotten an answer when it was asked for again. */
  forgotten = false
  private next = 0
  private number = 0
  private readonly open = new Map<number, { request: AggregationMessage; reply?: AggregationMessage }>()
  /** Exchanges that were answered, by whom. */
  private readonly past: { node: number; partner: number; number: number; request: AggregationMessage }[] = []

  constructor(values: number[]) {
    this.twins = values.map(value => ({ value, answers: [] }))
    this.protocol = new AggregationProtocol({
      nodes: NODES,
      parameters: aggregationParameters({
        aggregates: [{ name: 'value', function: 'average' }],
        size: false,
        epoch: 1_000,
        retries: RETRIES
      }),
      random: new Random(1),
      source: { sample: () => this.next, members: () => 0 },
      values: node => values[node]
    })
  }

  take({ act, node, partner }: Step): void {
    const open = this.open.get(node)

    if (act === 'replay') {
      this.replay(node)
    } else if (act === 'lose' && open != null) {
      this.protocol.abandon(node, this.partnerOf(node), 'timeout')
      this.open.delete(node)
    } else if (open == null) {
      this.ask(node, partner < node ? partner : partner + 1)
    } else if (open.reply == null) {
      this.deliver(node, open.request)
    } else {
      this.protocol.absorb(node, this.partnerOf(node), open.request, open.reply)
      this.twins[node].value += (open.reply.cells[0] - this.twins[node].value) / 2
      this.twins[node].asked = undefined
      this.open.delete(node)
    }
  }

  /** Lets every exchange come to its end. */
  settle(): void {
    for (let i = 0; i < 4 * NODES * ANSWERS_KEPT; i++) {
      for (let node = 0; node < NODES; node++) {
        if (this.open.has(node) || this.twins[node].asked != null) {
          this.take({ act: 'go on', node, partner: 0 })
        }
      }
    }
  }

  values(): number[] {
    return this.twins.map((_, node) => this.protocol.estimate(node, 0)?.value as number)
  }

  private partnerOf(node: number): number {
    return this.twins[node].asked?.partner as number
  }

  private ask(node: number, partner: number): void {
    const twin = this.twins[node]
    this.next = partner
    const chosen = this.protocol.partner(node)
    twin.asked ??= { partner, number: this.number++ }
    assert.equal(chosen, twin.asked.partner, 'asks the same one again')
    const request = this.protocol.createMessage()
    this.protocol.request(node, chosen, request)
    assert.equal(request.cells[0], twin.value)
    this.open.set(node, { request })
  }

  private deliver(node: number, request: AggregationMessage): void {
    const asked = this.twins[node].asked as { partner: number; number: number }
    const reply = this.answer(node, asked.partner, asked.number, request)

    if (reply == null) {
      this.protocol.abandon(node, asked.partner, 'busy')
      this.twins[node].asked = undefined
      this.open.delete(node)
    } else {
      this.open.set(node, { request, reply })
    }
  }

  private answer(
    from: number,
    node: number,
    number: number,
    request: AggregationMessage
  ): AggregationMessage | undefined {
    const reply = this.protocol.createMessage()
    const twin = this.twins[node]
    const known = twin.answers.slice(-ANSWERS_KEPT).find(answer => answer.peer === from && answer.number === number)
    const answers = this.protocol.respond(node, from, request, reply)
    assert.equal(answers, known != null || twin.asked == null, 'busy while it waits, but for what it has answered')

    if (known != null) {
      assert.equal(reply.cells[0], known.value, 'the very same answer')
    } else if (answers) {
      assert.equal(reply.cells[0], twin.value)
      this.forgotten ||= twin.answers.some(answer => answer.peer === from && answer.number === number)
      twin.answers = twin.answers.filter(({ peer }) => peer !== from)
      twin.answers.push({ peer: from, number, value: twin.value })
      twin.value += (request.cells[0] - twin.value) / 2
      const copy = this.protocol.createMessage()
      copy.copy(request)
      this.past.push({ node: from, partner: node, number, request: copy })
    } else {
      this.forgotten ||= twin.answers.some(answer => answer.peer === from && answer.number === number)
    }

    return answers ? reply : undefined
  }

  /** A request that was answered comes once more, and so does the answer, to a node that may have gone on. */
  private replay(node: number): void {
    const { past, protocol } = this
    const old = past.filter(({ partner }) => partner === node).at(-1)

    if (old != null) {
      const before = this.values()
      const reply = this.answer(old.node, node, old.number, old.request)
      assert.ok(reply != null)
      assert.deepEqual(this.values(), before)

      if (this.twins[old.node].asked?.number !== old.number) {
        protocol.absorb(old.node, node, old.request, reply)
        assert.deepEqual(this.values(), before)
      }
    }
  }
}

describe('an exchange', () => {
  it('moves both ends by the same, whatever overlaps, gets lost, or comes twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: NODES, maxLength: NODES }),
        steps,
        (values, sequence) => {
          const stage = new Stage(values)

          for (const step of sequence) {
            stage.take(step)
            assert.deepEqual(
              stage.values(),
              stage.twins.map(({ value }) => value)
            )
          }

          stage.settle()
          const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)
          assert.ok(stage.twins.every(({ asked }) => asked == null))
          assert.ok(stage.forgotten || Math.abs(sum(stage.values()) - sum(values)) < 1e-9 * 1e6)
        }
      ),
      { numRuns: 500 }
    )
  })

  it('keeps the node busy until it is over', () => {
    const stage = new Stage([0, 1, 2, 3, 4])
    const [request, reply] = [stage.protocol.createMessage(), stage.protocol.createMessage()]
    const { protocol } = stage
    protocol.partner(1)
    protocol.request(1, 0, request)
    const other = protocol.createMessage()
    protocol.partner(2)
    protocol.request(2, 1, other)
    assert.ok(!protocol.respond(1, 2, other, reply))
    protocol.abandon(2, 1, 'busy')
    protocol.abandon(1, 0, 'timeout')
    assert.ok(!protocol.respond(1, 2, other, reply), 'it will ask again')
    assert.deepEqual(stage.values(), [0, 1, 2, 3, 4])
  })

  it('is given up after so many repetitions, or when the partner cannot be reached as often', () => {
    for (const why of ['timeout', 'unreachable'] as const) {
      for (const retries of [0, 1, 3]) {
        let partner = 1
        const protocol = new AggregationProtocol({
          nodes: 3,
          parameters: aggregationParameters({
            aggregates: [{ name: 'value', function: 'average' }],
            size: false,
            retries
          }),
          random: new Random(1),
          source: { sample: () => partner, members: () => 0 },
          values: node => node
        })
        const request = protocol.createMessage()
        protocol.partner(0)
        protocol.request(0, 1, request)
        protocol.abandon(0, 1, 'timeout')
        partner = 2

        for (let i = 0; i < retries; i++) {
          assert.equal(protocol.anotherPartner(0), -1)
          assert.equal(protocol.partner(0), 1)

          if (why === 'timeout') {
            protocol.request(0, 1, request)
          }

          protocol.abandon(0, 1, why)
        }

        assert.equal(protocol.counts.givenUp, 1)
        assert.equal(protocol.anotherPartner(0), 2)
        assert.equal(protocol.partner(0), 2)
      }
    }
  })

  it('ends with its epoch, and is not repeated by who waits for one', () => {
    const protocol = new AggregationProtocol({
      nodes: 2,
      parameters: aggregationParameters({
        aggregates: [{ name: 'value', function: 'average' }],
        size: false,
        epoch: 4,
        retries: 3
      }),
      random: new Random(1),
      source: { sample: node => 1 - node, members: () => 0 },
      values: node => node
    })
    const [request, reply] = [protocol.createMessage(), protocol.createMessage()]

    for (let round = 0; round < 4; round++) {
      protocol.partner(0)
    }

    protocol.request(0, 1, request)
    assert.ok(protocol.respond(1, 0, request, reply))
    protocol.abandon(0, 1, 'timeout')
    protocol.partner(0)
    assert.equal(protocol.epoch(0), 1)
    assert.equal(protocol.counts.givenUp, 1)
    protocol.absorb(0, 1, request, reply)
    assert.equal(protocol.estimate(0, 0)?.value, 0, 'the answer comes too late')

    protocol.newcomers(0, 1)
    protocol.partner(0)
    protocol.request(0, 1, request)
    protocol.abandon(0, 1, 'timeout')
    assert.equal(protocol.anotherPartner(0), 1, 'and is free to ask somebody else')
    assert.equal(protocol.counts.givenUp, 1)
  })

  it('moves nothing when it is repeated, however often another peer has asked meanwhile', () => {
    const { protocol } = new Stage([0, 1, 2, 3, 4])
    const [request, answered, reply] = Array.from({ length: 3 }, () => protocol.createMessage())
    protocol.partner(1)
    protocol.request(1, 0, request)
    assert.ok(protocol.respond(0, 1, request, answered))

    for (let exchange = 1; exchange <= 3 * ANSWERS_KEPT; exchange++) {
      assert.ok(protocol.respond(0, 2, Object.assign(protocol.createMessage(), { exchange }), reply))
    }

    const before = protocol.estimate(0, 0)?.value
    assert.ok(protocol.respond(0, 1, request, reply))
    assert.deepEqual([protocol.estimate(0, 0)?.value, reply.cells[0]], [before, answered.cells[0]])
    assert.equal(protocol.counts.repeated, 1)
  })

  it('keeps the numbers of those whom the node would ask again, or answer as before, or believe, and of no others', () => {
    const { protocol } = new Stage([0, 1, 2, 3, 4])
    const [request, reply] = [protocol.createMessage(), protocol.createMessage()]
    const known = () => [0, 1, 2, 3, 4, 5, 6, 7].filter(peer => protocol.knows(0, peer))
    assert.deepEqual(known(), [])
    protocol.partner(1)
    protocol.request(1, 0, request)
    assert.ok(protocol.respond(0, 1, request, reply))
    assert.deepEqual(known(), [1])

    protocol.request(0, 3, protocol.createMessage())
    assert.deepEqual(known(), [1, 3])
    protocol.abandon(0, 3, 'timeout')
    assert.deepEqual(known(), [1, 3])
    protocol.abandon(0, 3, 'unsupported')
    assert.deepEqual(known(), [1])

    assert.ok(protocol.respond(0, 7, Object.assign(protocol.createMessage(), { epoch: 40, exchange: 1 }), reply))
    assert.deepEqual(known(), [1, 7])

    for (let i = 0; i < ANSWERS_KEPT; i++) {
      assert.deepEqual(known(), [1, 7])
      assert.ok(protocol.respond(0, 10 + i, Object.assign(protocol.createMessage(), { exchange: 1 }), reply))
    }

    assert.deepEqual(known(), [7])
    protocol.newcomers(0, 1)
    assert.deepEqual(known(), [])
  })

  it('is forgotten by a newcomer that has the number of another node', () => {
    const stage = new Stage([0, 1, 2, 3, 4])
    const { protocol } = stage
    const [request, reply] = [protocol.createMessage(), protocol.createMessage()]
    protocol.partner(1)
    protocol.request(1, 0, request)
    assert.ok(protocol.respond(0, 1, request, reply))
    protocol.newcomers(0, 1)
    assert.ok(protocol.respond(0, 1, request, reply))
    assert.equal(protocol.counts.repeated, 0)
    assert.equal(reply.part, WAITS)
  })
})
