import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Failure, NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { REPAIR_ROUNDS } from '../../src/pubsub/constants.ts'
import { Members } from '../../src/pubsub/members.ts'
import { SubscriptionProtocol } from '../../src/pubsub/protocol.ts'
import { RecentEvents } from '../../src/pubsub/recent-events.ts'
import { Region } from '../../src/pubsub/region.ts'
import { type PubSubOptions, pubsub } from '../../src/sim/experiments/index.ts'
import { NO_FAULTS } from '../../src/sim/faults.ts'
import { Traffic } from '../../src/sim/pubsub/traffic.ts'
import { EventWay } from '../../src/sim/pubsub/way.ts'
import { simulate } from '../../src/sim/simulate.ts'
import { World } from '../../src/sim/world.ts'
import { PublishedNetwork } from './published-network.ts'

const SMALL: PubSubOptions = { nodes: 150, rounds: 20, selectivity: 0.05, events: 20 }

/** Options as the command takes them. */
function commandOf(options: PubSubOptions, seed: number): string {
  const words = Object.entries(options).map(([name, value]) => {
    const given = Array.isArray(value) ? value.map(({ share, round }) => `${share}@${round}`) : [value]
    return given.map(one => `--${name} ${one}`).join(' ')
  })
  return `gossip-peer sim pubsub ${words.filter(word => word !== '').join(' ')} --seed ${seed}`
}

const scenarios: fc.Arbitrary<PubSubOptions> = fc
  .record({
    nodes: fc.integer({ min: 2, max: 60 }),
    rounds: fc.integer({ min: 2, max: 20 }),
    attributes: fc.integer({ min: 1, max: 8 }),
    selectivity: fc.constantFrom(1e-6, 0.01, 0.1, 0.5, 1),
    placement: fc.constantFrom('uniform' as const, 'zipf' as const),
    events: fc.integer({ min: 1, max: 10 }),
    loss: fc.constantFrom(0, 0.1, 0.5),
    churn: fc.constantFrom(0, 0.05, 0.5),
    crash: fc.array(fc.record({ share: fc.constantFrom(0.3, 0.9, 1), round: fc.constant(1) }), { maxLength: 1 }),
    join: fc.array(fc.record({ share: fc.constantFrom(0.5, 2), round: fc.constant(0) }), { maxLength: 1 }),
    mode: fc.constantFrom('rounds' as const, 'events' as const)
  })
  .map(options => options as PubSubOptions)

describe('publish/subscribe, simulated', () => {
  it('is the same run with the same seed, however often one measures', async () => {
    const options = { ...SMALL, churn: 0.01, loss: 0.05, crash: [{ share: 0.2, round: 8 }] }
    const { performance: _, ...one } = await simulate(pubsub, options, { seed: 3 })
    const { performance: __, ...same } = await simulate(pubsub, options, { seed: 3 })
    const { final, rounds } = await simulate(pubsub, options, { seed: 3, measureEvery: 7 })
    const other = await simulate(pubsub, options, { seed: 4 })
    assert.equal(JSON.stringify(one), JSON.stringify(same))
    assert.deepEqual(
      rounds.map(({ round }) => round),
      [7, 14, 20]
    )
    assert.deepEqual(final, one.final)
    assert.deepEqual(rounds[0], one.rounds[6])
    assert.notDeepEqual(other.final, final)
  })

  it('delivers nothing to whom it does not match, and counts no more than there is', () => {
    fc.assert(
      fc.property(scenarios, fc.nat(), (options, seed) => {
        const replay = `to see it again: ${commandOf(options, seed)}`
        const crowd = new PublishedNetwork(options, seed)

        for (let round = 1; round <= (options.rounds ?? 0); round++) {
          crowd.advance()
          const everybody = crowd.everybody()

          for (const { id, point, matching } of crowd.publishing.after(round)) {
            const had = everybody.filter(member => crowd.recent.has(member, id))
            assert.ok(
              had.every(member => crowd.isAskedFor(member, point)),
              `in round ${round}, ${replay}`
            )
            assert.ok(
              had.every(member => matching.includes(member)),
              `came to the dead, ${replay}`
            )
          }

          for (const { id, point } of crowd.publishing.after(round - REPAIR_ROUNDS)) {
            assert.ok(
              everybody.every(member => !crowd.recent.has(member, id) || crowd.isAskedFor(member, point)),
              `repaired by round ${round}, ${replay}`
            )
          }

          const measures = crowd.measure()
          assert.equal(measures.spam, crowd.living().length === 0 ? Number.NaN : 0, replay)
          const { hitRatio, hitRatioAfterRepair, hitRatioAll, completeEvents, flooding } = measures

          for (const share of [hitRatio, hitRatioAfterRepair, hitRatioAll, completeEvents, flooding.hitRatio]) {
            assert.ok(Number.isNaN(share) || (share >= 0 && share <= 1), `${share}, ${replay}`)
          }
        }
      }),
      { numRuns: 60 }
    )
  })

  for (const [placement, attributes] of [
    ['uniform', 1],
    ['uniform', 3],
    ['zipf', 2]
  ] as const) {
    it(`comes to all that match once links have formed: ${placement}, ${attributes}`, async () => {
      const { rounds } = await simulate(pubsub, { ...SMALL, rounds: 25, placement, attributes })
      const settled = rounds.filter(({ round }) => round >= 20)

      for (const measures of settled) {
        assert.equal(measures.hitRatio, 1)
        assert.equal(measures.completeEvents, 1)
        assert.equal(measures.hitRatioAll, 1)
        assert.ok(measures.duplicatesPerDelivery < 1, `${measures.duplicatesPerDelivery}`)
        assert.ok(measures.messagesPerEvent < measures.flooding.messagesPerEvent)
        assert.equal(measures.flooding.hitRatio, 1)
      }

      assert.ok(rounds[1].hitRatio < 0.8, 'links take rounds to form')
    })
  }

  it('repairs what was missed while links formed, and after a crash', async () => {
    const { rounds } = await simulate(pubsub, { ...SMALL, rounds: 36, crash: [{ share: 0.3, round: 22 }] })
    const at = (round: number) => rounds[round - 1]
    assert.ok(Number.isNaN(at(REPAIR_ROUNDS).hitRatioAfterRepair))
    assert.ok(at(3).hitRatio < 0.99, `${at(3).hitRatio}`)
    assert.ok(at(3 + REPAIR_ROUNDS).hitRatioAfterRepair > at(3).hitRatio)
    assert.equal(at(22 + REPAIR_ROUNDS).hitRatioAfterRepair, 1)
    assert.equal(at(22 + REPAIR_ROUNDS).completeEventsAfterRepair, 1)
    assert.ok(at(22).hitRatio > 0.9, `${at(22).hitRatio}`)
    assert.equal(at(36).hitRatio, 1)
    assert.equal(at(22).living, 105)
  })

  it('serves members that stay while others come and go', async () => {
    const { rounds } = await simulate(pubsub, { ...SMALL, rounds: 40, churn: 0.01 })
    const late = rounds.slice(25)
    const mean = (value: (one: (typeof late)[number]) => number) =>
      late.reduce((sum, one) => sum + value(one), 0) / late.length
    assert.ok(mean(({ hitRatio }) => hitRatio) > 0.99, `${mean(({ hitRatio }) => hitRatio)}`)
    assert.ok(late.some(({ hitRatio, hitRatioAll }) => hitRatioAll < hitRatio))
  })
})

