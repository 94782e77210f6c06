import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Random } from '../../src/gossip/random.ts'
import { REPAIR_ROUNDS } from '../../src/pubsub/constants.ts'
import { measureFlooding } from '../../src/sim/pubsub/flooding.ts'
import { SETTLED_ROUNDS } from '../../src/sim/pubsub/publishing.ts'
import { drawWidths, Subscriptions } from '../../src/sim/pubsub/subscriptions.ts'
import { PublishedNetwork } from './published-network.ts'

function sumOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function assertNear(actual: number, expected: number, what: string): void {
  const isNear = Math.abs(actual - expected) <= 1e-12 * Math.abs(expected)
  assert.ok(Object.is(actual, expected) || isNear, `${what}: ${actual}, and plain counting finds ${expected}`)
}

describe('the boxes of simulated subscriptions', () => {
  it('cover the selectivity exactly, in shapes that differ, and never more than an axis', () => {
    const shape = fc.record({
      attributes: fc.integer({ min: 1, max: 8 }),
      selectivity: fc.double({ min: 1e-6, max: 1, noNaN: true }),
      seed: fc.nat()
    })

    fc.assert(
      fc.property(shape, ({ attributes, selectivity, seed }) => {
        const widths = drawWidths(attributes, selectivity, new Random(seed))
        const product = widths.reduce((volume, width) => volume * width, 1)
        assert.equal(widths.length, attributes)
        assert.ok(Math.abs(product / selectivity - 1) < 1e-9, `${widths}`)
        assert.ok(
          widths.every(width => width > 0 && width <= 1),
          `${widths}`
        )
        const narrow = Math.min(...widths)
        assert.ok(
          widths.every(width => width === 1 || width / narrow < 3.000001),
          `${widths}`
        )
      })
    )
  })

  for (const placement of ['uniform', 'zipf'] as const) {
    it(`lie within the space: ${placement}`, () => {
      const subscriptions = new Subscriptions({ attributes: 3, selectivity: 0.05, placement }, new Random(1))

      for (let i = 0; i < 500; i++) {
        const { axes, lows, highs } = subscriptions.draw()
        assert.deepEqual([...axes], [0, 1, 2])
        assert.ok([...lows].every((low, axis) => low >= 0 && low < highs[axis] && highs[axis] <= 1))
        const volume = highs.reduce((product, high, axis) => product * (high - lows[axis]), 1)
        assert.ok(Math.abs(volume / 0.05 - 1) < 1e-9)
      }
    })
  }

  it('have centres anywhere, or by Zipf in a few of a thousand cells, which are others on each axis', () => {
    const shares = (placement: 'uniform' | 'zipf', axis: number) => {
      const subscriptions = new Subscriptions({ attributes: 2, selectivity: 1e-12, placement }, new Random(3))
      const cells = new Array<number>(1_000).fill(0)

      for (let i = 0; i < 20_000; i++) {
        cells[Math.min(999, Math.floor(subscriptions.draw().lows[axis] * 1_000))] += 1 / 20_000
      }

      const order = cells.map((share, cell) => ({ share, cell })).sort((a, b) => b.share - a.share)
      return { first: order[0].cell, of: (rank: number) => order[rank - 1].share }
    }

    assert.ok(shares('uniform', 0).of(1) < 0.003)
    const harmonic = sumOf(Array.from({ length: 1_000 }, (_, i) => 1 / (i + 1)))
    const [one, other] = [shares('zipf', 0), shares('zipf', 1)]

    for (const rank of [1, 2, 4, 10]) {
      assert.ok(Math.abs(one.of(rank) * harmonic * rank - 1) < 0.15, `rank ${rank}: ${one.of(rank)}`)
    }

    assert.notEqual(one.first, other.first)
  })
})

describe('what is measured of events', () => {
  it('is what plain counting finds, whatever goes wrong', () => {
    const crowd = new PublishedNetwork({
      nodes: 120,
      rounds: 40,
      selectivity: 0.06,
      events: 9,
      churn: 0.02,
      loss: 0.03,
      crash: [{ share: 0.2, round: 25 }],
      join: [{ share: 0.3, round: 5 }]
    })
    const { members, recent, protocol, network, publishing } = crowd
    const { alive } = network.world
    // by the round
    const settled: Set<number>[] = []
    const published: Array<{ id: string; asking: number[]; counted: number[] }>[] = []

    for (let round = 1; round <= 40; round++) {
      crowd.advance()
      const living = crowd.living()
      const events = publishing.after(round)
      const old = (member: number) => member < 120 || protocol.rounds[member] >= SETTLED_ROUNDS
      settled[round] = new Set(living.filter(old))

      for (const ago of [0, REPAIR_ROUNDS]) {
        const then = settled[round - ago]
        const wrong = living.filter(member => then?.has(member) === !publishing.wasSettled(member, ago))
        assert.deepEqual(wrong, [], `${ago} rounds before round ${round}`)
      }

      published[round] = events.map(({ id, point }) => {
        const asking = living.filter(member => crowd.isAskedFor(member, point))
        return { id, asking, counted: asking.filter(old) }
      })
      const measures = crowd.measure()
      const ratios = (of: 'asking' | 'counted', at: number) => {
        const wanted = (published[at] ?? []).map(event => ({
          id: event.id,
          members: event[of].filter(member => alive[member] === 1)
        }))
        const hits = wanted.map(({ id, members }) => members.filter(member => recent.has(member, id)).length)
        const asked = wanted.filter(({ members }) => members.length > 0)
        const complete = asked.filter(({ id, members }) => members.every(member => recent.has(member, id)))
        return {
          hits: sumOf(hits) / sumOf(wanted.map(({ members }) => members.length)),
          complete: complete.length / asked.length
        }
      }

      assert.equal(events.length, 9)
      assert.equal(measures.living, living.length)
      assertNear(measures.hitRatio, ratios('counted', round).hits, `hits in round ${round}`)
      assertNear(measures.hitRatioAll, ratios('asking', round).hits, `all hits in round ${round}`)
      assertNear(measures.completeEvents, ratios('counted', round).complete, `complete in round ${round}`)
      const then = ratios('counted', round - REPAIR_ROUNDS)
      assertNear(measures.hitRatioAfterRepair, then.hits, `repaired by round ${round}`)
      assertNear(measures.completeEventsAfterRepair, then.complete, `complete by round ${round}`)
      assert.equal(measures.spam, 0)
      assert.equal(measures.tree.messagesPerEvent, sumOf(published[round].map(({ asking }) => asking.length)) / 9)

      const links = living.map(member => protocol.links.sizes[member]).sort((a, b) => a - b)
      assertNear(measures.links.mean, sumOf(links) / links.length, 'links')
      assert.equal(measures.links.max, links.at(-1))
      assert.equal(measures.links.p99, links[Math.ceil(0.99 * links.length) - 1])
      const loads = living.map(member => publishing.traffic.load[member])
      assertNear(measures.load.mean, sumOf(loads) / loads.length / 9, 'load')
      assert.equal(measures.load.max, Math.max(...loads) / 9)
      measures.load.histogram.forEach((count, load) => {
        assert.equal(count, loads.filter(one => one === load).length)
      })
      assert.equal(sumOf(measures.load.histogram), living.length)
    }

    assert.ok(members.regions.length > 150)
  })

  it('adds up where nothing goes wrong: whatever is sent arrives, and is for somebody', () => {
    const crowd = new PublishedNetwork({ nodes: 150, rounds: 15, selectivity: 0.1, events: 20 })

    for (let round = 1; round <= 15; round++) {
      crowd.advance()
      const { traffic } = crowd.publishing
      const { search, handOffs, notices, pulls } = traffic.counts
      const events = crowd.publishing.after(round)
      const deliveries = sumOf(events.map(({ matching, missing }) => matching.length - missing.size))
      const duplicates = sumOf(events.map(event => event.duplicates))
      // an event comes by a hand-off, or as the answer to a question
      assert.equal(handOffs + pulls / 2, deliveries + duplicates)
      assert.equal(sumOf([...traffic.load]), search + handOffs + notices + pulls)
      const measures = crowd.measure()
      assertNear(measures.messagesPerEvent * 20, search + handOffs + notices + pulls, 'messages')
      assertNear(measures.duplicatesPerDelivery, duplicates / deliveries, 'duplicates')
      assert.equal(measures.hops.max, Math.max(...events.map(({ hops }) => hops)))
      assert.ok(events.every(({ hops, matching, missing }) => hops > 0 === matching.length > missing.size))
    }
  })

  it('is of nobody where nobody lives', () => {
    const crowd = new PublishedNetwork({ nodes: 20, rounds: 3, crash: [{ share: 1, round: 1 }] })
    crowd.advance(2)
    const { living, hitRatio, links, load } = crowd.measure()
    assert.deepEqual(
      [living, hitRatio, links.mean, links.max, load.histogram],
      [0, Number.NaN, Number.NaN, Number.NaN, []]
    )
  })
})

describe('flooding, to compare', () => {
  const crowd = (options: object) => {
    const made = new PublishedNetwork({ nodes: 200, rounds: 10, view: 6, events: 5, ...options })
    made.advance(5)
    return made
  }
  const flooded = ({ network, publishing }: PublishedNetwork) =>
    measureFlooding(publishing.after(5), network.protocol, 6, network.world, new Random(1))

  it('comes to whom a search in breadth comes to, and takes all links of these', () => {
    const { network, publishing } = crowd({ crash: [{ share: 0.5, round: 5 }] })
    const { alive } = network.world
    const view = new Int32Array(6)
    let messages = 0
    let hits = 0
    let wanted = 0

    for (const { publisher, matching } of publishing.after(5)) {
      const reached = new Set([publisher])

      // a set is walked with what is added to it meanwhile
      for (const node of reached) {
        const peers = [...view.subarray(0, network.protocol.members(node, view))]
        messages += peers.length
        for (const peer of peers.filter(one => alive[one] === 1)) {
          reached.add(peer)
        }
      }

      wanted += matching.length
      hits += matching.filter(member => reached.has(member)).length
    }

    assert.deepEqual(flooded({ network, publishing } as PublishedNetwork), {
      messagesPerEvent: messages / 5,
      hitRatio: hits / wanted
    })
  })

  it('is lost with all messages, and takes those of the publisher', () => {
    const lossy = crowd({ loss: 1 })
    const { hitRatio, messagesPerEvent } = flooded(lossy)
    assert.ok(hitRatio < 0.5 && messagesPerEvent <= 6)
  })
})