describe('the way of an event', () => {
  it('leads to the next member in an arc, where the first ones are dead', () => {
    const members = new Members(1)
    const everything = new Region([new Map()], () => 0)

    for (let member = 0; member < 10; member++) {
      members.set(member, member * 1_000, everything)
    }

    const world = new World(10, NO_FAULTS, 1, new Random(1))
    const source = { sample: () => NOBODY, members: () => 0 }
    const recent = new RecentEvents(members)
    const protocol = new SubscriptionProtocol({ nodes: 10, members, source, random: new Random(2), recent })
    const traffic = new Traffic(protocol, world, new Random(3))

    // only the first one knows anybody: 1 and 2, 3 and 4, 5 and 6, 7 to 9 are an arc each
    for (let member = 1; member < 10; member++) {
      protocol.learn(0, member, 0)
    }

    for (const dead of [1, 3, 5, 7, 8]) {
      world.kill(dead)
    }

    const { hops, duplicates } = new EventWay(protocol, traffic, new Random(4)).spread(new Float64Array(1), [0])
    assert.deepEqual(Object.fromEntries(hops), { 0: 1, 2: 2, 4: 2, 6: 2, 9: 2 })
    assert.deepEqual([duplicates, traffic.counts.handOffs, traffic.counts.pulls], [0, 9, 0])
    assert.deepEqual([...traffic.load].map(Math.sign), [0, 0, 1, 0, 1, 0, 1, 0, 0, 1])
    assert.ok([1, 3, 5, 7, 8].every(dead => protocol.links.find(0, dead, dead * 1_000) === -1))
  })
})

describe('the messages of events', () => {
  class Given {
    readonly abandoned: string[] = []
    readonly world: World
    readonly traffic: Traffic

    constructor(loss: number) {
      this.world = new World(3, { ...NO_FAULTS, loss }, 1, new Random(1))
      this.world.kill(2)
      const abandon = (from: number, to: number, why: Failure) => this.abandoned.push(`${from} ${to} ${why}`)
      this.traffic = new Traffic({ abandon } as unknown as SubscriptionProtocol, this.world, new Random(2))
    }
  }

  it('arrive, once', () => {
    const { traffic, abandoned } = new Given(0)
    assert.ok(traffic.ask(0, 1, 'search') && traffic.tell(0, 1, 'notices'))
    assert.deepEqual(traffic.counts, { search: 1, handOffs: 0, notices: 1, pulls: 0 })
    assert.deepEqual([[...traffic.load], abandoned], [[0, 2, 0], []])
  })

  it('to the dead fail at once, and they are known no more', () => {
    const { traffic, abandoned } = new Given(0)
    assert.ok(!traffic.ask(0, 2, 'handOffs') && !traffic.tell(1, 2, 'notices'))
    assert.deepEqual(traffic.counts, { search: 0, handOffs: 1, notices: 1, pulls: 0 })
    assert.deepEqual(
      [[...traffic.load], abandoned],
      [
        [0, 0, 0],
        ['0 2 unreachable', '1 2 unreachable']
      ]
    )
  })

  it('that get lost are sent once more, where they are answered', () => {
    const { traffic, abandoned } = new Given(1)
    assert.ok(!traffic.ask(0, 1, 'handOffs') && !traffic.tell(0, 1, 'notices'))
    assert.deepEqual(traffic.counts, { search: 0, handOffs: 2, notices: 1, pulls: 0 })
    assert.deepEqual([[...traffic.load], abandoned], [[0, 0, 0], ['0 1 timeout']])
    traffic.clear()
    assert.equal(traffic.counts.handOffs, 0)
  })

  it('get lost as often as they should', () => {
    const { traffic } = new Given(0.3)
    const arrived = Array.from({ length: 20_000 }, () => traffic.ask(0, 1, 'pulls')).filter(Boolean).length
    assert.ok(Math.abs(arrived / 20_000 - 0.91) < 0.01, `${arrived}`)
    assert.ok(Math.abs(traffic.counts.pulls / 20_000 - 1.3) < 0.02)
  })
})
